//===- Epilogues.cpp - fusions that are computed with a product --------------===//

#include "Epilogues.h"
#include "heddle/passes/FusionForm.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;
using namespace heddle::passes;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// Whether every value in the fusion has an element for each of its domain: no reductions.
static bool isElementwise(ir::FusionOp fusion) {
  if (fusion->getAttrOfType<StringAttr>(kFusionKindAttr).getValue() != "rows")
    return false;
  ArrayRef<int64_t> domain =
      fusion->getAttrOfType<DenseI64ArrayAttr>(kFusionDomainAttr).asArrayRef();
  auto isFull = [&](Value value) { return shapeOf(value) == domain; };
  Block &body = fusion.getBody().front();
  return llvm::all_of(body.without_terminator(),
                      [&](Operation &op) {
                        return !isReduction(&op) && llvm::all_of(op.getResults(), isFull);
                      }) &&
         llvm::all_of(body.getTerminator()->getOperands(), isFull);
}

/// Whether the fusion reads `product`, and each element of it only where it computes the same one.
static bool readsInPlace(ir::FusionOp fusion, Value product) {
  ArrayRef<int64_t> domain =
      fusion->getAttrOfType<DenseI64ArrayAttr>(kFusionDomainAttr).asArrayRef();
  bool isRead = false;
  for (OpOperand &input : fusion.getInputsMutable()) {
    Value viewed = input.get();
    while (viewed.getDefiningOp() && isView(viewed.getDefiningOp()))
      viewed = viewed.getDefiningOp()->getOperand(0);
    if (viewed != product)
      continue;
    BlockArgument argument = fusion.getBody().front().getArgument(input.getOperandNumber());
    isRead = withoutReshapes(input.get()) == product && shapeOf(argument) == domain &&
             llvm::all_of(argument.getUsers(), [](Operation *user) {
               return isa<ir::ElementwiseOpInterface, ir::YieldOp>(user);
             });
    if (!isRead)
      return false;
  }
  return isRead;
}

/// Whether it pays that the product is in the cache: of an update with moments, which moves six
/// more tensors, it does not make up for walking all of them in the blocks of the product.
static bool isWorthIt(ir::FusionOp fusion) {
  constexpr size_t kMostOthers = 3;
  auto isWhole = [&](Value value) {
    return shapeOf(value) ==
           fusion->getAttrOfType<DenseI64ArrayAttr>(kFusionDomainAttr).asArrayRef();
  };
  const auto whole = [&](ValueRange values) {
    return static_cast<size_t>(llvm::count_if(values, isWhole));
  };
  return whole(fusion.getBody().front().getArguments()) - 1 + whole(fusion.getOutputs()) <=
         kMostOthers;
}

DenseMap<Operation *, ir::FusionOp> heddle::cpu::findEpilogues(func::FuncOp function) {
  DenseMap<Operation *, ir::FusionOp> epilogues;
  for (auto contraction : function.getOps<ir::ContractionOp>()) {
    Operation *next = contraction->getNextNode();
    while (isView(next) || isa<ir::ConstantOp>(next))
      next = next->getNextNode();
    if (auto fusion = dyn_cast<ir::FusionOp>(next); fusion && isElementwise(fusion) &&
                                                    readsInPlace(fusion, contraction.getResult()) &&
                                                    isWorthIt(fusion))
      epilogues[contraction] = fusion;
  }
  return epilogues;
}

std::string heddle::cpu::textOf(ir::FusionOp fusion) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << fusion->getAttrDictionary();
  DenseMap<Value, size_t> numbers;
  auto number = [&](Value value) {
    return numbers.try_emplace(value, numbers.size()).first->second;
  };
  Block &body = fusion.getBody().front();
  for (BlockArgument argument : body.getArguments())
    stream << ' ' << number(argument) << ':' << argument.getType();
  for (Operation &op : body) {
    stream << '\n' << op.getName() << op.getAttrDictionary();
    for (Value operand : op.getOperands())
      stream << ' ' << number(operand);
    for (Value opResult : op.getResults())
      stream << " = " << number(opResult) << ':' << opResult.getType();
  }
  return text;
}

bool heddle::cpu::isOnlyReader(ir::FusionOp fusion, Value product) {
  return llvm::all_of(product.getUsers(), [&](Operation *user) {
    if (auto reshape = dyn_cast<ir::ReshapeOp>(user))
      return isOnlyReader(fusion, reshape);
    return user == fusion;
  });
}
