#include "Codegen.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace heddle::cpu {
namespace {

// mul + add in place of fma. The approximations stay within their bounds: they use fma for speed.
struct SplitFma : OpRewritePattern<math::FmaOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::FmaOp op, PatternRewriter &rewriter) const override {
    Value product = arith::MulFOp::create(rewriter, op.getLoc(), op.getA(), op.getB());
    rewriter.replaceOpWithNewOp<arith::AddFOp>(op, product, op.getC());
    return success();
  }
};

struct MathApproximationPass : PassWrapper<MathApproximationPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MathApproximationPass)

  explicit MathApproximationPass(const CodegenOptions &options) : options(options) {}

  StringRef getArgument() const override { return "heddle-cpu-math-approximation"; }
  StringRef getDescription() const override { return "Replace math ops by straight-line code that vectorises"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, math::MathDialect, vector::VectorDialect>();
  }

  void runOnOperation() override {
    static const llvm::StringSet<> approximated = {"math.exp",   "math.expm1", "math.log",  "math.log1p", "math.log2",
                                                   "math.tanh",  "math.erf",   "math.sin",  "math.cos",   "math.atan",
                                                   "math.atan2", "math.asin",  "math.acos", "math.cbrt"};
    auto isApproximated = [](StringRef name) { return approximated.contains(name); };
    RewritePatternSet patterns(&getContext());
    populateMathF32ExpansionPatterns(patterns, isApproximated);
    populateMathPolynomialApproximationPatterns(patterns, isApproximated);
    math::populateExpansionPatterns(patterns, {"sinh", "cosh", "tan", "asinh", "acosh", "atanh", "exp2", "rsqrt"});
    if (!options.fma)
      patterns.add<SplitFma>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();

    getOperation().walk([](arith::ArithFastMathInterface op) {
      // Conversions have the interface, and no flags until they are given some.
      auto known = op.getFastMathFlagsAttr();
      arith::FastMathFlags flags = known ? known.getValue() : arith::FastMathFlags::none;
      op->setAttr(op.getFastMathAttrName(),
                  arith::FastMathFlagsAttr::get(op->getContext(), flags | arith::FastMathFlags::contract));
    });
  }

  CodegenOptions options;
};

} // namespace

std::unique_ptr<Pass> createMathApproximationPass(const CodegenOptions &options) {
  return std::make_unique<MathApproximationPass>(options);
}

} // namespace heddle::cpu
