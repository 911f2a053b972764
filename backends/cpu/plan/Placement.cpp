//===- Placement.cpp - results that can be written where they must end -----===//

#include "Placement.h"
#include "heddle/ir/Ops.h"
#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Updates.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;
using namespace heddle::passes;

/// Whether the row kernel reads its operands no more once it has written `result`. It loops over a
/// row once for all that takes the same number of reductions, one after the other.
static bool isOfLastLoop(Block &body, ArrayRef<int64_t> domain, Value result) {
  DenseMap<Value, int> loopOf;
  int last = 0;
  for (Operation &op : body.without_terminator()) {
    int loop = 0;
    for (Value operand : op.getOperands())
      loop = std::max(loop, loopOf.lookup(operand));
    if (isReduction(&op))
      last = std::max(last, loop++);
    loopOf[op.getResult(0)] = loop;
  }
  for (Value yielded : body.getTerminator()->getOperands())
    if (cast<RankedTensorType>(yielded.getType()).getShape() == domain)
      last = std::max(last, loopOf.lookup(yielded));
  return loopOf.lookup(result) == last;
}

/// Whether the fusion may write `result` over block argument `argument`: it reads each element
/// before it writes at the same position.
static bool readsInPlace(ir::FusionOp fusion, unsigned argument, unsigned result) {
  Block &body = fusion.getBody().front();
  Value old = body.getArgument(argument);
  Value written = cast<ir::YieldOp>(body.getTerminator()).getValues()[result];
  auto kind = fusion->getAttrOfType<StringAttr>("kind").getValue();
  if (kind == "single") {
    if (auto update = written.getDefiningOp<ir::DynamicUpdateSliceOp>())
      return update.getX() == old && old.hasOneUse();
    auto scatter = written.getDefiningOp<ir::ScatterAddOp>();
    return scatter && scatter.getTable() == old && old.hasOneUse();
  }
  if (kind != "rows" || old.getType() != written.getType())
    return false;
  ArrayRef<int64_t> domain = fusion->getAttrOfType<DenseI64ArrayAttr>("domain").asArrayRef();
  if (cast<RankedTensorType>(old.getType()).getShape() != domain ||
      !isOfLastLoop(body, domain, written))
    return false;
  return llvm::all_of(old.getUsers(), [](Operation *user) {
    return isa<ir::ElementwiseOpInterface, ir::YieldOp>(user) || isReduction(user);
  });
}

Operation *heddle::cpu::lateReader(Value old, Operation *writer, unsigned result) {
  SmallVector<Value> views{old};
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
        if (withoutReshapes(view) == old && fusion &&
            readsInPlace(fusion, use.getOperandNumber(), result))
          continue;
        return user;
      }
      if (!user->isBeforeInBlock(writer))
        return user;
    }
  }
  return nullptr;
}

static bool isReadBefore(Value value, Operation *op) {
  return llvm::all_of(value.getUsers(), [&](Operation *user) {
    return isView(user) ? isReadBefore(user->getResult(0), op) : user->isBeforeInBlock(op);
  });
}

/// Whether `part` may be written over the rows of `argument` from `firstRow` on: what is read later
/// are other rows, or these alone by the kernel that writes them.
static bool mayOverwriteRows(Value argument, int64_t firstRow, OpResult part) {
  auto type = cast<RankedTensorType>(part.getType());
  const int64_t end = firstRow + type.getDimSize(0);
  return llvm::all_of(argument.getUsers(), [&](Operation *user) {
    if (!isView(user))
      return user->isBeforeInBlock(part.getOwner());
    if (auto slice = dyn_cast<ir::SliceOp>(user)) {
      const int64_t first = slice.getStarts()[0], last = slice.getLimits()[0];
      if (last <= firstRow || end <= first)
        return true;
      if (first == firstRow && last == end && slice.getType() == type && slice.getStrides()[0] == 1)
        return !lateReader(slice, part.getOwner(), part.getResultNumber());
    }
    return isReadBefore(user->getResult(0), part.getOwner());
  });
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

/// Parts of result `index` that can be written in their place.
static void placeParts(ArrayRef<Value> parts, unsigned index, func::FuncOp function,
                       DenseMap<Value, Destination> &direct) {
  auto updated = updatedArgument(function, index);
  int64_t end = 0;
  for (Value part : parts) {
    const int64_t first = end;
    end += cast<RankedTensorType>(part.getType()).getDimSize(0);
    if (isa_and_present<ir::FusionOp, ir::ContractionOp>(part.getDefiningOp()) &&
        part.hasOneUse() && !direct.contains(part) &&
        (!updated || mayOverwriteRows(function.getArgument(*updated), first, cast<OpResult>(part))))
      direct[part] = {index, first};
  }
}

DenseMap<Value, Destination> heddle::cpu::directResults(func::FuncOp function,
                                                        const Remarks &remarks) {
  DenseMap<Value, Destination> direct;
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
    if (!isPlaceable)
      continue;
    direct[value] = {static_cast<unsigned>(i)};
    if (SmallVector<Value> parts = partsOf(value); parts.front() != value)
      placeParts(parts, static_cast<unsigned>(i), function, direct);
  }
  return direct;
}
