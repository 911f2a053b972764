//===- TensorBuilder.cpp - heddle ops in the words of the formula ---------===//

#include "heddle/ir/Ops.h"

using namespace mlir;
using namespace heddle::ir;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

Value TensorBuilder::constant(double value) { return constant(value, type); }
Value TensorBuilder::constant(double value, Type constantType) {
  auto tensorType = llvm::cast<RankedTensorType>(constantType);
  Type element = tensorType.getElementType();
  Attribute splat = isa<FloatType>(element)
                        ? Attribute(builder.getFloatAttr(element, value))
                        : Attribute(builder.getIntegerAttr(element, static_cast<int64_t>(value)));
  return ConstantOp::create(builder, loc,
                            llvm::cast<ElementsAttr>(DenseElementsAttr::get(tensorType, splat)));
}
Value TensorBuilder::iota(RankedTensorType iotaType, int64_t dimension) {
  return IotaOp::create(builder, loc, iotaType, dimension);
}

Value TensorBuilder::neg(Value x) { return NegOp::create(builder, loc, x); }
Value TensorBuilder::abs(Value x) { return AbsOp::create(builder, loc, x); }
Value TensorBuilder::exp(Value x) { return ExpOp::create(builder, loc, x); }
Value TensorBuilder::log(Value x) { return LogOp::create(builder, loc, x); }
Value TensorBuilder::sqrt(Value x) { return SqrtOp::create(builder, loc, x); }
Value TensorBuilder::rsqrt(Value x) { return RsqrtOp::create(builder, loc, x); }
Value TensorBuilder::tanh(Value x) { return TanhOp::create(builder, loc, x); }
Value TensorBuilder::erf(Value x) { return ErfOp::create(builder, loc, x); }
Value TensorBuilder::sin(Value x) { return SinOp::create(builder, loc, x); }
Value TensorBuilder::cos(Value x) { return CosOp::create(builder, loc, x); }
Value TensorBuilder::sigmoid(Value x) { return SigmoidOp::create(builder, loc, x); }
Value TensorBuilder::add(Value x, Value y) { return AddOp::create(builder, loc, x, y); }
Value TensorBuilder::sub(Value x, Value y) { return SubOp::create(builder, loc, x, y); }
Value TensorBuilder::mul(Value x, Value y) { return MulOp::create(builder, loc, x, y); }
Value TensorBuilder::div(Value x, Value y) { return DivOp::create(builder, loc, x, y); }
Value TensorBuilder::pow(Value x, Value y) { return PowOp::create(builder, loc, x, y); }
Value TensorBuilder::maximum(Value x, Value y) { return MaximumOp::create(builder, loc, x, y); }
Value TensorBuilder::minimum(Value x, Value y) { return MinimumOp::create(builder, loc, x, y); }
Value TensorBuilder::scale(Value x, double factor) { return mul(x, constant(factor, x.getType())); }
Value TensorBuilder::compare(ComparePredicate predicate, Value x, Value y) {
  return CompareOp::create(builder, loc, predicate, x, y);
}
Value TensorBuilder::logicalAnd(Value x, Value y) { return AndOp::create(builder, loc, x, y); }
Value TensorBuilder::select(Value condition, Value x, Value y) {
  return SelectOp::create(builder, loc, x.getType(), condition, x, y);
}
Value TensorBuilder::cast(Value x, Type elementType) {
  auto from = typeOf(x);
  if (from.getElementType() == elementType)
    return x;
  return CastOp::create(builder, loc, from.clone(elementType), x);
}

Value TensorBuilder::sign(Value x) {
  Value zero = constant(0.0, x.getType());
  Value negative =
      select(compare(ComparePredicate::lt, x, zero), constant(-1.0, x.getType()), zero);
  return select(compare(ComparePredicate::gt, x, zero), constant(1.0, x.getType()), negative);
}
Value TensorBuilder::winnerShare(ComparePredicate predicate, Value x, Value y) {
  Value tie = select(compare(ComparePredicate::eq, x, y), constant(0.5, x.getType()),
                     constant(0.0, x.getType()));
  return select(compare(predicate, x, y), constant(1.0, x.getType()), tie);
}

Value TensorBuilder::reshape(Value x, Dims shape) {
  auto from = typeOf(x);
  if (from.getShape() == shape)
    return x;
  return ReshapeOp::create(builder, loc, RankedTensorType::get(shape, from.getElementType()), x);
}
Value TensorBuilder::transpose(Value x, Dims permutation) {
  return TransposeOp::create(builder, loc, x, permutation);
}
Value TensorBuilder::broadcast(Value x, Dims dimensions, Dims shape) {
  auto from = typeOf(x);
  if (from.getShape() == shape) // dimensions are increasing, so they are all of them
    return x;
  return BroadcastOp::create(builder, loc, RankedTensorType::get(shape, from.getElementType()), x,
                             dimensions);
}
Value TensorBuilder::reduceSum(Value x, Dims dimensions) {
  return dimensions.empty() ? x : Value(ReduceSumOp::create(builder, loc, x, dimensions));
}
Value TensorBuilder::reduceMax(Value x, Dims dimensions, bool mayIgnoreNaN) {
  return dimensions.empty() ? x
                            : Value(ReduceMaxOp::create(builder, loc, x, dimensions, mayIgnoreNaN));
}
Value TensorBuilder::sum(Value x, Dims dimensions) {
  Type element = typeOf(x).getElementType();
  if (!element.isF16() && !element.isBF16())
    return reduceSum(x, dimensions);
  return cast(reduceSum(cast(x, builder.getF32Type()), dimensions), element);
}
Value TensorBuilder::dot(Value x, Value y, Dims xBatch, Dims yBatch, Dims xContract,
                         Dims yContract) {
  return DotGeneralOp::create(builder, loc, x, y, xBatch, yBatch, xContract, yContract);
}
Value TensorBuilder::broadcastAlong(Value y, int64_t dimension, Dims shape) {
  SmallVector<int64_t> dimensions;
  for (int64_t i = 0, n = shape.size(); i < n; ++i)
    if (i != dimension)
      dimensions.push_back(i);
  return broadcast(y, dimensions, shape);
}
