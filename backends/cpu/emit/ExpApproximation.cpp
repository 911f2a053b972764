//===- ExpApproximation.cpp - e^x on f32 -------------------------------------===//
//
// e^x = 2^n e^r, with n the integer nearest to x / ln 2 and |r| <= ln 2 / 2 (Cody and Waite,
// "Software Manual for the Elementary Functions", 1980). The polynomial gives 2 e^r, so that the
// power of two, 2^(n - 1), is a normal number up to the largest result.
//
//===----------------------------------------------------------------------===//

#include "Approximations.h"
#include "F32Builder.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

/// Where n is -126, of which the power is 0, and where the result is infinite.
static constexpr float kLowest = -87.5F, kHighest = 89.0F;
static constexpr float kLog2E = 1.44269504F;
/// ln 2 in two parts. The first has 9 bits, so that its product with n is exact.
static constexpr float kLn2High = 0.693359375F, kLn2Low = -2.12194440e-4F;
/// A float this large has no bits for fractions: adding it rounds to an integer, and leaves n + 126
/// in the lowest bits, the exponent of 2^(n - 1) as a float holds it.
static constexpr float kRounder = 0x1.8p23F + 126;
/// 2 e^r from r^6 down; the first five are a minimax fit of (2 e^r - 2 - 2 r) / r^2, with a
/// relative error of 3e-9 on the result.
static constexpr float kCoefficients[] = {0.00276290788F, 0.0167374909F, 0.083336778F, 0.333330423F,
                                          0.999999881F,   2.0F,          2.0F};

namespace {
struct ExpApproximation : OpRewritePattern<math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ExpOp op, PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "not on f32");
    heddle::cpu::F32Builder f(op, rewriter);
    Value x = f.atMost(kHighest, f.atLeast(kLowest, op.getOperand()));
    Value rounded = f.fma(x, f.constant(kLog2E), f.constant(kRounder));
    Value n = arith::SubFOp::create(f.b, rounded, f.constant(kRounder));
    Value r = f.fma(n, f.constant(-kLn2High), x);
    r = f.fma(n, f.constant(-kLn2Low), r);
    Value sum = f.polynomial(kCoefficients, r);
    Value exponent = arith::ShLIOp::create(f.b, arith::BitcastOp::create(f.b, f.bits(), rounded),
                                           f.filled(f.bits(), f.b.getI32IntegerAttr(23)));
    rewriter.replaceOp(op, f.mul(sum, arith::BitcastOp::create(f.b, f.type, exponent)));
    return success();
  }
};
} // namespace

void heddle::cpu::populateExpApproximation(RewritePatternSet &patterns) {
  patterns.add<ExpApproximation>(patterns.getContext(), kApproximationBenefit);
}
