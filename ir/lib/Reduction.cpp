//===- Reduction.cpp - fewer dimensions out than in -----------------------===//

#include "Evaluate.h"
#include "GivenAttribute.h"
#include "heddle/ir/Ops.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace heddle::ir;

using Operands = ArrayRef<const HostTensor *>;
using Results = MutableArrayRef<HostTensor>;
using Grads = SmallVectorImpl<Value>;

static LogicalResult inferReduce(std::optional<Location> location, StringRef op, Value value,
                                 Dims dimensions, SmallVectorImpl<Type> &types) {
  auto x = operandTensor(location, op, value);
  if (!x || failed(checkIncreasing(location, op, dimensions, x.getRank())))
    return failure();
  types.push_back(RankedTensorType::get(pick(x.getShape(), otherDims(x.getRank(), dimensions)),
                                        x.getElementType()));
  return success();
}

template <typename Combine>
static void reduce(const HostTensor &x, Dims dimensions, double initial, HostTensor &result,
                   Combine combine) {
  DimVector kept = otherDims(x.type.getRank(), dimensions), strides(x.type.getRank(), 0);
  for (auto [dim, stride] : llvm::zip_equal(kept, rowMajorStrides(result.shape())))
    strides[dim] = stride;
  llvm::fill(result.values, initial);
  size_t i = 0;
  forEachIndex(x.shape(), [&](Dims index) {
    double &out = result.values[offsetOf(index, strides)];
    out = combine(out, x.values[i++]);
  });
}

/// Where nothing is reduced, the operand; where a splat is, what `combine(value, count)` gives.
static OpFoldResult foldReduce(Value x, Dims dimensions, Attribute operand, RankedTensorType type,
                               double (*combine)(double, int64_t)) {
  if (dimensions.empty())
    return x;
  auto from = cast<RankedTensorType>(x.getType());
  auto splat = dyn_cast_if_present<SplatElementsAttr>(operand);
  auto element = dyn_cast<FloatType>(type.getElementType());
  if (!splat || !element || !from.hasStaticShape())
    return {};
  int64_t count = 1;
  for (int64_t dim : dimensions)
    count *= from.getDimSize(dim);
  if (count == 0)
    return {};
  double value = combine(splat.getSplatValue<APFloat>().convertToDouble(), count);
  return SplatElementsAttr::get(type, FloatAttr::get(element, value));
}

/// The cotangent goes to the elements equal to the result, in equal shares.
static Value shareAmongTies(OpBuilder &builder, Location loc, Value x, Value y, Value dy,
                            Dims dimensions) {
  TensorBuilder t(builder, loc);
  auto type = cast<RankedTensorType>(x.getType());
  DimVector kept = otherDims(type.getRank(), dimensions);
  Value isExtreme = t.compare(ComparePredicate::eq, x, t.broadcast(y, kept, type.getShape()));
  Value winners = t.cast(isExtreme, type.getElementType());
  Value share = t.div(dy, t.sum(winners, dimensions));
  return t.mul(winners, t.broadcast(share, kept, type.getShape()));
}

/// The identity of max (`sign` -1) and min (`sign` 1) in an element type.
static double extremeOf(Type element, int sign) {
  if (isa<FloatType>(element))
    return sign * std::numeric_limits<double>::infinity();
  // The interpreter holds integers up to 2^53, so the ends of i64 are rounded to powers of two.
  double end = std::ldexp(1.0, static_cast<int>(element.getIntOrFloatBitWidth()) - 1);
  return sign < 0 ? -end : end - 1;
}

//===----------------------------------------------------------------------===//
// reduce_sum
//===----------------------------------------------------------------------===//

LogicalResult ReduceSumOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferReduce(location, "heddle.reduce_sum", adaptor.getX(), adaptor.getDimensions(), types);
}
OpFoldResult ReduceSumOp::fold(FoldAdaptor adaptor) {
  return foldReduce(getX(), getDimensions(), adaptor.getX(), getType(),
                    [](double value, int64_t count) { return value * static_cast<double>(count); });
}
LogicalResult ReduceSumOp::evaluate(Operands operands, Results results) {
  reduce(*operands[0], getDimensions(), 0.0, results[0], [](double a, double b) { return a + b; });
  return success();
}
LogicalResult ReduceSumOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  auto type = getX().getType();
  grads[0] =
      TensorBuilder(builder, getLoc())
          .broadcast(cotangents[0], otherDims(type.getRank(), getDimensions()), type.getShape());
  return success();
}

//===----------------------------------------------------------------------===//
// reduce_max, reduce_min
//===----------------------------------------------------------------------===//

LogicalResult ReduceMaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferReduce(location, "heddle.reduce_max", adaptor.getX(), adaptor.getDimensions(), types);
}
OpFoldResult ReduceMaxOp::fold(FoldAdaptor adaptor) {
  return foldReduce(getX(), getDimensions(), adaptor.getX(), getType(),
                    [](double value, int64_t) { return value; });
}
LogicalResult ReduceMaxOp::evaluate(Operands operands, Results results) {
  reduce(*operands[0], getDimensions(), extremeOf(getType().getElementType(), -1), results[0],
         [](double a, double b) { return std::isnan(a) || a > b ? a : b; });
  return success();
}
LogicalResult ReduceMaxOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  grads[0] = shareAmongTies(builder, getLoc(), getX(), getResult(), cotangents[0], getDimensions());
  return success();
}

LogicalResult ReduceMinOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferReduce(location, "heddle.reduce_min", adaptor.getX(), adaptor.getDimensions(), types);
}
OpFoldResult ReduceMinOp::fold(FoldAdaptor adaptor) {
  return foldReduce(getX(), getDimensions(), adaptor.getX(), getType(),
                    [](double value, int64_t) { return value; });
}
LogicalResult ReduceMinOp::evaluate(Operands operands, Results results) {
  reduce(*operands[0], getDimensions(), extremeOf(getType().getElementType(), 1), results[0],
         [](double a, double b) { return std::isnan(a) || a < b ? a : b; });
  return success();
}
LogicalResult ReduceMinOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  grads[0] = shareAmongTies(builder, getLoc(), getX(), getResult(), cotangents[0], getDimensions());
  return success();
}

//===----------------------------------------------------------------------===//
// argmax
//===----------------------------------------------------------------------===//

LogicalResult ArgMaxOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto given = givenAttribute(adaptor, adaptor.getDimensionAttr(), "dimension");
  if (!given)
    return emitOptionalError(location, "heddle.argmax: expected the attribute 'dimension'");
  auto x = operandTensor(location, "heddle.argmax", adaptor.getX());
  auto dimension = given.getInt();
  if (!x || failed(checkDimension(location, "heddle.argmax", dimension, x.getRank())))
    return failure();
  if (x.getDimSize(dimension) == 0)
    return emitOptionalError(location, "heddle.argmax: dimension ", dimension,
                             " has size 0, so no element is the largest");
  types.push_back(RankedTensorType::get(pick(x.getShape(), otherDims(x.getRank(), {dimension})),
                                        IntegerType::get(context, 32)));
  return success();
}
LogicalResult ArgMaxOp::evaluate(Operands operands, Results results) {
  const HostTensor &x = *operands[0];
  auto dimension = static_cast<int64_t>(getDimension());
  DimVector strides = rowMajorStrides(x.shape());
  int64_t stride = strides[dimension], size = x.shape()[dimension];
  strides.erase(strides.begin() + dimension);
  size_t i = 0;
  forEachIndex(results[0].shape(), [&](Dims index) {
    const double *line = &x.values[offsetOf(index, strides)];
    int64_t best = 0;
    for (int64_t k = 1; k < size; ++k)
      if (line[k * stride] > line[best * stride] ||
          (std::isnan(line[k * stride]) && !std::isnan(line[best * stride])))
        best = k;
    results[0].values[i++] = static_cast<double>(best);
  });
  return success();
}
