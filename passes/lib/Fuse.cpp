//===- Fuse.cpp - ops to kernels ------------------------------------------===//

#include "FusionBuilder.h"
#include "heddle/passes/Passes.h"

#include "mlir/IR/IRMapping.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLEFUSE
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

/// What is made a kernel of its own here; a view becomes one only where it would not do.
static bool isMadeSingle(Operation *op) {
  return isSingleKernel(op) && !isa<ir::TransposeOp, ir::SliceOp, ir::ReshapeOp>(op);
}

namespace {

/// Orders kernels and the ops between them, and writes the function anew in that order.
class Rewriter {
public:
  Rewriter(func::FuncOp function, FusionGraph &graph)
      : function(function), graph(graph), builder(function) {}

  std::vector<FusionBody> bodies; // one a kernel

  void run() {
    plan();
    Block &block = function.getBody().front();
    SmallVector<Operation *> old;
    for (Operation &op : block)
      old.push_back(&op);
    llvm::DenseSet<Operation *> kept;
    builder.setInsertionPointToEnd(&block);
    for (Step &step : steps) {
      if (step.body) {
        SmallVector<Value> inputs;
        for (Value input : step.body->inputs)
          inputs.push_back(current(input, kept));
        SmallVector<Value> outputs = step.body->outputs;
        ir::FusionOp fusion = createFusion(builder, std::move(*step.body), inputs);
        for (auto [from, to] : llvm::zip_equal(outputs, fusion->getResults()))
          replacement.map(from, to);
        continue;
      }
      for (OpOperand &operand : step.op->getOpOperands())
        operand.set(current(operand.get(), kept));
      step.op->moveBefore(&block, block.end());
      kept.insert(step.op);
    }
    for (Operation *op : llvm::reverse(old))
      if (!kept.contains(op)) {
        op->dropAllUses();
        op->erase();
      }
  }

private:
  struct Step {
    Operation *op = nullptr;
    FusionBody *body = nullptr;
  };

  /// A value as the new function has it; constants move along with their first use.
  Value current(Value value, llvm::DenseSet<Operation *> &kept) {
    if (Value made = replacement.lookupOrNull(value))
      return made;
    if (auto constant = value.getDefiningOp<ir::ConstantOp>();
        constant && kept.insert(constant).second)
      constant->moveBefore(&function.getBody().front(), function.getBody().front().end());
    return value;
  }

  void plan() {
    llvm::DenseMap<FusionGroup *, unsigned> bodyOf;
    llvm::DenseMap<Operation *, unsigned> singleOf;
    llvm::MapVector<Operation *, unsigned> lastMember;
    for (Operation &op : function.getBody().front()) {
      if (FusionGroup *group = graph.groupOf(&op)) {
        if (!bodyOf.contains(group)) {
          bodyOf[group] = bodies.size();
          bodies.push_back(buildGroupBody(graph, *group));
          lastMember[group->ops.back()] = bodyOf[group];
        }
      } else if (fusionClass(&op) == FusionClass::opaque && isMadeSingle(&op)) {
        singleOf[&op] = bodies.size();
        lastMember[&op] = bodies.size();
        bodies.push_back(buildSingleBody(&op));
      }
    }
    // Bodies no longer move, so that steps may point at them.
    llvm::DenseSet<Operation *> visitedOps;
    llvm::DenseSet<unsigned> visitedBodies;
    std::function<void(Value)> require = [&](Value value) {
      Operation *op = value.getDefiningOp();
      if (!op)
        return;
      if (auto single = singleOf.find(op); single != singleOf.end())
        return emitBody(single->second, visitedBodies, require);
      if (FusionGroup *group = graph.groupOf(op))
        return emitBody(bodyOf.lookup(group), visitedBodies, require);
      emitOp(op, visitedOps, require);
    };
    for (Operation &op : function.getBody().front()) {
      if (auto last = lastMember.find(&op); last != lastMember.end())
        emitBody(last->second, visitedBodies, require);
      else if (!graph.groupOf(&op) && fusionClass(&op) == FusionClass::opaque)
        emitOp(&op, visitedOps, require);
    }
  }
  void emitBody(unsigned index, llvm::DenseSet<unsigned> &visited,
                function_ref<void(Value)> require) {
    if (bodies[index].outputs.empty() || !visited.insert(index).second)
      return;
    for (Value input : bodies[index].inputs)
      require(input);
    steps.push_back({nullptr, &bodies[index]});
  }
  void emitOp(Operation *op, llvm::DenseSet<Operation *> &visited,
              function_ref<void(Value)> require) {
    // Constants follow their uses.
    if (isa<ir::ConstantOp>(op) || !visited.insert(op).second)
      return;
    for (Value operand : op->getOperands())
      require(operand);
    steps.push_back({op, nullptr});
  }

  func::FuncOp function;
  FusionGraph &graph;
  OpBuilder builder;
  std::vector<Step> steps;
  IRMapping replacement;
};

struct Fuse : passes::impl::HeddleFuseBase<Fuse> {
  using HeddleFuseBase::HeddleFuseBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isDeclaration())
      return;
    if (maxOperands < 2 || maxOperands >= static_cast<int64_t>(kFusionValueLimit)) {
      function.emitError() << "option 'max-operands' is " << maxOperands.getValue()
                           << ", but lies between 2 and " << kFusionValueLimit - 1;
      return signalPassFailure();
    }
    const Remarks remarks(*this, function);
    FusionGraph graph(function, maxOperands, remarks);
    graph.run();
    Rewriter rewriter(function, graph);
    rewriter.run();
    function.walk([&](ir::FusionOp fusion) {
      if (remarks.wanted())
        sayWhatIsFused(remarks, fusion);
      auto kind = fusion->getAttrOfType<StringAttr>(kFusionKindAttr);
      if (kind == "rows")
        ++numRows;
      else if (kind == "columns")
        ++numColumns;
      else
        ++numSingle;
    });
  }

  static void sayWhatIsFused(const Remarks &remarks, ir::FusionOp fusion) {
    SmallVector<Operation *> parts;
    for (Operation &op : fusion.getBody().front().without_terminator())
      if (fusionClass(&op) != FusionClass::virtualOp)
        parts.push_back(&op);
    if (parts.size() > 1)
      remarks.passed(fusion.getLoc(), "Fused") << remark::add(
          "one kernel of {0} ops: {1}", parts.size(), namesSeenFrom(fusion.getLoc(), parts));
  }
};

} // namespace
