//===- Placement.cpp - results that can be written where they must end -----===//

#include "Placement.h"
#include "heddle/ir/Ops.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

std::optional<unsigned> heddle::cpu::updatedArgument(func::FuncOp function, unsigned index) {
  auto name = function.getResultAttrOfType<StringAttr>(index, ir::HeddleDialect::kUpdatesAttr);
  if (!name)
    return std::nullopt;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (function.getArgAttrOfType<StringAttr>(i, ir::HeddleDialect::kNameAttr) == name)
      return i;
  return std::nullopt;
}

static bool isView(Operation *op) { return isa<ir::ReshapeOp, ir::TransposeOp, ir::SliceOp>(op); }

/// The op whose launch writes `value`, seen through reshapes of the whole.
static Value producer(Value value) {
  while (auto reshape = value.getDefiningOp<ir::ReshapeOp>())
    value = reshape.getX();
  return value;
}

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
    Value value = producer(returned);
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

//===----------------------------------------------------------------------===//
// Updates as early as may be
//===----------------------------------------------------------------------===//

/// The later of two ops of a block; null is before all.
static Operation *later(Operation *x, Operation *y) {
  if (!x || !y)
    return x ? x : y;
  return x->isBeforeInBlock(y) ? y : x;
}

/// The last op that reads `value` or a view of it, `reader` and its views aside.
static Operation *lastOtherReader(Value value, Operation *reader) {
  Operation *last = nullptr;
  for (Operation *user : value.getUsers()) {
    if (user == reader || user->hasTrait<OpTrait::IsTerminator>())
      continue;
    last =
        later(last, isView(user) ? later(user, lastOtherReader(user->getResult(0), reader)) : user);
  }
  return last;
}

void heddle::cpu::placeUpdatesEarly(func::FuncOp function) {
  Block &block = function.getBody().front();
  auto terminator = cast<func::ReturnOp>(block.getTerminator());
  // Of each op that gives new state: the arguments that it updates.
  llvm::MapVector<Operation *, SmallVector<BlockArgument>> updates;
  for (auto [i, returned] : llvm::enumerate(terminator.getOperands()))
    if (auto argument = updatedArgument(function, i))
      if (auto fusion = producer(returned).getDefiningOp<ir::FusionOp>())
        updates[fusion].push_back(function.getArgument(*argument));
  auto moveUp = [&](Operation *op) {
    Operation *last = nullptr;
    for (Value operand : op->getOperands())
      last = later(last, operand.getDefiningOp());
    if (auto entry = updates.find(op); entry != updates.end())
      for (BlockArgument argument : entry->second)
        last = later(last, lastOtherReader(argument, op));
    if (!last)
      op->moveBefore(&block, block.begin());
    else if (last->isBeforeInBlock(op) && last->getNextNode() != op)
      op->moveAfter(last);
  };
  // First what updates share: learning rates, corrections of moments, the number of the step.
  for (Operation &op : llvm::make_early_inc_range(block)) {
    const bool isScalar = isa<ir::FusionOp>(op) && llvm::all_of(op.getResultTypes(), [](Type type) {
                            return cast<RankedTensorType>(type).getNumElements() == 1;
                          });
    if (isScalar || isa<ir::ConstantOp>(op))
      moveUp(&op);
  }
  for (auto &entry : updates)
    moveUp(entry.first);
}
