//===- Placement.cpp - results that can be written where they must end -----===//

#include "Placement.h"
#include "heddle/ir/Ops.h"
#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Updates.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;
using namespace heddle::passes;

/// Whether the fusion reads block argument `argument` only at the position that it writes.
static bool readsInPlace(ir::FusionOp fusion, unsigned argument, unsigned result) {
  Block &body = fusion.getBody().front();
  auto yield = cast<ir::YieldOp>(body.getTerminator());
  auto kind = fusion->getAttrOfType<StringAttr>("kind").getValue();
  if (kind == "single") {
    auto update = yield.getValues()[result].getDefiningOp<ir::DynamicUpdateSliceOp>();
    return update && update.getX() == body.getArgument(argument) &&
           body.getArgument(argument).hasOneUse();
  }
  if (kind != "rows" || body.getArgument(argument).getType() != yield.getValues()[result].getType())
    return false;
  for (Operation &op : body)
    if (isa<ir::ReduceSumOp, ir::ReduceMaxOp, ir::ReduceMinOp>(op))
      return false;
  ArrayRef<int64_t> domain = fusion->getAttrOfType<DenseI64ArrayAttr>("domain").asArrayRef();
  if (cast<RankedTensorType>(body.getArgument(argument).getType()).getShape() != domain)
    return false;
  return llvm::all_of(body.getArgument(argument).getUsers(), [](Operation *user) {
    return isa<ir::ElementwiseOpInterface>(user) || isa<ir::YieldOp>(user);
  });
}

/// Whether every reader of `argument`'s buffer is done when `writer` writes it.
static bool isFreeFor(Value argument, Operation *writer, unsigned result) {
  SmallVector<Value> views{argument};
  while (!views.empty()) {
    Value view = views.pop_back_val();
    for (OpOperand &use : view.getUses()) {
      Operation *user = use.getOwner();
      if (isView(user)) {
        views.push_back(user->getResult(0));
        continue;
      }
      if (user == writer) {
        auto fusion = dyn_cast<ir::FusionOp>(user);
        if (view == argument && fusion && readsInPlace(fusion, use.getOperandNumber(), result))
          continue;
        return false;
      }
      if (!user->isBeforeInBlock(writer))
        return false;
    }
  }
  return true;
}

DenseMap<Value, unsigned> heddle::cpu::directResults(func::FuncOp function) {
  DenseMap<Value, unsigned> direct;
  auto terminator = cast<func::ReturnOp>(function.getBody().front().getTerminator());
  for (auto [i, returned] : llvm::enumerate(terminator.getOperands())) {
    Value value = withoutReshapes(returned);
    Operation *writer = value.getDefiningOp();
    if (!isa_and_present<ir::FusionOp, ir::ContractionOp>(writer) || direct.count(value))
      continue;
    if (auto argument = updatedArgument(function, i))
      if (!isFreeFor(function.getArgument(*argument), writer,
                     cast<OpResult>(value).getResultNumber()))
        continue;
    direct[value] = i;
  }
  return direct;
}
