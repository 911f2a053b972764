//===- SimplifyShapes.cpp - fewer changes of shape ------------------------===//

#include "SimplifyPatterns.h"

#include "heddle/passes/FusionForm.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

namespace {

struct ReshapeOfReshape : OpRewritePattern<ir::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::ReshapeOp op, PatternRewriter &rewriter) const override {
    if (op.getX().getType() == op.getType()) {
      rewriter.replaceOp(op, op.getX());
      return success();
    }
    auto inner = op.getX().getDefiningOp<ir::ReshapeOp>();
    if (!inner)
      return failure();
    rewriter.replaceOpWithNewOp<ir::ReshapeOp>(op, op.getType(), inner.getX());
    return success();
  }
};

struct ReshapeOfConstant : OpRewritePattern<ir::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::ReshapeOp op, PatternRewriter &rewriter) const override {
    if (!isSplatConstant(op.getX().getDefiningOp()))
      return failure();
    auto splat = cast<SplatElementsAttr>(op.getX().getDefiningOp<ir::ConstantOp>().getValue());
    rewriter.replaceOpWithNewOp<ir::ConstantOp>(
        op, cast<ElementsAttr>(splat.resizeSplat(op.getType())));
    return success();
  }
};

/// A reshape that only adds or drops size-1 dimensions moves before the elementwise op, where it
/// meets the reduction or the broadcast that made those dimensions. Other reshapes stay: they may
/// need a copy there.
struct UnitReshapeOfElementwise : OpRewritePattern<ir::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::ReshapeOp op, PatternRewriter &rewriter) const override {
    Operation *source = op.getX().getDefiningOp();
    if (!source || !isa<ir::ElementwiseOpInterface>(source) || !source->hasOneUse())
      return failure();
    auto withoutUnits = [](ArrayRef<int64_t> shape) {
      return llvm::to_vector(
          llvm::make_filter_range(shape, [](int64_t size) { return size != 1; }));
    };
    auto shape = op.getType().getShape();
    if (withoutUnits(shape) != withoutUnits(typeOf(op.getX()).getShape()))
      return failure();
    SmallVector<Value> operands;
    for (Value operand : source->getOperands())
      operands.push_back(
          ir::ReshapeOp::create(rewriter, op.getLoc(), typeOf(operand).clone(shape), operand));
    OperationState state(source->getLoc(), source->getName());
    state.addOperands(operands);
    state.addTypes(op.getType());
    state.addAttributes(source->getAttrs());
    rewriter.replaceOp(op, rewriter.create(state)->getResults());
    return success();
  }
};

struct SimplifyTranspose : OpRewritePattern<ir::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::TransposeOp op, PatternRewriter &rewriter) const override {
    if (auto inner = op.getX().getDefiningOp<ir::TransposeOp>()) {
      SmallVector<int64_t> permutation;
      for (int64_t dimension : op.getPermutation())
        permutation.push_back(inner.getPermutation()[dimension]);
      rewriter.replaceOpWithNewOp<ir::TransposeOp>(op, inner.getX(), permutation);
      return success();
    }
    // Elements stay in order when only size-1 dimensions move.
    int64_t last = -1;
    for (int64_t dimension : op.getPermutation()) {
      if (typeOf(op.getX()).getDimSize(dimension) == 1)
        continue;
      if (dimension < last)
        return failure();
      last = dimension;
    }
    if (op.getType() == op.getX().getType())
      rewriter.replaceOp(op, op.getX());
    else
      rewriter.replaceOpWithNewOp<ir::ReshapeOp>(op, op.getType(), op.getX());
    return success();
  }
};

/// The transpose of a product whose free dimensions it exchanges is the product with its operands
/// exchanged.
struct TransposeOfDot : OpRewritePattern<ir::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::TransposeOp op, PatternRewriter &rewriter) const override {
    auto dot = op.getX().getDefiningOp<ir::DotGeneralOp>();
    if (!dot || !dot->hasOneUse())
      return failure();
    int64_t batch = dot.getXBatch().size(), xFree = dot.getXFree().size(),
            rank = op.getType().getRank();
    SmallVector<int64_t> exchanged = llvm::to_vector(llvm::seq<int64_t>(0, batch));
    llvm::append_range(exchanged, llvm::seq<int64_t>(batch + xFree, rank));
    llvm::append_range(exchanged, llvm::seq<int64_t>(batch, batch + xFree));
    if (op.getPermutation() != ArrayRef<int64_t>(exchanged))
      return failure();
    rewriter.replaceOpWithNewOp<ir::DotGeneralOp>(op, dot.getY(), dot.getX(), dot.getYBatch(),
                                                  dot.getXBatch(), dot.getYContract(),
                                                  dot.getXContract());
    return success();
  }
};

/// A transposed operand becomes the operand itself under other dimension numbers, where the order
/// of the free dimensions, and so of the result's, stays.
struct DotOfTranspose : OpRewritePattern<ir::DotGeneralOp> {
  using OpRewritePattern::OpRewritePattern;
  static bool fold(Value &x, SmallVector<int64_t> &batch, SmallVector<int64_t> &contract,
                   ArrayRef<int64_t> free) {
    auto transpose = x.getDefiningOp<ir::TransposeOp>();
    if (!transpose)
      return false;
    auto permutation = transpose.getPermutation();
    int64_t last = -1;
    for (int64_t dimension : free) {
      if (permutation[dimension] < last)
        return false;
      last = permutation[dimension];
    }
    for (int64_t &dimension : batch)
      dimension = permutation[dimension];
    for (int64_t &dimension : contract)
      dimension = permutation[dimension];
    x = transpose.getX();
    return true;
  }
  LogicalResult matchAndRewrite(ir::DotGeneralOp op, PatternRewriter &rewriter) const override {
    Value x = op.getX(), y = op.getY();
    SmallVector<int64_t> xBatch(op.getXBatch()), yBatch(op.getYBatch()),
        xContract(op.getXContract()), yContract(op.getYContract());
    bool changed = fold(x, xBatch, xContract, op.getXFree());
    changed = fold(y, yBatch, yContract, op.getYFree()) || changed;
    if (!changed)
      return failure();
    rewriter.replaceOpWithNewOp<ir::DotGeneralOp>(op, x, y, xBatch, yBatch, xContract, yContract);
    return success();
  }
};

template <typename Reduce> struct SimplifyReduction : OpRewritePattern<Reduce> {
  using OpRewritePattern<Reduce>::OpRewritePattern;
  LogicalResult matchAndRewrite(Reduce op, PatternRewriter &rewriter) const override {
    auto from = typeOf(op.getX());
    if (!from.hasStaticShape())
      return failure();
    // What has one element is its own sum and maximum.
    SmallVector<int64_t> wide, shape;
    for (auto [dimension, size] : llvm::enumerate(from.getShape())) {
      bool reduced = llvm::is_contained(op.getDimensions(), static_cast<int64_t>(dimension));
      if (reduced && size == 1)
        continue;
      if (reduced)
        wide.push_back(shape.size());
      shape.push_back(size);
    }
    if (wide.size() < op.getDimensions().size()) {
      Value x = ir::ReshapeOp::create(rewriter, op.getLoc(), from.clone(shape), op.getX());
      if (wide.empty())
        rewriter.replaceOp(op, x);
      else
        rewriter.replaceOp(op, reduceLike(rewriter, op.getLoc(), op, x, wide));
      return success();
    }
    if (op.getDimensions().empty()) {
      rewriter.replaceOp(op, op.getX());
      return success();
    }
    auto inner = op.getX().template getDefiningOp<Reduce>();
    if (!inner || !inner->hasOneUse())
      return failure();
    SmallVector<int64_t> kept, dimensions(inner.getDimensions());
    for (int64_t i = 0, rank = typeOf(inner.getX()).getRank(); i < rank; ++i)
      if (!llvm::is_contained(inner.getDimensions(), i))
        kept.push_back(i);
    for (int64_t dimension : op.getDimensions())
      dimensions.push_back(kept[dimension]);
    llvm::sort(dimensions);
    rewriter.replaceOp(op, reduceLike(rewriter, op.getLoc(), inner, inner.getX(), dimensions));
    return success();
  }
};

/// pad x + pad y = concat x, y, when the boxes lie end to end: the derivative of a split.
struct SumOfPads : OpRewritePattern<ir::AddOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::AddOp op, PatternRewriter &rewriter) const override {
    SmallVector<ir::PadOp> pads;
    SmallVector<Value> worklist{op.getX(), op.getY()};
    while (!worklist.empty()) {
      Value value = worklist.pop_back_val();
      if (auto pad = value.getDefiningOp<ir::PadOp>())
        pads.push_back(pad);
      else if (auto add = value.getDefiningOp<ir::AddOp>(); add && add->hasOneUse())
        worklist.append({add.getX(), add.getY()});
      else
        return failure();
    }
    int64_t along = -1;
    for (ir::PadOp pad : pads)
      for (int64_t i = 0, rank = op.getType().getRank(); i < rank; ++i) {
        if (pad.getInterior()[i] != 0)
          return failure();
        if (pad.getLow()[i] == 0 && pad.getHigh()[i] == 0)
          continue;
        if (along >= 0 && along != i)
          return failure();
        along = i;
      }
    if (along < 0)
      return failure();
    llvm::sort(pads,
               [&](ir::PadOp a, ir::PadOp b) { return a.getLow()[along] < b.getLow()[along]; });
    int64_t end = 0;
    SmallVector<Value> parts;
    for (ir::PadOp pad : pads) {
      if (pad.getLow()[along] != end)
        return failure();
      end += typeOf(pad.getX()).getDimSize(along);
      parts.push_back(pad.getX());
    }
    if (end != op.getType().getDimSize(along))
      return failure();
    rewriter.replaceOpWithNewOp<ir::ConcatOp>(op, parts, along);
    return success();
  }
};

/// A concatenation of reshapes that merge dimensions is the reshape of a concatenation: merged
/// heads that are views of a transpose need no copy before.
struct ConcatOfReshapes : OpRewritePattern<ir::ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ir::ConcatOp op, PatternRewriter &rewriter) const override {
    int64_t along = op.getDimension();
    SmallVector<Value> parts;
    for (Value input : op.getInputs()) {
      auto reshape = input.getDefiningOp<ir::ReshapeOp>();
      if (!reshape)
        return failure();
      auto from = typeOf(reshape.getX()).getShape(), to = reshape.getType().getShape();
      if (from.size() <= to.size() || from.take_front(along) != to.take_front(along) ||
          from.take_back(to.size() - along - 1) != to.take_back(to.size() - along - 1))
        return failure();
      if (!parts.empty()) {
        auto first = typeOf(parts.front()).getShape();
        if (first.size() != from.size() ||
            first.drop_front(along + 1) != from.drop_front(along + 1))
          return failure();
      }
      parts.push_back(reshape.getX());
    }
    if (parts.empty())
      return failure();
    Value whole = ir::ConcatOp::create(rewriter, op.getLoc(), parts, along);
    rewriter.replaceOpWithNewOp<ir::ReshapeOp>(op, op.getType(), whole);
    return success();
  }
};

} // namespace

void passes::addShapePatterns(RewritePatternSet &patterns) {
  patterns.add<ReshapeOfReshape, ReshapeOfConstant, UnitReshapeOfElementwise, SimplifyTranspose,
               TransposeOfDot, DotOfTranspose, SimplifyReduction<ir::ReduceSumOp>,
               SimplifyReduction<ir::ReduceMaxOp>, SimplifyReduction<ir::ReduceMinOp>, SumOfPads,
               ConcatOfReshapes>(patterns.getContext());
}
