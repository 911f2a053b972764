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

/// Whether the fusion reads each element of `product` only where it computes the same one.
static bool readsInPlace(ir::FusionOp fusion, Value product) {
  ArrayRef<int64_t> domain =
      fusion->getAttrOfType<DenseI64ArrayAttr>(kFusionDomainAttr).asArrayRef();
  return llvm::all_of(fusion.getInputsMutable(), [&](OpOperand &input) {
    if (withoutViews(input.get()) != product)
      return true;
    BlockArgument argument = fusion.getBody().front().getArgument(input.getOperandNumber());
    return withoutReshapes(input.get()) == product && shapeOf(argument) == domain &&
           llvm::all_of(argument.getUsers(), [](Operation *user) {
             return isa<ir::ElementwiseOpInterface, ir::YieldOp>(user);
           });
  });
}

int64_t heddle::cpu::otherTensors(ir::FusionOp fusion) {
  auto isWhole = [&](Value value) {
    return shapeOf(value) ==
           fusion->getAttrOfType<DenseI64ArrayAttr>(kFusionDomainAttr).asArrayRef();
  };
  return llvm::count_if(fusion.getBody().front().getArguments(), isWhole) - 1 +
         llvm::count_if(fusion.getOutputs(), isWhole);
}

/// The first op that reads `product` or a view of it, if it is a fusion of kind rows.
static ir::FusionOp firstReader(Value product) {
  Operation *first = nullptr;
  SmallVector<Value> views{product};
  while (!views.empty())
    for (Operation *user : views.pop_back_val().getUsers()) {
      if (isView(user))
        views.push_back(user->getResult(0));
      else if (!first || user->isBeforeInBlock(first))
        first = user;
    }
  auto fusion = dyn_cast_or_null<ir::FusionOp>(first);
  return fusion && fusion->getAttrOfType<StringAttr>(kFusionKindAttr).getValue() == "rows"
             ? fusion
             : ir::FusionOp();
}

static const char *obstacle(ir::ContractionOp contraction, ir::FusionOp fusion) {
  if (!isElementwise(fusion))
    return "it works on whole rows, of which a block of the product has a part";
  if (!readsInPlace(fusion, contraction.getResult()))
    return "it reads other elements of the product than the one it computes";
  // What is launched in between may write over what the product reads.
  Operation *next = contraction->getNextNode();
  while (isView(next) || isa<ir::ConstantOp>(next))
    next = next->getNextNode();
  return next == fusion ? nullptr : "something else is launched in between";
}

DenseMap<Operation *, ProductReader> heddle::cpu::findEpilogues(func::FuncOp function) {
  DenseMap<Operation *, ProductReader> epilogues;
  for (auto contraction : function.getOps<ir::ContractionOp>())
    if (ir::FusionOp fusion = firstReader(contraction.getResult()))
      epilogues[contraction] = {fusion, obstacle(contraction, fusion)};
  return epilogues;
}

Operation *heddle::cpu::opThatReads(ir::FusionOp fusion, Value product) {
  for (auto [input, argument] :
       llvm::zip_equal(fusion.getInputs(), fusion.getBody().front().getArguments()))
    if (withoutViews(input) == product)
      for (Operation &op : fusion.getBody().front())
        if (llvm::is_contained(op.getOperands(), argument))
          return &op;
  return fusion;
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
