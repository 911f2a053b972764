//===- Shape.cpp - constants and changes of shape -------------------------===//

#include "Evaluate.h"
#include "GivenAttribute.h"
#include "heddle/ir/Ops.h"

#include <algorithm>

using namespace mlir;
using namespace heddle::ir;

using Operands = ArrayRef<const HostTensor *>;
using Results = MutableArrayRef<HostTensor>;
using Grads = SmallVectorImpl<Value>;

static Dims shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

/// The splat `attribute`, if it is one, under the shape of `type`.
static OpFoldResult resizedSplat(Attribute attribute, RankedTensorType type) {
  auto splat = dyn_cast_if_present<SplatElementsAttr>(attribute);
  return splat && type.hasStaticShape() ? OpFoldResult(splat.resizeSplat(type)) : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// constant, iota
//===----------------------------------------------------------------------===//

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }
LogicalResult ConstantOp::evaluate(Operands, Results results) {
  std::vector<double> &out = results[0].values;
  ElementsAttr value = getValue();
  if (isa<FloatType>(value.getElementType())) {
    if (auto elements = value.tryGetValues<APFloat>()) {
      llvm::transform(*elements, out.begin(), [](const APFloat &x) { return x.convertToDouble(); });
      return success();
    }
  } else if (auto elements = value.tryGetValues<APInt>()) {
    bool isBool = value.getElementType().isInteger(1);
    llvm::transform(*elements, out.begin(), [&](const APInt &x) {
      return isBool ? static_cast<double>(x.getBoolValue()) : static_cast<double>(x.getSExtValue());
    });
    return success();
  }
  return emitOpError("has values that cannot be read");
}

LogicalResult IotaOp::verify() {
  return checkDimension(getLoc(), "heddle.iota", static_cast<int64_t>(getDimension()),
                        getType().getRank());
}
LogicalResult IotaOp::evaluate(Operands, Results results) {
  size_t i = 0;
  forEachIndex(getType().getShape(), [&](Dims index) {
    results[0].values[i++] = static_cast<double>(index[getDimension()]);
  });
  return success();
}

//===----------------------------------------------------------------------===//
// reshape, transpose, broadcast
//===----------------------------------------------------------------------===//

LogicalResult ReshapeOp::verify() {
  auto from = getX().getType(), to = getType();
  if (from.getElementType() != to.getElementType())
    return emitOpError("keeps the element type, expected ")
           << from.getElementType() << ", got " << to.getElementType();
  if (from.hasStaticShape() && to.hasStaticShape() && from.getNumElements() != to.getNumElements())
    return emitOpError("keeps the number of elements: ")
           << shapeText(from.getShape()) << " has " << from.getNumElements() << ", "
           << shapeText(to.getShape()) << " has " << to.getNumElements();
  return success();
}
OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  if (auto inner = getX().getDefiningOp<ReshapeOp>()) {
    getXMutable().assign(inner.getX());
    return getResult();
  }
  auto elements = dyn_cast_if_present<DenseElementsAttr>(adaptor.getX());
  return elements && getType().hasStaticShape() ? OpFoldResult(elements.reshape(getType()))
                                                : OpFoldResult();
}
LogicalResult ReshapeOp::evaluate(Operands operands, Results results) {
  results[0].values = operands[0]->values;
  return success();
}
LogicalResult ReshapeOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  grads[0] = TensorBuilder(builder, getLoc()).reshape(cotangents[0], shapeOf(getX()));
  return success();
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = operandTensor(location, "heddle.transpose", adaptor.getX());
  if (!x)
    return failure();
  Dims permutation = adaptor.getPermutation();
  DimVector sorted(permutation);
  llvm::sort(sorted);
  if (sorted != llvm::to_vector(llvm::seq<int64_t>(0, x.getRank())))
    return emitOptionalError(location, "heddle.transpose: expected a permutation of the ",
                             x.getRank(), " dimensions of x, got ", shapeText(permutation));
  types.push_back(RankedTensorType::get(pick(x.getShape(), permutation), x.getElementType()));
  return success();
}
OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  Dims permutation = getPermutation();
  if (llvm::is_sorted(permutation))
    return getX();
  if (auto inner = getX().getDefiningOp<TransposeOp>()) {
    DimVector composed = pick(inner.getPermutation(), permutation);
    getXMutable().assign(inner.getX());
    setPermutation(composed);
    return getResult();
  }
  return resizedSplat(adaptor.getX(), getType());
}
LogicalResult TransposeOp::evaluate(Operands operands, Results results) {
  DimVector strides = pick(rowMajorStrides(operands[0]->shape()), getPermutation());
  size_t i = 0;
  forEachIndex(results[0].shape(), [&](Dims index) {
    results[0].values[i++] = operands[0]->values[offsetOf(index, strides)];
  });
  return success();
}
LogicalResult TransposeOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  DimVector inverse(getPermutation().size());
  for (auto [i, dim] : llvm::enumerate(getPermutation()))
    inverse[dim] = static_cast<int64_t>(i);
  grads[0] = TensorBuilder(builder, getLoc()).transpose(cotangents[0], inverse);
  return success();
}

LogicalResult BroadcastOp::verify() {
  auto from = getX().getType(), to = getType();
  Dims dimensions = getDimensions();
  if (from.getElementType() != to.getElementType())
    return emitOpError("keeps the element type, expected ")
           << from.getElementType() << ", got " << to.getElementType();
  if (static_cast<int64_t>(dimensions.size()) != from.getRank())
    return emitOpError("expects one entry of `dimensions` for each of the ")
           << from.getRank() << " dimensions of x, got " << dimensions.size();
  if (failed(checkIncreasing(getLoc(), "heddle.broadcast", dimensions, to.getRank())))
    return failure();
  for (auto [i, dim] : llvm::enumerate(dimensions))
    if (int64_t size = from.getDimSize(i); size != 1 && !compatibleSizes(size, to.getDimSize(dim)))
      return emitOpError("dimension ")
             << i << " of x has size " << size << ", expected 1 or " << to.getDimSize(dim)
             << ", the size of dimension " << dim << " of the result";
  return success();
}
OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  if (auto inner = getX().getDefiningOp<BroadcastOp>()) {
    DimVector composed = pick(getDimensions(), inner.getDimensions());
    getXMutable().assign(inner.getX());
    setDimensions(composed);
    return getResult();
  }
  return resizedSplat(adaptor.getX(), getType());
}
LogicalResult BroadcastOp::evaluate(Operands operands, Results results) {
  Dims shape = operands[0]->shape();
  DimVector strides = rowMajorStrides(shape), resultStrides(getType().getRank(), 0);
  for (auto [i, dim] : llvm::enumerate(getDimensions()))
    resultStrides[dim] = shape[i] == 1 ? 0 : strides[i];
  size_t i = 0;
  forEachIndex(results[0].shape(), [&](Dims index) {
    results[0].values[i++] = operands[0]->values[offsetOf(index, resultStrides)];
  });
  return success();
}
LogicalResult BroadcastOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  TensorBuilder t(builder, getLoc());
  Dims from = shapeOf(getX()), to = getType().getShape();
  DimVector repeated;
  for (int64_t dim = 0, rank = to.size(); dim < rank; ++dim) {
    const auto *position = llvm::find(getDimensions(), dim);
    if (position == getDimensions().end() ||
        (from[position - getDimensions().begin()] == 1 && to[dim] != 1))
      repeated.push_back(dim);
  }
  grads[0] = t.reshape(t.sum(cotangents[0], repeated), from);
  return success();
}

//===----------------------------------------------------------------------===//
// slice, pad, concat
//===----------------------------------------------------------------------===//

static LogicalResult checkLengths(std::optional<Location> location, StringRef op, int64_t rank,
                                  ArrayRef<std::pair<StringRef, Dims>> lists) {
  for (auto [name, list] : lists)
    if (static_cast<int64_t>(list.size()) != rank)
      return emitOptionalError(location, op, ": `", name, "` expects one entry for each of the ",
                               rank, " dimensions of x, got ", list.size());
  return success();
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                        Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = operandTensor(location, "heddle.slice", adaptor.getX());
  Dims starts = adaptor.getStarts(), limits = adaptor.getLimits(), strides = adaptor.getStrides();
  if (!x || failed(checkLengths(location, "heddle.slice", x.getRank(),
                                {{"starts", starts}, {"limits", limits}, {"strides", strides}})))
    return failure();
  DimVector shape;
  for (int64_t i = 0; i < x.getRank(); ++i) {
    int64_t size = x.getDimSize(i);
    bool inside = starts[i] >= 0 && starts[i] <= limits[i] &&
                  (ShapedType::isDynamic(size) || limits[i] <= size);
    if (!inside)
      return emitOptionalError(location, "heddle.slice: dimension ", i,
                               " expects 0 <= start <= limit <= ", size, ", got start ", starts[i],
                               " and limit ", limits[i]);
    if (strides[i] < 1)
      return emitOptionalError(location, "heddle.slice: dimension ", i,
                               " expects a stride of at least 1, got ", strides[i]);
    shape.push_back((limits[i] - starts[i] + strides[i] - 1) / strides[i]);
  }
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}
OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType() &&
      llvm::all_of(getStarts(), [](int64_t start) { return start == 0; }))
    return getX();
  if (auto inner = getX().getDefiningOp<SliceOp>()) {
    DimVector starts, limits, strides;
    for (int64_t i = 0, rank = getType().getRank(); i < rank; ++i) {
      int64_t outerStart = getStarts()[i], stride = inner.getStrides()[i] * getStrides()[i];
      int64_t start = inner.getStarts()[i] + outerStart * inner.getStrides()[i];
      int64_t size = getType().getDimSize(i);
      // A box of nothing may start past the operand's end.
      if (size == 0)
        start = inner.getStarts()[i];
      starts.push_back(start);
      limits.push_back(size == 0 ? start : start + (size - 1) * stride + 1);
      strides.push_back(stride);
    }
    getXMutable().assign(inner.getX());
    setStarts(starts);
    setLimits(limits);
    setStrides(strides);
    return getResult();
  }
  return resizedSplat(adaptor.getX(), getType());
}
LogicalResult SliceOp::evaluate(Operands operands, Results results) {
  DimVector strides = rowMajorStrides(operands[0]->shape());
  int64_t base = offsetOf(getStarts(), strides);
  for (auto [stride, step] : llvm::zip(strides, getStrides()))
    stride *= step;
  size_t i = 0;
  forEachIndex(results[0].shape(), [&](Dims index) {
    results[0].values[i++] = operands[0]->values[base + offsetOf(index, strides)];
  });
  return success();
}
LogicalResult SliceOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  Dims from = shapeOf(getX()), to = getType().getShape();
  DimVector low(getStarts()), high, interior;
  for (int64_t i = 0, rank = from.size(); i < rank; ++i) {
    int64_t stride = getStrides()[i], covered = to[i] == 0 ? 0 : (to[i] - 1) * stride + 1;
    high.push_back(from[i] - low[i] - covered);
    interior.push_back(stride - 1);
  }
  grads[0] = PadOp::create(builder, getLoc(), cotangents[0], low, high, interior);
  return success();
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                      Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = operandTensor(location, "heddle.pad", adaptor.getX());
  Dims low = adaptor.getLow(), high = adaptor.getHigh(), interior = adaptor.getInterior();
  if (!x || failed(checkLengths(location, "heddle.pad", x.getRank(),
                                {{"low", low}, {"high", high}, {"interior", interior}})))
    return failure();
  DimVector shape;
  for (int64_t i = 0; i < x.getRank(); ++i) {
    if (low[i] < 0 || high[i] < 0 || interior[i] < 0)
      return emitOptionalError(location, "heddle.pad: dimension ", i,
                               " expects padding of at least 0, got low ", low[i], ", high ",
                               high[i], ", interior ", interior[i]);
    int64_t size = x.getDimSize(i);
    shape.push_back(ShapedType::isDynamic(size)
                        ? size
                        : low[i] + size + std::max<int64_t>(size - 1, 0) * interior[i] + high[i]);
  }
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}
LogicalResult PadOp::evaluate(Operands operands, Results results) {
  DimVector strides = rowMajorStrides(results[0].shape());
  int64_t base = offsetOf(getLow(), strides);
  for (auto [stride, gap] : llvm::zip(strides, getInterior()))
    stride *= gap + 1;
  size_t i = 0;
  forEachIndex(operands[0]->shape(), [&](Dims index) {
    results[0].values[base + offsetOf(index, strides)] = operands[0]->values[i++];
  });
  return success();
}
LogicalResult PadOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  Dims from = shapeOf(getX());
  DimVector starts(getLow()), limits, strides;
  for (int64_t i = 0, rank = from.size(); i < rank; ++i) {
    strides.push_back(getInterior()[i] + 1);
    limits.push_back(from[i] == 0 ? starts[i] : starts[i] + (from[i] - 1) * strides[i] + 1);
  }
  grads[0] = SliceOp::create(builder, getLoc(), cotangents[0], starts, limits, strides);
  return success();
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto given = givenAttribute(adaptor, adaptor.getDimensionAttr(), "dimension");
  if (!given)
    return emitOptionalError(location, "heddle.concat: expected the attribute 'dimension'");
  if (adaptor.getInputs().empty())
    return emitOptionalError(location, "heddle.concat: expected at least one operand");
  auto first = operandTensor(location, "heddle.concat", adaptor.getInputs().front());
  auto dimension = given.getInt();
  if (!first || failed(checkDimension(location, "heddle.concat", dimension, first.getRank())))
    return failure();
  DimVector shape(first.getShape());
  for (auto [i, input] : llvm::enumerate(adaptor.getInputs().drop_front())) {
    auto type = operandTensor(location, "heddle.concat", input);
    if (!type)
      return failure();
    DimVector expected(first.getShape()), got(type.getShape());
    if (got.size() == expected.size())
      got[dimension] = expected[dimension];
    if (!compatibleShapes(expected, got) || type.getElementType() != first.getElementType())
      return emitOptionalError(
          location, "heddle.concat: operand ", i + 1, " must agree with operand 0, ", first,
          ", in element type and in all dimensions but ", dimension, ", got ", type);
    int64_t size = type.getDimSize(dimension);
    bool dynamic = ShapedType::isDynamic(size) || ShapedType::isDynamic(shape[dimension]);
    shape[dimension] = dynamic ? ShapedType::kDynamic : shape[dimension] + size;
  }
  types.push_back(RankedTensorType::get(shape, first.getElementType()));
  return success();
}
LogicalResult ConcatOp::evaluate(Operands operands, Results results) {
  DimVector strides = rowMajorStrides(results[0].shape());
  int64_t base = 0;
  for (const HostTensor *operand : operands) {
    size_t i = 0;
    forEachIndex(operand->shape(), [&](Dims index) {
      results[0].values[base + offsetOf(index, strides)] = operand->values[i++];
    });
    base += operand->shape()[getDimension()] * strides[getDimension()];
  }
  return success();
}
LogicalResult ConcatOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  DimVector starts(getType().getRank(), 0), strides(getType().getRank(), 1);
  for (auto [i, input] : llvm::enumerate(getInputs())) {
    DimVector limits(shapeOf(input));
    limits[getDimension()] += starts[getDimension()];
    grads[i] = SliceOp::create(builder, getLoc(), cotangents[0], starts, limits, strides);
    starts[getDimension()] = limits[getDimension()];
  }
  return success();
}

//===----------------------------------------------------------------------===//
// dynamic_slice, dynamic_update_slice
//===----------------------------------------------------------------------===//

static LogicalResult checkBox(std::optional<Location> location, StringRef op, RankedTensorType x,
                              Dims box, size_t numStarts) {
  if (x.getRank() == 0)
    return emitOptionalError(location, op, ": expected a tensor of at least one dimension, got ",
                             x);
  if (static_cast<int64_t>(numStarts) != x.getRank())
    return emitOptionalError(location, op, ": expected one start for each of the ", x.getRank(),
                             " dimensions of x, got ", numStarts);
  if (static_cast<int64_t>(box.size()) != x.getRank())
    return emitOptionalError(location, op, ": expected a box of rank ", x.getRank(), ", got ",
                             shapeText(box));
  for (auto [i, size] : llvm::enumerate(x.getShape()))
    if (box[i] > size && !compatibleSizes(box[i], size))
      return emitOptionalError(location, op, ": the box, ", shapeText(box), ", is larger than x, ",
                               shapeText(x.getShape()), ", in dimension ", i);
  return success();
}
/// Offset in `x` of a box at the clamped `starts`.
static int64_t boxBase(const HostTensor &x, Dims box, Operands starts) {
  DimVector strides = rowMajorStrides(x.shape());
  int64_t base = 0;
  for (auto [i, start] : llvm::enumerate(starts)) {
    auto last = static_cast<double>(x.shape()[i] - box[i]);
    base += static_cast<int64_t>(std::clamp(start->values[0], 0.0, last)) * strides[i];
  }
  return base;
}

LogicalResult DynamicSliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                               Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = operandTensor(location, "heddle.dynamic_slice", adaptor.getX());
  if (!x || failed(checkBox(location, "heddle.dynamic_slice", x, adaptor.getSizes(),
                            adaptor.getStarts().size())))
    return failure();
  if (llvm::any_of(adaptor.getSizes(), [](int64_t size) { return size < 0; }))
    return emitOptionalError(location, "heddle.dynamic_slice: sizes must be at least 0, got ",
                             shapeText(adaptor.getSizes()));
  types.push_back(RankedTensorType::get(adaptor.getSizes(), x.getElementType()));
  return success();
}
LogicalResult DynamicSliceOp::evaluate(Operands operands, Results results) {
  const HostTensor &x = *operands[0];
  DimVector strides = rowMajorStrides(x.shape());
  int64_t base = boxBase(x, getSizes(), operands.drop_front());
  size_t i = 0;
  forEachIndex(getSizes(), [&](Dims index) {
    results[0].values[i++] = x.values[base + offsetOf(index, strides)];
  });
  return success();
}
LogicalResult DynamicSliceOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  Value zeros = TensorBuilder(builder, getLoc()).constant(0.0, getX().getType());
  grads[0] = DynamicUpdateSliceOp::create(builder, getLoc(), zeros, cotangents[0], getStarts());
  return success();
}

LogicalResult DynamicUpdateSliceOp::inferReturnTypes(MLIRContext *,
                                                     std::optional<Location> location,
                                                     Adaptor adaptor,
                                                     SmallVectorImpl<Type> &types) {
  auto x = operandTensor(location, "heddle.dynamic_update_slice", adaptor.getX());
  auto update = operandTensor(location, "heddle.dynamic_update_slice", adaptor.getUpdate());
  if (!x || !update)
    return failure();
  if (x.getElementType() != update.getElementType())
    return emitOptionalError(location,
                             "heddle.dynamic_update_slice: the update must have x's element type, ",
                             x.getElementType(), ", got ", update.getElementType());
  if (failed(checkBox(location, "heddle.dynamic_update_slice", x, update.getShape(),
                      adaptor.getStarts().size())))
    return failure();
  types.push_back(x);
  return success();
}
LogicalResult DynamicUpdateSliceOp::evaluate(Operands operands, Results results) {
  const HostTensor &x = *operands[0], &update = *operands[1];
  DimVector strides = rowMajorStrides(x.shape());
  int64_t base = boxBase(x, update.shape(), operands.drop_front(2));
  results[0].values = x.values;
  size_t i = 0;
  forEachIndex(update.shape(), [&](Dims index) {
    results[0].values[base + offsetOf(index, strides)] = update.values[i++];
  });
  return success();
}
LogicalResult DynamicUpdateSliceOp::buildVJP(OpBuilder &builder, ValueRange cotangents,
                                             Grads &grads) {
  Value zeros = TensorBuilder(builder, getLoc()).constant(0.0, getUpdate().getType());
  grads[0] = DynamicUpdateSliceOp::create(builder, getLoc(), cotangents[0], zeros, getStarts());
  grads[1] =
      DynamicSliceOp::create(builder, getLoc(), cotangents[0], getStarts(), shapeOf(getUpdate()));
  return success();
}
