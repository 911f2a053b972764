//===- VerifyPhase.cpp - what each phase promises -------------------------===//

#include "KeptOps.h"
#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Passes.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLEVERIFYPHASE
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

static LogicalResult checkDifferentiated(Operation *op) {
  if (isa<ir::GradientOp>(op))
    return op->emitError() << "is left after phase differentiate";
  return success();
}
static LogicalResult checkSimplified(Operation *op, ArrayRef<std::string> kept) {
  if (isa<ir::DecomposableOpInterface>(op) && !staysWhole(op, kept))
    return op->emitError() << "is left after phase simplify, which decomposes composite ops";
  return checkDifferentiated(op);
}
static LogicalResult checkFused(Operation *op) {
  if (auto fusion = dyn_cast<ir::FusionOp>(op))
    return verifyFusionForm(fusion);
  if (auto contraction = dyn_cast<ir::ContractionOp>(op)) {
    if (!contraction.getType().getElementType().isF32())
      return op->emitError() << "is of " << contraction.getType().getElementType()
                             << ", but only f32 has a library call";
    return success();
  }
  if (op->getParentOfType<ir::FusionOp>() ||
      isa<ir::ConstantOp, ir::ReshapeOp, ir::TransposeOp, ir::SliceOp, func::ReturnOp>(op))
    return success();
  return op->emitError() << "is left outside a fusion after phase fuse";
}

namespace {

struct VerifyPhase : passes::impl::HeddleVerifyPhaseBase<VerifyPhase> {
  using HeddleVerifyPhaseBase::HeddleVerifyPhaseBase;

  void runOnOperation() override {
    std::function<LogicalResult(Operation *)> check;
    if (phase == "differentiate")
      check = checkDifferentiated;
    else if (phase == "simplify")
      check = [&](Operation *op) { return checkSimplified(op, keep); };
    else if (phase == "fuse")
      check = checkFused;
    else {
      getOperation().emitError() << "option 'phase' is '" << phase
                                 << "', but has to be differentiate, simplify or fuse";
      return signalPassFailure();
    }
    bool ok = true;
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>())
      function.getBody().walk([&](Operation *op) {
        ok = succeeded(check(op)) && ok;
        ++numChecked;
      });
    if (!ok)
      signalPassFailure();
  }
};

} // namespace
