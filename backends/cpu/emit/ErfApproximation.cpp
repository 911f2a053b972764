//===- ErfApproximation.cpp - the error function on f32 ----------------------===//
//
// erf x = x P(x^2) / Q(x^2) up to |x| = 4, from where on the nearest float is 1. P and Q are of
// degree 5, a minimax fit with a relative error of 2.5e-8.
//
//===----------------------------------------------------------------------===//

#include "Approximations.h"
#include "F32Builder.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

static constexpr float kHighest = 4.0F;
static constexpr float kNumerator[] = {1.98678198e-6F, 2.84567235e-4F, 3.88338175e-3F,
                                       5.31018607e-2F, 1.93545878e-1F, 1.12837914F};
static constexpr float kDenominator[] = {3.74202418e-5F, 1.18558127e-3F, 1.52073251e-2F,
                                         1.15350344e-1F, 5.04858123e-1F, 1.0F};

namespace {
struct ErfApproximation : OpRewritePattern<math::ErfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ErfOp op, PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "not on f32");
    heddle::cpu::F32Builder f(op, rewriter);
    Value x = f.atMost(kHighest, math::AbsFOp::create(f.b, op.getOperand()));
    Value square = f.mul(x, x);
    Value quotient = arith::DivFOp::create(f.b, f.mul(x, f.polynomial(kNumerator, square)),
                                           f.polynomial(kDenominator, square));
    // Rounding can lead beyond 1.
    rewriter.replaceOpWithNewOp<math::CopySignOp>(op, f.atMost(1.0F, quotient), op.getOperand());
    return success();
  }
};
} // namespace

void heddle::cpu::populateErfApproximation(RewritePatternSet &patterns) {
  patterns.add<ErfApproximation>(patterns.getContext(), kApproximationBenefit);
}
