//===- ApproximateMath.cpp - math ops to polynomials ------------------------===//

#include "Approximations.h"
#include "heddle/cpu/Passes.h"

#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include "llvm/ADT/StringSet.h"

namespace heddle::cpu {
#define GEN_PASS_DEF_HEDDLECPUAPPROXIMATEMATH
#include "heddle/cpu/Passes.h.inc"
} // namespace heddle::cpu

using namespace mlir;
using namespace heddle;

namespace {

struct ApproximateMath : cpu::impl::HeddleCpuApproximateMathBase<ApproximateMath> {
  using HeddleCpuApproximateMathBase::HeddleCpuApproximateMathBase;
  void runOnOperation() override;
};

// mul + add in place of fma. The approximations stay within their bounds: they use fma for speed.
struct SplitFma : OpRewritePattern<math::FmaOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::FmaOp op, PatternRewriter &rewriter) const override {
    Value product = arith::MulFOp::create(rewriter, op.getLoc(), op.getA(), op.getB());
    rewriter.replaceOpWithNewOp<arith::AddFOp>(op, product, op.getC());
    return success();
  }
};

struct Count : RewriterBase::Listener {
  unsigned replaced = 0, split = 0;
  void notifyOperationReplaced(Operation *op, ValueRange) override {
    if (isa<math::FmaOp>(op))
      ++split;
    else if (isa<math::MathDialect>(op->getDialect()))
      ++replaced;
  }
};

void addApproximations(RewritePatternSet &patterns) {
  static const llvm::StringSet<> approximated = {
      "math.exp", "math.expm1", "math.log",  "math.log1p", "math.log2", "math.tanh", "math.erf",
      "math.sin", "math.cos",   "math.atan", "math.atan2", "math.asin", "math.acos", "math.cbrt"};
  auto isApproximated = [](StringRef name) { return approximated.contains(name); };
  populateMathF32ExpansionPatterns(patterns, isApproximated);
  populateMathPolynomialApproximationPatterns(patterns, isApproximated);
  cpu::populateExpApproximation(patterns);
  cpu::populateErfApproximation(patterns);
  math::populateExpansionPatterns(
      patterns, {"sinh", "cosh", "tan", "asinh", "acosh", "atanh", "exp2", "rsqrt"});
}

void allowContraction(arith::ArithFastMathInterface op) {
  // Conversions have the interface, and no flags until they are given some.
  auto known = op.getFastMathFlagsAttr();
  arith::FastMathFlags flags = known ? known.getValue() : arith::FastMathFlags::none;
  op->setAttr(
      op.getFastMathAttrName(),
      arith::FastMathFlagsAttr::get(op->getContext(), flags | arith::FastMathFlags::contract));
}

void ApproximateMath::runOnOperation() {
  RewritePatternSet patterns(&getContext());
  addApproximations(patterns);
  if (!fma)
    patterns.add<SplitFma>(&getContext());
  Count count;
  if (failed(applyPatternsGreedily(getOperation(), std::move(patterns),
                                   GreedyRewriteConfig().setListener(&count))))
    return signalPassFailure();
  numReplaced += count.replaced;
  numSplit += count.split;
  getOperation().walk(allowContraction);
}

} // namespace
