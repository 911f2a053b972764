//===- Simplify.cpp - canonical, shared, alive ----------------------------===//

#include "SimplifyPatterns.h"

#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Passes.h"

#include "mlir/IR/Dominance.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLESIMPLIFY
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

static FailureOr<APFloat> floatSplat(Value value) {
  auto constant = value.getDefiningOp<ir::ConstantOp>();
  auto splat = constant ? dyn_cast<SplatElementsAttr>(constant.getValue()) : SplatElementsAttr();
  if (!splat || !isa<FloatType>(splat.getElementType()))
    return failure();
  return splat.getSplatValue<APFloat>();
}
static Value splatConstant(PatternRewriter &rewriter, Location loc, RankedTensorType type,
                           const APFloat &value) {
  return ir::ConstantOp::create(rewriter, loc,
                                cast<ElementsAttr>(DenseElementsAttr::get(type, value)));
}

namespace {

/// (x * a) * b = x * (a b), where a b is exact in the element type: the value must not change with
/// the pass.
struct MergeFactors : OpRewritePattern<ir::MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::MulOp op, PatternRewriter &rewriter) const override {
    Value x = op.getX(), y = op.getY();
    if (succeeded(floatSplat(x)))
      std::swap(x, y);
    auto outer = floatSplat(y);
    auto inner = x.getDefiningOp<ir::MulOp>();
    if (failed(outer) || !inner)
      return failure();
    Value base = inner.getX(), factor = inner.getY();
    if (succeeded(floatSplat(base)))
      std::swap(base, factor);
    auto second = floatSplat(factor);
    if (failed(second))
      return failure();
    APFloat product = *outer;
    if (product.multiply(*second, APFloat::rmNearestTiesToEven) != APFloat::opOK ||
        !product.isFiniteNonZero())
      return failure();
    rewriter.replaceOpWithNewOp<ir::MulOp>(
        op, base, splatConstant(rewriter, op.getLoc(), op.getType(), product));
    return success();
  }
};

/// x + (-y) = x - y.
struct AddOfNegation : OpRewritePattern<ir::AddOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::AddOp op, PatternRewriter &rewriter) const override {
    if (auto negated = op.getY().getDefiningOp<ir::NegOp>())
      rewriter.replaceOpWithNewOp<ir::SubOp>(op, op.getX(), negated.getX());
    else if (auto first = op.getX().getDefiningOp<ir::NegOp>())
      rewriter.replaceOpWithNewOp<ir::SubOp>(op, op.getY(), first.getX());
    else
      return failure();
    return success();
  }
};

/// Every value of `from` is one of `to`.
bool isLossless(Type from, Type to) {
  if (from.isInteger(1))
    return true;
  unsigned fromBits = from.getIntOrFloatBitWidth(), toBits = to.getIntOrFloatBitWidth();
  if (isa<IntegerType>(from))
    return isa<IntegerType>(to) && fromBits <= toBits && !to.isInteger(1);
  return isa<FloatType>(to) && fromBits < toBits;
}

struct CastOfCast : OpRewritePattern<ir::CastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::CastOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getX().getDefiningOp<ir::CastOp>();
    if (!inner || !isLossless(getElementTypeOrSelf(inner.getX().getType()),
                              getElementTypeOrSelf(inner.getType())))
      return failure();
    if (inner.getX().getType() == op.getType())
      rewriter.replaceOp(op, inner.getX());
    else
      rewriter.replaceOpWithNewOp<ir::CastOp>(op, op.getType(), inner.getX());
    return success();
  }
};

/// x + scatter_add(0, i, u) = scatter_add(x, i, u): one pass over the table less.
struct AddToScatter : OpRewritePattern<ir::AddOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::AddOp op, PatternRewriter &rewriter) const override {
    for (auto [x, other] : {std::pair(op.getX(), op.getY()), std::pair(op.getY(), op.getX())}) {
      auto scatter = other.getDefiningOp<ir::ScatterAddOp>();
      if (!scatter || !scatter->hasOneUse())
        continue;
      auto zero = floatSplat(scatter.getTable());
      if (failed(zero) || !zero->isZero())
        continue;
      rewriter.replaceOpWithNewOp<ir::ScatterAddOp>(op, x, scatter.getIndices(),
                                                    scatter.getUpdates());
      return success();
    }
    return failure();
  }
};

struct Simplify : passes::impl::HeddleSimplifyBase<Simplify> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    addBroadcastPatterns(set);
    addShapePatterns(set);
    addAlgebraPatterns(set);
    for (RegisteredOperationName name : context->getRegisteredOperations())
      if (name.getDialectNamespace() == ir::HeddleDialect::getDialectNamespace() ||
          name.hasInterface<ir::InterpretableOpInterface>()) // a plugin's
        name.getCanonicalizationPatterns(set, context);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    struct Count : RewriterBase::Listener {
      unsigned rewrites = 0, shared = 0;
      void notifyPatternEnd(const Pattern &, LogicalResult status) override {
        rewrites += succeeded(status);
      }
      void notifyOperationReplaced(Operation *, ValueRange) override { ++shared; }
    } greedy, sharing;
    GreedyRewriteConfig config;
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    config.setListener(&greedy);
    // Sharing equal ops makes uses that patterns look at, and the other way round.
    for (bool changed = true; changed;) {
      if (failed(applyPatternsGreedily(getOperation(), patterns, config))) {
        getOperation().emitError() << "simplification did not reach a fixed point";
        return signalPassFailure();
      }
      IRRewriter rewriter(&getContext(), &sharing);
      DominanceInfo dominance(getOperation());
      eliminateCommonSubExpressions(rewriter, dominance, getOperation(), &changed);
    }
    numRewrites += greedy.rewrites;
    numShared += sharing.shared;
  }

  FrozenRewritePatternSet patterns;
};

} // namespace

void passes::addAlgebraPatterns(RewritePatternSet &patterns) {
  patterns.add<MergeFactors, AddOfNegation, CastOfCast, AddToScatter>(patterns.getContext());
}
