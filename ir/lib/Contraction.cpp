//===- Contraction.cpp - sums of products ---------------------------------===//

#include "Evaluate.h"
#include "heddle/ir/Ops.h"

using namespace mlir;
using namespace heddle::ir;

using Operands = ArrayRef<const HostTensor *>;
using Results = MutableArrayRef<HostTensor>;

static DimVector concatenated(Dims a, Dims b) {
  DimVector both(a);
  both.append(b.begin(), b.end());
  return both;
}
DimVector DotDims::xFree(int64_t rank) const {
  return otherDims(rank, concatenated(xBatch, xContract));
}
DimVector DotDims::yFree(int64_t rank) const {
  return otherDims(rank, concatenated(yBatch, yContract));
}

static LogicalResult checkSide(std::optional<Location> location, StringRef op, StringRef side,
                               Dims batch, Dims contract, int64_t rank) {
  DimVector used = concatenated(batch, contract);
  for (int64_t dim : used) {
    if (dim < 0 || dim >= rank)
      return emitOptionalError(location, op, ": dimension ", dim, " is out of range for ", side,
                               " of rank ", rank);
    if (llvm::count(used, dim) != 1)
      return emitOptionalError(location, op, ": dimension ", dim, " of ", side,
                               " is listed more than once");
  }
  return success();
}
static LogicalResult checkPairs(std::optional<Location> location, StringRef op, StringRef what,
                                RankedTensorType x, RankedTensorType y, Dims xDims, Dims yDims) {
  for (auto [i, j] : llvm::zip_equal(xDims, yDims))
    if (!compatibleSizes(x.getDimSize(i), y.getDimSize(j)))
      return emitOptionalError(location, op, ": ", what, " dimensions must have equal sizes, got ",
                               x.getDimSize(i), " (dimension ", i, " of x, ",
                               shapeText(x.getShape()), ") and ", y.getDimSize(j), " (dimension ",
                               j, " of y, ", shapeText(y.getShape()), ")");
  return success();
}

FailureOr<RankedTensorType> heddle::ir::inferDot(std::optional<Location> location, StringRef op,
                                                 RankedTensorType x, RankedTensorType y,
                                                 const DotDims &dims) {
  if (x.getElementType() != y.getElementType())
    return emitOptionalError(location, op, ": x and y must have one element type, got ",
                             x.getElementType(), " and ", y.getElementType());
  if (dims.xBatch.size() != dims.yBatch.size() || dims.xContract.size() != dims.yContract.size())
    return emitOptionalError(location, op, ": dimensions are listed in pairs, got batch ",
                             shapeText(dims.xBatch), " x ", shapeText(dims.yBatch),
                             " and contract ", shapeText(dims.xContract), " x ",
                             shapeText(dims.yContract));
  if (failed(checkSide(location, op, "x", dims.xBatch, dims.xContract, x.getRank())) ||
      failed(checkSide(location, op, "y", dims.yBatch, dims.yContract, y.getRank())) ||
      failed(checkPairs(location, op, "batch", x, y, dims.xBatch, dims.yBatch)) ||
      failed(checkPairs(location, op, "contracting", x, y, dims.xContract, dims.yContract)))
    return failure();
  DimVector shape = pick(x.getShape(), dims.xBatch);
  shape.append(pick(x.getShape(), dims.xFree(x.getRank())));
  shape.append(pick(y.getShape(), dims.yFree(y.getRank())));
  return RankedTensorType::get(shape, x.getElementType());
}

void heddle::ir::evaluateDot(const HostTensor &x, const HostTensor &y, const DotDims &dims,
                             HostTensor &result) {
  DimVector xStrides = rowMajorStrides(x.shape()), yStrides = rowMajorStrides(y.shape());
  DimVector xFree = dims.xFree(x.type.getRank()), yFree = dims.yFree(y.type.getRank());
  // Strides of the operands along the result's dimensions: batch, free of x, free of y.
  DimVector xOuter = pick(xStrides, concatenated(dims.xBatch, xFree));
  xOuter.append(yFree.size(), 0);
  DimVector yOuter = pick(yStrides, dims.yBatch);
  yOuter.append(xFree.size(), 0);
  yOuter.append(pick(yStrides, yFree));
  DimVector inner = pick(x.shape(), dims.xContract);
  DimVector xInner = pick(xStrides, dims.xContract), yInner = pick(yStrides, dims.yContract);
  size_t i = 0;
  forEachIndex(result.shape(), [&](Dims index) {
    int64_t xBase = offsetOf(index, xOuter), yBase = offsetOf(index, yOuter);
    double sum = 0.0;
    forEachIndex(inner, [&](Dims k) {
      sum += x.values[xBase + offsetOf(k, xInner)] * y.values[yBase + offsetOf(k, yInner)];
    });
    result.values[i++] = sum;
  });
}

//===----------------------------------------------------------------------===//
// dot_general
//===----------------------------------------------------------------------===//

template <typename OpOrAdaptor> static DotDims dotDims(OpOrAdaptor op) {
  return {op.getXBatch(), op.getYBatch(), op.getXContract(), op.getYContract()};
}
SmallVector<int64_t> DotGeneralOp::getXFree() {
  return dotDims(*this).xFree(getX().getType().getRank());
}
SmallVector<int64_t> DotGeneralOp::getYFree() {
  return dotDims(*this).yFree(getY().getType().getRank());
}

LogicalResult DotGeneralOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = operandTensor(location, "heddle.dot_general", adaptor.getX());
  auto y = operandTensor(location, "heddle.dot_general", adaptor.getY());
  if (!x || !y)
    return failure();
  auto type = inferDot(location, "heddle.dot_general", x, y, dotDims(adaptor));
  if (failed(type))
    return failure();
  types.push_back(*type);
  return success();
}
LogicalResult DotGeneralOp::evaluate(Operands operands, Results results) {
  evaluateDot(*operands[0], *operands[1], dotDims(*this), results[0]);
  return success();
}

/// dx of `z = x . y`, or dy with the names exchanged: dz . y over z's dimensions that came from y.
///
/// `zOther` are those dimensions of z, `otherFree` the dimensions of y that they came from. The
/// product has the batch dimensions, x's free dimensions and x's contracting dimensions, or the
/// last two exchanged when y goes first; the order that needs no transpose is taken if there is
/// one.
static Value dotCotangent(TensorBuilder &t, Value dz, Value other, Dims batch, Dims otherBatch,
                          Dims free, Dims zOther, Dims otherFree, Dims contract,
                          Dims otherContract) {
  DimVector zBatch = llvm::to_vector(llvm::seq<int64_t>(0, batch.size()));
  // x's contracting dimensions in the order in which the product has them: that of their partners
  // in y.
  DimVector order = llvm::to_vector(llvm::seq<int64_t>(0, contract.size()));
  llvm::sort(order, [&](int64_t a, int64_t b) { return otherContract[a] < otherContract[b]; });
  DimVector contractInOrder = pick(contract, order);
  DimVector dzFirst = concatenated(concatenated(batch, free), contractInOrder);
  DimVector otherFirst = concatenated(concatenated(batch, contractInOrder), free);

  bool swap = !llvm::is_sorted(dzFirst) && llvm::is_sorted(otherFirst);
  Value product = swap ? t.dot(other, dz, otherBatch, zBatch, otherFree, zOther)
                       : t.dot(dz, other, zBatch, otherBatch, zOther, otherFree);
  Dims layout = swap ? otherFirst : dzFirst;
  if (llvm::is_sorted(layout))
    return product;
  DimVector permutation(layout.size());
  for (auto [position, dim] : llvm::enumerate(layout))
    permutation[dim] = static_cast<int64_t>(position);
  return t.transpose(product, permutation);
}
LogicalResult DotGeneralOp::buildVJP(OpBuilder &builder, ValueRange cotangents,
                                     SmallVectorImpl<Value> &grads) {
  if (!isDifferentiableType(getType()))
    return success();
  TensorBuilder t(builder, getLoc());
  DimVector xFree = getXFree(), yFree = getYFree();
  int64_t batch = getXBatch().size(), middle = batch + xFree.size(), rank = getType().getRank();
  DimVector zOfX = llvm::to_vector(llvm::seq(batch, middle)),
            zOfY = llvm::to_vector(llvm::seq(middle, rank));
  grads[0] = dotCotangent(t, cotangents[0], getY(), getXBatch(), getYBatch(), xFree, zOfY, yFree,
                          getXContract(), getYContract());
  grads[1] = dotCotangent(t, cotangents[0], getX(), getYBatch(), getXBatch(), yFree, zOfX, xFree,
                          getYContract(), getXContract());
  return success();
}

//===----------------------------------------------------------------------===//
// contraction
//===----------------------------------------------------------------------===//

LogicalResult ContractionOp::verify() {
  auto type =
      inferDot(getLoc(), "heddle.contraction", getX().getType(), getY().getType(), dotDims(*this));
  if (failed(type))
    return failure();
  if (!compatibleShapes(type->getShape(), getType().getShape()) ||
      type->getElementType() != getType().getElementType())
    return emitOpError("expects a result of type ") << *type << ", got " << getType();
  if (Value bias = getBias()) {
    auto biasType = cast<RankedTensorType>(bias.getType());
    if (getType().getRank() == 0)
      return emitOpError("has no last dimension for a bias to lie along");
    auto expected =
        RankedTensorType::get(getType().getShape().take_back(), getType().getElementType());
    if (biasType != expected)
      return emitOpError("expects a bias of type ") << expected << ", got " << biasType;
  }
  return success();
}
LogicalResult ContractionOp::evaluate(Operands operands, Results results) {
  evaluateDot(*operands[0], *operands[1], dotDims(*this), results[0]);
  if (getBias()) {
    const std::vector<double> &bias = operands[2]->values;
    for (size_t i = 0; i < results[0].values.size(); ++i)
      results[0].values[i] += bias[i % bias.size()];
  }
  return success();
}
