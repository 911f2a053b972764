//===- SimplifyBroadcasts.cpp - fewer and later broadcasts ----------------===//

#include "SimplifyPatterns.h"

#include "heddle/passes/FusionForm.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

namespace {

using Pattern = OpRewritePattern<ir::BroadcastOp>;

struct BroadcastOfConstant : Pattern {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::BroadcastOp op, PatternRewriter &rewriter) const override {
    if (!isSplatConstant(op.getX().getDefiningOp()))
      return failure();
    auto splat = cast<SplatElementsAttr>(op.getX().getDefiningOp<ir::ConstantOp>().getValue());
    rewriter.replaceOpWithNewOp<ir::ConstantOp>(
        op, cast<ElementsAttr>(splat.resizeSplat(op.getType())));
    return success();
  }
};

struct BroadcastOfBroadcast : Pattern {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::BroadcastOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getX().getDefiningOp<ir::BroadcastOp>();
    if (!inner)
      return failure();
    SmallVector<int64_t> dimensions;
    for (int64_t dimension : inner.getDimensions())
      dimensions.push_back(op.getDimensions()[dimension]);
    rewriter.replaceOpWithNewOp<ir::BroadcastOp>(op, op.getType(), inner.getX(), dimensions);
    return success();
  }
};

struct BroadcastOfIota : Pattern {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::BroadcastOp op, PatternRewriter &rewriter) const override {
    auto iota = op.getX().getDefiningOp<ir::IotaOp>();
    if (!iota)
      return failure();
    int64_t dimension = iota.getDimension();
    // A size-1 dimension counts to 0 only, however often it is repeated.
    if (iota.getType().getDimSize(dimension) == 1)
      rewriter.replaceOp(op, ir::TensorBuilder(rewriter, op.getLoc()).constant(0.0, op.getType()));
    else
      rewriter.replaceOpWithNewOp<ir::IotaOp>(op, op.getType(), op.getDimensions()[dimension]);
    return success();
  }
};

/// A broadcast that only adds size-1 dimensions is a reshape; one that repeats along size-1
/// dimensions of its operand does not need them. Then rows are told by the dimension list alone. A
/// dimension that stays of size 1, as a batch of one, is a dimension like any other.
struct BroadcastOfUnitDimensions : Pattern {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::BroadcastOp op, PatternRewriter &rewriter) const override {
    auto from = typeOf(op.getX()), to = op.getType();
    if (!from.hasStaticShape() || !to.hasStaticShape())
      return failure();
    if (from.getNumElements() == to.getNumElements() && to.getNumElements() != 0) {
      rewriter.replaceOpWithNewOp<ir::ReshapeOp>(op, to, op.getX());
      return success();
    }
    SmallVector<int64_t> shape, dimensions;
    for (auto [size, dimension] : llvm::zip_equal(from.getShape(), op.getDimensions()))
      if (size != 1 || to.getDimSize(dimension) == 1) {
        shape.push_back(size);
        dimensions.push_back(dimension);
      }
    if (shape.size() == from.getShape().size())
      return failure();
    Value squeezed = ir::ReshapeOp::create(rewriter, op.getLoc(), from.clone(shape), op.getX());
    rewriter.replaceOpWithNewOp<ir::BroadcastOp>(op, to, squeezed, dimensions);
    return success();
  }
};

/// Made of iotas and constants alone: it costs no memory to compute such a value anywhere.
bool isIndexArithmetic(Value value, unsigned depth = 0) {
  Operation *op = value.getDefiningOp();
  if (!op || depth > 6)
    return false;
  if (isSplatConstant(op) || isa<ir::IotaOp>(op))
    return true;
  return isa<ir::ElementwiseOpInterface>(op) && llvm::all_of(op->getOperands(), [&](Value operand) {
           return isIndexArithmetic(operand, depth + 1);
         });
}

/// Creates the elementwise op `op` on other operands, with a result of `shape`.
Value createLike(PatternRewriter &rewriter, Operation *op, ArrayRef<Value> operands,
                 ArrayRef<int64_t> shape) {
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(operands);
  state.addTypes(typeOf(op->getResult(0)).clone(shape));
  state.addAttributes(op->getAttrs());
  return rewriter.create(state)->getResult(0);
}

/// Masks and the like are computed at full size where they are used, instead of being written and
/// read.
struct BroadcastOfIndexArithmetic : Pattern {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::BroadcastOp op, PatternRewriter &rewriter) const override {
    Operation *source = op.getX().getDefiningOp();
    if (!isIndexArithmetic(op.getX()) || !isa<ir::ElementwiseOpInterface>(source))
      return failure();
    SmallVector<Value> operands;
    for (Value operand : source->getOperands())
      operands.push_back(ir::BroadcastOp::create(rewriter, op.getLoc(),
                                                 typeOf(operand).clone(op.getType().getShape()),
                                                 operand, op.getDimensions()));
    rewriter.replaceOp(op, createLike(rewriter, source, operands, op.getType().getShape()));
    return success();
  }
};

/// f(broadcast x, broadcast y, constant) = broadcast f(x, y, constant), with fewer elements to
/// compute.
struct ElementwiseOfBroadcasts : OpInterfaceRewritePattern<ir::ElementwiseOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(ir::ElementwiseOpInterface elementwise,
                                PatternRewriter &rewriter) const override {
    Operation *op = elementwise;
    if (op->getParentOfType<ir::FusionOp>())
      return failure();
    ir::BroadcastOp first;
    for (Value operand : op->getOperands()) {
      auto broadcast = operand.getDefiningOp<ir::BroadcastOp>();
      if (!broadcast) {
        if (isSplatConstant(operand.getDefiningOp()))
          continue;
        return failure();
      }
      if (isIndexArithmetic(broadcast.getX()))
        return failure();
      if (!first)
        first = broadcast;
      if (broadcast.getDimensions() != first.getDimensions() ||
          typeOf(broadcast.getX()).getShape() != typeOf(first.getX()).getShape())
        return failure();
    }
    if (!first)
      return failure();
    auto shape = typeOf(first.getX()).getShape();
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      if (auto broadcast = operand.getDefiningOp<ir::BroadcastOp>()) {
        operands.push_back(broadcast.getX());
        continue;
      }
      auto splat = cast<SplatElementsAttr>(operand.getDefiningOp<ir::ConstantOp>().getValue());
      operands.push_back(ir::ConstantOp::create(
          rewriter, op->getLoc(),
          cast<ElementsAttr>(splat.resizeSplat(typeOf(operand).clone(shape)))));
    }
    Value small = createLike(rewriter, op, operands, shape);
    rewriter.replaceOpWithNewOp<ir::BroadcastOp>(op, op->getResult(0).getType(), small,
                                                 first.getDimensions());
    return success();
  }
};

/// sum broadcast x = n x and max broadcast x = x, over dimensions that x does not have.
struct ReductionOfBroadcast : RewritePattern {
  ReductionOfBroadcast(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isReduction(op))
      return failure();
    auto broadcast = op->getOperand(0).getDefiningOp<ir::BroadcastOp>();
    if (!broadcast)
      return failure();
    auto reduced = reducedDimensions(op);
    SmallVector<int64_t> dimensions;
    int64_t repeats = 1;
    for (int64_t dimension : reduced)
      repeats *= broadcast.getType().getDimSize(dimension);
    for (int64_t dimension : broadcast.getDimensions()) {
      if (llvm::is_contained(reduced, dimension))
        return failure();
      dimensions.push_back(
          dimension - llvm::count_if(reduced, [&](int64_t other) { return other < dimension; }));
    }
    auto type = typeOf(op->getResult(0));
    if (repeats == 0 || (isa<ir::ReduceSumOp>(op) && !isa<FloatType>(type.getElementType())))
      return failure();
    ir::TensorBuilder t(rewriter, op->getLoc());
    Value x = broadcast.getX();
    if (isa<ir::ReduceSumOp>(op))
      x = t.scale(x, static_cast<double>(repeats));
    rewriter.replaceOp(op, t.broadcast(x, dimensions, type.getShape()));
    return success();
  }
};

} // namespace

void passes::addBroadcastPatterns(RewritePatternSet &patterns) {
  patterns
      .add<BroadcastOfConstant, BroadcastOfBroadcast, BroadcastOfIota, BroadcastOfUnitDimensions,
           BroadcastOfIndexArithmetic, ElementwiseOfBroadcasts, ReductionOfBroadcast>(
          patterns.getContext());
}
