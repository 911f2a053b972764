//===- Decompose.cpp - composite ops to primitives ------------------------===//

#include "KeptOps.h"
#include "heddle/passes/Passes.h"

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
    auto isComposite = [&](Operation *op) {
      return isa<ir::DecomposableOpInterface>(op) && !passes::staysWhole(op, keep);
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
      op->replaceAllUsesWith(*values);
      op->erase();
      ++numDecomposed;
      for (Operation *inner : collect.created)
        if (isComposite(inner))
          worklist.push_back(inner);
    }
  }
};

} // namespace
