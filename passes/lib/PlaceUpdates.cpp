//===- PlaceUpdates.cpp - new state as soon as it can be -------------------===//

#include "heddle/ir/Ops.h"
#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Passes.h"
#include "heddle/passes/Updates.h"

#include "llvm/ADT/MapVector.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLEPLACEUPDATES
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

std::optional<unsigned> passes::updatedArgument(func::FuncOp function, unsigned index) {
  auto name = function.getResultAttrOfType<StringAttr>(index, ir::HeddleDialect::kUpdatesAttr);
  if (!name)
    return std::nullopt;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (function.getArgAttrOfType<StringAttr>(i, ir::HeddleDialect::kNameAttr) == name)
      return i;
  return std::nullopt;
}

SmallVector<Value> passes::partsOf(Value returned) {
  if (auto fusion = returned.getDefiningOp<ir::FusionOp>())
    if (auto concat = dyn_cast<ir::ConcatOp>(fusion.getBody().front().front());
        concat && concat.getDimension() == 0)
      return llvm::map_to_vector(concat.getInputs(), [&](Value input) {
        return fusion.getInputs()[cast<BlockArgument>(input).getArgNumber()];
      });
  return {returned};
}

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

namespace {

struct PlaceUpdates : passes::impl::HeddlePlaceUpdatesBase<PlaceUpdates> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isDeclaration())
      return;
    Block &block = function.getBody().front();
    auto terminator = cast<func::ReturnOp>(block.getTerminator());
    // Of each op that gives new state: the arguments that it updates.
    llvm::MapVector<Operation *, SmallVector<BlockArgument>> updates;
    for (auto [i, returned] : llvm::enumerate(terminator.getOperands()))
      if (auto argument = updatedArgument(function, i))
        if (auto fusion = withoutReshapes(returned).getDefiningOp<ir::FusionOp>())
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
      const bool isScalar =
          isa<ir::FusionOp>(op) && llvm::all_of(op.getResultTypes(), [](Type type) {
            return cast<RankedTensorType>(type).getNumElements() == 1;
          });
      if (isScalar || isa<ir::ConstantOp>(op))
        moveUp(&op);
    }
    for (auto &entry : updates) {
      moveUp(entry.first);
      ++numPlaced;
    }
  }
};

} // namespace
