//===- Decompose.cpp - composite ops to primitives ------------------------===//

#include "KeptOps.h"
#include "heddle/passes/Passes.h"
#include "heddle/passes/Remarks.h"

#include "mlir/IR/PatternMatch.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLEDECOMPOSE
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;

namespace {

struct Decompose : passes::impl::HeddleDecomposeBase<Decompose> {
  using HeddleDecomposeBase::HeddleDecomposeBase;

  void runOnOperation() override {
    for (const std::string &name : keep)
      if (!RegisteredOperationName::lookup(name, &getContext())) {
        getOperation().emitError() << "option 'keep' names '" << name << "', which is not an op";
        return signalPassFailure();
      }
    const passes::Remarks remarks(*this, getOperation());
    auto isComposite = [&](Operation *op) {
      if (!isa<ir::DecomposableOpInterface>(op))
        return false;
      if (!llvm::is_contained(keep, op->getName().getStringRef()))
        return true;
      const char *obstacle = passes::obstacleToKernel(op);
      sayWhetherKept(remarks, op, obstacle);
      return obstacle != nullptr;
    };

    SmallVector<Operation *> worklist;
    getOperation().walk([&](Operation *op) {
      if (isComposite(op))
        worklist.push_back(op);
    });
    while (!worklist.empty()) {
      Operation *op = worklist.pop_back_val();
      struct Collect : OpBuilder::Listener {
        SmallVector<Operation *> created;
        void notifyOperationInserted(Operation *op, OpBuilder::InsertPoint) override {
          created.push_back(op);
        }
      } collect;
      OpBuilder builder(op->getContext(), &collect);
      builder.setInsertionPoint(op);
      auto values = cast<ir::DecomposableOpInterface>(op).decompose(builder);
      if (failed(values))
        return signalPassFailure();
      const std::string name = passes::nameForUser(op);
      op->replaceAllUsesWith(*values);
      op->erase();
      ++numDecomposed;
      for (Operation *inner : collect.created) {
        inner->setLoc(passes::namedAfter(name, inner->getLoc()));
        if (isComposite(inner))
          worklist.push_back(inner);
      }
    }
  }

private:
  static void sayWhetherKept(const passes::Remarks &remarks, Operation *op, const char *obstacle) {
    if (!remarks.wanted())
      return;
    const std::string name = passes::nameForUser(op);
    if (obstacle)
      remarks.missed(op->getLoc(), "Decomposed")
          << remark::add("{0} does not stay whole, as one kernel", name)
          << remark::reason("{0}", obstacle);
    else
      remarks.passed(op->getLoc(), "KeptWhole")
          << remark::add("{0} stays whole, as one kernel", name);
  }
};

} // namespace
