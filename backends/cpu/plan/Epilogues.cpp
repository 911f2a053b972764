//===- Epilogues.cpp - fusions that are computed with a product --------------===//

#include "Epilogues.h"
#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Updates.h"

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

/// Whether the fusion reads this operand only where it computes the same element.
static bool readsInPlace(ir::FusionOp fusion, unsigned operand) {
  BlockArgument argument = fusion.getBody().front().getArgument(operand);
  ArrayRef<int64_t> domain =
      fusion->getAttrOfType<DenseI64ArrayAttr>(kFusionDomainAttr).asArrayRef();
  return shapeOf(argument) == domain && llvm::all_of(argument.getUsers(), [](Operation *user) {
           return isa<ir::ElementwiseOpInterface, ir::YieldOp>(user);
         });
}

/// The first op that reads `product` or a view of it, if it is a fusion that reads each element in
/// its place.
static ir::FusionOp epilogueOf(Value product) {
  Operation *first = nullptr;
  SmallVector<OpOperand *> reads;
  SmallVector<Value> views{product};
  while (!views.empty()) {
    for (OpOperand &use : views.pop_back_val().getUses()) {
      if (isView(use.getOwner())) {
        views.push_back(use.getOwner()->getResult(0));
        continue;
      }
      reads.push_back(&use);
      if (!first || use.getOwner()->isBeforeInBlock(first))
        first = use.getOwner();
    }
  }
  auto fusion = dyn_cast_or_null<ir::FusionOp>(first);
  if (!fusion || !isElementwise(fusion))
    return {};
  for (OpOperand *read : reads)
    if (read->getOwner() == first && (withoutReshapes(read->get()) != product ||
                                      !readsInPlace(fusion, read->getOperandNumber())))
      return {};
  return fusion;
}

DenseMap<Operation *, ir::FusionOp>
heddle::cpu::findEpilogues(func::FuncOp function, const DenseMap<Value, unsigned> &direct) {
  auto changesState = [&](Operation &op) {
    return llvm::any_of(op.getResults(), [&](Value result) {
      auto place = direct.find(result);
      return place != direct.end() && updatedArgument(function, place->second);
    });
  };
  DenseMap<Operation *, ir::FusionOp> epilogues;
  DenseMap<Operation *, Operation *> taken; // fusions, by a contraction
  for (auto contraction : function.getOps<ir::ContractionOp>()) {
    ir::FusionOp fusion = epilogueOf(contraction.getResult());
    if (!fusion)
      continue;
    // The product waits for the fusion, and must find its operands as they are now.
    if (llvm::any_of(llvm::make_range(std::next(contraction->getIterator()), fusion->getIterator()),
                     changesState))
      continue;
    // Of several products, the last one takes the fusion.
    if (Operation *&before = taken[fusion])
      epilogues.erase(before);
    taken[fusion] = contraction;
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
  while (product.hasOneUse() && isa<ir::ReshapeOp>(*product.user_begin()))
    product = product.user_begin()->getResult(0);
  return llvm::all_of(product.getUsers(), [&](Operation *user) { return user == fusion; });
}
