//===- Rematerialize.cpp - values computed again instead of kept ----------===//
//
// The largest values of a training step wait from the forward to the backward part. Some are a few
// elementwise ops away from what waits there anyway: the result of a GELU from its operand, that of
// a layer norm from its operand and each row's mean and deviation.
//
//===----------------------------------------------------------------------===//

#include "heddle/ir/Ops.h"
#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Passes.h"
#include "heddle/passes/Remarks.h"
#include "heddle/passes/Updates.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLEREMATERIALIZE
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

namespace {

/// A use by an op that is no view, and the views from the value to it.
struct Use {
  OpOperand *operand;
  SmallVector<Operation *> views;
};

/// When each value of the function's block is needed, in places of the block.
class Liveness {
public:
  explicit Liveness(func::FuncOp function) {
    Block &block = function.getBody().front();
    for (auto [place, op] : llvm::enumerate(block))
      places[&op] = static_cast<int64_t>(place);
    bytes.resize(places.size());
    // New state is written in place, and what else is returned to the caller's memory.
    llvm::DenseSet<Value> returned;
    for (auto [i, value] : llvm::enumerate(block.getTerminator()->getOperands())) {
      SmallVector<Value> parts = partsOf(withoutReshapes(value));
      returned.insert(parts.begin(), parts.end());
      returned.insert(withoutReshapes(value));
      auto argument = updatedArgument(function, static_cast<unsigned>(i));
      for (Value part : parts)
        if (Operation *writer = part.getDefiningOp(); argument && writer) {
          BlockArgument old = function.getArgument(*argument);
          auto [entry, isNew] = overwritten.try_emplace(old, places[writer]);
          entry->second = std::min(entry->second, places[writer]);
        }
    }
    for (Operation &op : block) {
      if (!isa<ir::FusionOp, ir::ContractionOp>(op))
        continue;
      for (Value value : op.getResults()) {
        if (returned.contains(value))
          continue;
        for (int64_t place = places[&op], last = lastUse(value); place <= last; ++place)
          bytes[place] += bytesOf(value);
      }
    }
  }

  int64_t placeOf(Operation *op) const { return places.lookup(op); }
  /// Of the value and its views.
  SmallVector<Use> usesOf(Value value) const {
    SmallVector<Use> uses;
    collect(value, {}, uses);
    return uses;
  }
  int64_t lastUse(Value value) const {
    int64_t last = -1;
    for (const Use &use : usesOf(value))
      last = std::max(last, placeOf(use.operand->getOwner()));
    return last;
  }
  /// Whether the memory behind the value is needed at `place` or later in any case.
  bool waitsFor(Value value, int64_t place) const {
    while (Operation *op = value.getDefiningOp()) {
      if (isa<ir::ConstantOp>(op))
        return true;
      if (!isView(op))
        return lastUse(value) >= place;
      value = op->getOperand(0);
    }
    // An argument of the function: until it is overwritten.
    auto written = overwritten.find(value);
    return written == overwritten.end() || written->second >= place;
  }
  /// The place with the most bytes.
  int64_t peak() const { return llvm::max_element(bytes) - bytes.begin(); }

private:
  static void collect(Value value, SmallVector<Operation *> views, SmallVector<Use> &uses) {
    for (OpOperand &operand : value.getUses()) {
      Operation *user = operand.getOwner();
      if (!isView(user)) {
        uses.push_back({&operand, views});
        continue;
      }
      SmallVector<Operation *> longer = views;
      longer.push_back(user);
      collect(user->getResult(0), longer, uses);
    }
  }

  llvm::DenseMap<Operation *, int64_t> places;
  llvm::DenseMap<Value, int64_t> overwritten; // where arguments get their new values
  SmallVector<int64_t> bytes;
};

/// What gives a result of a fusion back: ops of its body, and the values outside that they read.
struct Recipe {
  llvm::SetVector<Operation *> ops;
  SmallVector<std::pair<Value, Value>> sources; // in the body, and outside
  const char *obstacle = nullptr;               // why it cannot be had back
};

/// What the user knows a result of a fusion as.
Operation *yieldedBy(OpResult result) {
  auto fusion = cast<ir::FusionOp>(result.getOwner());
  return fusion.getBody()
      .front()
      .getTerminator()
      ->getOperand(result.getResultNumber())
      .getDefiningOp();
}

struct Rematerialize : passes::impl::HeddleRematerializeBase<Rematerialize> {
  using HeddleRematerializeBase::HeddleRematerializeBase;

  void runOnOperation() override {
    if (getOperation().isDeclaration())
      return;
    // Each round takes one value off the peak, which may then be elsewhere.
    while (rematerializeOne()) {
    }
  }

private:
  bool rematerializeOne() {
    const Liveness live(getOperation());
    const int64_t peak = live.peak();
    SmallVector<std::pair<OpResult, const char *>> waiting;
    for (Operation &op : getOperation().getBody().front()) {
      auto fusion = dyn_cast<ir::FusionOp>(op);
      if (live.placeOf(&op) >= peak)
        break;
      if (!fusion || fusion->getAttrOfType<StringAttr>(kFusionKindAttr) != "rows")
        continue;
      for (OpResult result : fusion->getResults()) {
        if (bytesOf(result) < minBytes)
          continue;
        SmallVector<Use> late;
        Operation *first = nullptr;               // of those after the peak
        bool isUsedBefore = false, isIdle = true; // at the peak
        for (Use &use : live.usesOf(result)) {
          Operation *user = use.operand->getOwner();
          const int64_t place = live.placeOf(user);
          isUsedBefore |= place < peak;
          isIdle &= place != peak && !isa<func::ReturnOp>(user);
          if (place > peak) {
            if (!first || user->isBeforeInBlock(first))
              first = user;
            late.push_back(std::move(use));
          }
        }
        if (!isUsedBefore || !isIdle || late.empty())
          continue;
        const Recipe recipe = findRecipe(fusion, result, live, live.placeOf(first));
        if (recipe.obstacle) {
          waiting.emplace_back(result, recipe.obstacle);
          continue;
        }
        sayComputedAgain(result, first);
        computeAgain(fusion, result, recipe, late, first);
        ++numRematerialized;
        return true;
      }
    }
    for (auto [result, obstacle] : waiting)
      sayKept(result, obstacle);
    return false;
  }

  void sayComputedAgain(OpResult result, Operation *reader) {
    if (Operation *op = yieldedBy(result))
      Remarks(*this, getOperation()).passed(op->getLoc(), "Rematerialized")
          << remark::add("{0} ({1}) is computed again for {2}, and its memory is free in between",
                         nameForUser(op), sizeForUser(result), nameSeenFrom(op->getLoc(), reader));
  }
  void sayKept(OpResult result, const char *obstacle) {
    if (Operation *op = yieldedBy(result))
      Remarks(*this, getOperation()).missed(op->getLoc(), "Kept")
          << remark::add("{0} ({1}) waits in memory where the most is in use", nameForUser(op),
                         sizeForUser(result))
          << remark::reason("{0}", obstacle);
  }

  /// Has an obstacle if it takes a reduction, too many ops, or a value that is not there at
  /// `place`.
  Recipe findRecipe(ir::FusionOp fusion, OpResult result, const Liveness &live, int64_t place) {
    Block &body = fusion.getBody().front();
    ValueRange yielded = body.getTerminator()->getOperands();
    Recipe recipe;
    llvm::DenseSet<Value> seen;
    auto visit = [&](auto &self, Value value) -> bool {
      if (!seen.insert(value).second)
        return true;
      for (auto [i, other] : llvm::enumerate(yielded))
        if (other == value && i != result.getResultNumber() &&
            live.waitsFor(fusion.getResult(i), place)) {
          recipe.sources.emplace_back(value, fusion.getResult(i));
          return true;
        }
      if (auto argument = dyn_cast<BlockArgument>(value)) {
        Value input = fusion.getInputs()[argument.getArgNumber()];
        recipe.sources.emplace_back(value, input);
        if (!live.waitsFor(input, place))
          recipe.obstacle = "what it is computed from is not kept that long";
        return !recipe.obstacle;
      }
      Operation *op = value.getDefiningOp();
      if (!isa<ir::ElementwiseOpInterface, ir::BroadcastOp, ir::ConstantOp, ir::IotaOp>(op)) {
        recipe.obstacle = "to compute it again takes more than elementwise ops";
        return false;
      }
      for (Value operand : op->getOperands())
        if (!self(self, operand))
          return false;
      recipe.ops.insert(op); // after what it reads
      if (static_cast<int64_t>(recipe.ops.size()) > maxOps)
        recipe.obstacle = "to compute it again takes too many ops";
      return !recipe.obstacle;
    };
    if (visit(visit, yielded[result.getResultNumber()]) && recipe.ops.empty())
      recipe.obstacle = "its kernel computes nothing";
    return recipe;
  }

  /// A fusion of its own before the first of the users, for all of them.
  void computeAgain(ir::FusionOp fusion, OpResult result, const Recipe &recipe, ArrayRef<Use> uses,
                    Operation *first) {
    OpBuilder builder(first);
    SmallVector<Value> inputs;
    for (auto [inside, outside] : recipe.sources)
      inputs.push_back(outside);
    auto again = ir::FusionOp::create(builder, fusion.getLoc(), TypeRange{result.getType()}, inputs,
                                      fusion->getAttrs());
    Block &body = again.getBody().emplaceBlock();
    IRMapping mapping;
    for (auto [inside, outside] : recipe.sources)
      mapping.map(inside, body.addArgument(inside.getType(), outside.getLoc()));
    OpBuilder inner = OpBuilder::atBlockEnd(&body);
    for (Operation *op : recipe.ops)
      inner.clone(*op, mapping);
    Value yielded = fusion.getBody().front().getTerminator()->getOperand(result.getResultNumber());
    ir::YieldOp::create(inner, fusion.getLoc(), mapping.lookup(yielded));

    for (const Use &use : uses) {
      Value value = again->getResult(0);
      for (Operation *view : use.views) {
        IRMapping operand;
        operand.map(view->getOperand(0), value);
        value = builder.clone(*view, operand)->getResult(0);
      }
      use.operand->set(value);
    }
  }
};

} // namespace
