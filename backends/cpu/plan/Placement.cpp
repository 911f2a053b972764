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

/// The op that still needs what is in `argument`'s buffer when `writer` writes it, or null.
static Operation *lateReader(Value argument, Operation *writer, unsigned result) {
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
        return user;
      }
      if (!user->isBeforeInBlock(writer))
        return user;
    }
  }
  return nullptr;
}

static void sayCopied(const Remarks &remarks, Value returned, Operation *writer,
                      Operation *reader) {
  std::string reason = "the new value is not computed here";
  if (writer && !reader)
    reason = "the new value is written elsewhere too";
  else if (reader == writer && reader)
    reason = "its kernel reads more of the old value than the element that it writes";
  else if (reader)
    reason = isa<func::ReturnOp>(reader)
                 ? "the function returns the old value too"
                 : nameSeenFrom(returned.getLoc(), reader) + " reads the old value later";
  remarks.missed(returned.getLoc(), "StateCopied")
      << remark::add("new state ({0}) is not written in place but copied", sizeForUser(returned))
      << remark::reason("{0}", reason);
}

DenseMap<Value, unsigned> heddle::cpu::directResults(func::FuncOp function,
                                                     const Remarks &remarks) {
  DenseMap<Value, unsigned> direct;
  auto terminator = cast<func::ReturnOp>(function.getBody().front().getTerminator());
  for (auto [i, returned] : llvm::enumerate(terminator.getOperands())) {
    Value value = withoutReshapes(returned);
    Operation *writer = value.getDefiningOp();
    const bool isPlaceable =
        isa_and_present<ir::FusionOp, ir::ContractionOp>(writer) && !direct.count(value);
    if (auto updated = updatedArgument(function, i)) {
      Value argument = function.getArgument(*updated);
      Operation *reader =
          isPlaceable ? lateReader(argument, writer, cast<OpResult>(value).getResultNumber())
                      : nullptr;
      if (!isPlaceable || reader) {
        if (value != argument)
          sayCopied(remarks, returned, writer, reader);
        continue;
      }
      remarks.passed(returned.getLoc(), "StateInPlace")
          << remark::add("new state is written in place");
    }
    if (isPlaceable)
      direct[value] = i;
  }
  return direct;
}
