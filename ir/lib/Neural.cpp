//===- Neural.cpp - decompositions and derivatives of composite ops -------===//
//
// A derivative recomputes what it needs with the same ops as the decomposition, so that CSE leaves
// one of each.
//
//===----------------------------------------------------------------------===//

#include "Evaluate.h"
#include "Formula.h"
#include "GivenAttribute.h"
#include "heddle/ir/Ops.h"

#include <numbers>

using namespace mlir;
using namespace heddle::ir;

using Values = FailureOr<SmallVector<Value>>;
using Grads = SmallVectorImpl<Value>;

static Dims shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }
static int64_t rankOf(Value value) { return cast<RankedTensorType>(value.getType()).getRank(); }

//===----------------------------------------------------------------------===//
// gelu, silu
//===----------------------------------------------------------------------===//

static constexpr double kSqrt2OverPi = 0.79788456080286535588; // sqrt(2/pi)
static constexpr double kCubic = 0.044715;                     // Hendrycks and Gimpel, 2016

/// What gelu multiplies x by: (1 + erf(x/sqrt 2)) / 2, or its approximation (1 + tanh u) / 2, u =
/// sqrt(2/pi) (x + 0.044715 x^3). The latter is the sigmoid of 2 u, which takes less, and keeps its
/// digits where it is small.
static Value geluGate(Formula &t, Value x, GeluApproximation approximation) {
  if (approximation == GeluApproximation::tanh) {
    Value rate = t.add(t.scale(t.mul(x, x), 2.0 * kSqrt2OverPi * kCubic),
                       t.constant(2.0 * kSqrt2OverPi, x.getType()));
    return t.sigmoid(t.mul(x, rate));
  }
  Value erf = t.erf(t.scale(x, 1.0 / std::numbers::sqrt2));
  return t.scale(t.add(erf, t.constant(1.0, x.getType())), 0.5);
}

Values GeluOp::decompose(OpBuilder &builder) {
  Formula t(builder, *this);
  Value x = t.widen(getX());
  return SmallVector<Value>{t.narrow(t.mul(x, geluGate(t, x, getApproximate())))};
}
LogicalResult GeluOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  Formula t(builder, *this);
  Value x = t.widen(getX()), dy = t.widen(cotangents[0]);
  Value gate = geluGate(t, x, getApproximate()), slope, square = t.mul(x, x);
  if (getApproximate() == GeluApproximation::tanh) {
    Value inner = t.add(t.scale(square, 6.0 * kSqrt2OverPi * kCubic),
                        t.constant(2.0 * kSqrt2OverPi, x.getType()));
    slope = t.mul(t.mul(gate, t.sub(t.constant(1.0, x.getType()), gate)), inner);
  } else {
    // The density of the normal distribution.
    slope =
        t.scale(t.exp(t.scale(square, -0.5)), 0.5 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
  }
  grads[0] = t.narrow(t.mul(dy, t.add(gate, t.mul(x, slope))));
  return success();
}

Values SiluOp::decompose(OpBuilder &builder) {
  Formula t(builder, *this);
  Value x = t.widen(getX());
  return SmallVector<Value>{t.narrow(t.mul(x, t.sigmoid(x)))};
}
LogicalResult SiluOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  Formula t(builder, *this);
  Value x = t.widen(getX()), dy = t.widen(cotangents[0]), one = t.constant(1.0, x.getType());
  Value gate = t.sigmoid(x);
  Value slope = t.mul(gate, t.add(one, t.mul(x, t.sub(one, gate))));
  grads[0] = t.narrow(t.mul(dy, slope));
  return success();
}

//===----------------------------------------------------------------------===//
// softmax, log_softmax
//===----------------------------------------------------------------------===//

static Value buildSoftmax(Formula &t, Value x, int64_t dim) {
  SoftmaxParts parts(t, x, dim);
  Value factor = t.div(t.constant(1.0, parts.sum.getType()), parts.sum);
  return t.mul(parts.exp, t.broadcastAlong(factor, dim, shapeOf(x)));
}
/// dx = y (dy - sum y dy)
static Value softmaxCotangent(Formula &t, Value y, Value dy, int64_t dim) {
  Value dot = t.reduceSum(t.mul(dy, y), {dim});
  return t.mul(y, t.sub(dy, t.broadcastAlong(dot, dim, shapeOf(y))));
}

static LogicalResult inferAlong(std::optional<Location> location, StringRef op, Value value,
                                uint64_t dimension, SmallVectorImpl<Type> &types) {
  auto x = operandTensor(location, op, value);
  if (!x || failed(checkDimension(location, op, static_cast<int64_t>(dimension), x.getRank())))
    return failure();
  types.push_back(x);
  return success();
}

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto given = givenAttribute(adaptor, adaptor.getDimensionAttr(), "dimension");
  if (!given)
    return emitOptionalError(location, "heddle.softmax: expected the attribute 'dimension'");
  return inferAlong(location, "heddle.softmax", adaptor.getX(), given.getInt(), types);
}
Values SoftmaxOp::decompose(OpBuilder &builder) {
  Formula t(builder, *this);
  return SmallVector<Value>{t.narrow(buildSoftmax(t, t.widen(getX()), getDimension()))};
}
LogicalResult SoftmaxOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  Formula t(builder, *this);
  Value y = t.widen(getResult()), dy = t.widen(cotangents[0]);
  grads[0] = t.narrow(softmaxCotangent(t, y, dy, getDimension()));
  return success();
}

LogicalResult LogSoftmaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto given = givenAttribute(adaptor, adaptor.getDimensionAttr(), "dimension");
  if (!given)
    return emitOptionalError(location, "heddle.log_softmax: expected the attribute 'dimension'");
  return inferAlong(location, "heddle.log_softmax", adaptor.getX(), given.getInt(), types);
}
Values LogSoftmaxOp::decompose(OpBuilder &builder) {
  Formula t(builder, *this);
  Value x = t.widen(getX());
  SoftmaxParts parts(t, x, getDimension());
  Value y = t.sub(parts.shifted, t.broadcastAlong(t.log(parts.sum), getDimension(), shapeOf(x)));
  return SmallVector<Value>{t.narrow(y)};
}
LogicalResult LogSoftmaxOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  Formula t(builder, *this);
  Value y = t.widen(getResult()), dy = t.widen(cotangents[0]);
  int64_t dim = getDimension();
  Value sum = t.broadcastAlong(t.reduceSum(dy, {dim}), dim, shapeOf(y));
  grads[0] = t.narrow(t.sub(dy, t.mul(t.exp(y), sum)));
  return success();
}

//===----------------------------------------------------------------------===//
// layer_norm
//===----------------------------------------------------------------------===//

LogicalResult LayerNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = operandTensor(location, "heddle.layer_norm", adaptor.getX());
  auto weight = operandTensor(location, "heddle.layer_norm", adaptor.getWeight());
  if (!x || !weight)
    return failure();
  if (x.getRank() == 0)
    return emitOptionalError(
        location, "heddle.layer_norm: expected a tensor of at least one dimension, got ", x);
  if (weight.getElementType() != x.getElementType() ||
      !compatibleShapes(weight.getShape(), x.getShape().take_back()))
    return emitOptionalError(location, "heddle.layer_norm: expected weight and bias of type ",
                             RankedTensorType::get(x.getShape().take_back(), x.getElementType()),
                             ", got ", weight);
  types.push_back(x);
  return success();
}

namespace {
struct LayerNormParts {
  int64_t last; // dimension
  Dims shape;
  Value rstd;   // 1/sqrt(var + epsilon), without the last dimension
  Value normal; // (x - mean) rstd

  Value mean(Formula &t, Value x) {
    return t.scale(t.reduceSum(x, {last}), 1.0 / static_cast<double>(shape[last]));
  }
  Value spread(Formula &t, Value row) { return t.broadcastAlong(row, last, shape); }
  Value spreadWeight(Formula &t, Value weight) { return t.broadcast(weight, {last}, shape); }

  LayerNormParts(Formula &t, Value x, double epsilon) : last(rankOf(x) - 1), shape(shapeOf(x)) {
    Value centred = t.sub(x, spread(t, mean(t, x)));
    Value variance = mean(t, t.mul(centred, centred));
    rstd = t.rsqrt(t.add(variance, t.constant(epsilon, variance.getType())));
    normal = t.mul(centred, spread(t, rstd));
  }
};
} // namespace

Values LayerNormOp::decompose(OpBuilder &builder) {
  Formula t(builder, *this);
  LayerNormParts parts(t, t.widen(getX()), getEpsilon().convertToDouble());
  Value weight = parts.spreadWeight(t, t.widen(getWeight())),
        bias = parts.spreadWeight(t, t.widen(getBias()));
  return SmallVector<Value>{t.narrow(t.add(t.mul(parts.normal, weight), bias))};
}
LogicalResult LayerNormOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  Formula t(builder, *this);
  LayerNormParts parts(t, t.widen(getX()), getEpsilon().convertToDouble());
  Value dy = t.widen(cotangents[0]);
  // g is the cotangent of the normalised x; dx = rstd (g - mean g - normal mean(g normal)).
  Value g = t.mul(dy, parts.spreadWeight(t, t.widen(getWeight())));
  Value meanG = parts.spread(t, parts.mean(t, g));
  Value meanGNormal = parts.spread(t, parts.mean(t, t.mul(g, parts.normal)));
  Value dx =
      t.mul(parts.spread(t, parts.rstd), t.sub(t.sub(g, meanG), t.mul(parts.normal, meanGNormal)));
  DimVector leading = llvm::to_vector(llvm::seq<int64_t>(0, parts.last));
  grads[0] = t.narrow(dx);
  grads[1] = t.narrow(t.reduceSum(t.mul(dy, parts.normal), leading));
  grads[2] = t.narrow(t.reduceSum(dy, leading));
  return success();
}

//===----------------------------------------------------------------------===//
// cross_entropy
//===----------------------------------------------------------------------===//

LogicalResult CrossEntropyOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                               Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto logits = operandTensor(location, "heddle.cross_entropy", adaptor.getLogits());
  auto labels = operandTensor(location, "heddle.cross_entropy", adaptor.getLabels());
  if (!logits || !labels)
    return failure();
  if (logits.getRank() != 2)
    return emitOptionalError(location,
                             "heddle.cross_entropy: expected logits [rows, classes], got ", logits);
  if (!compatibleShapes(labels.getShape(), logits.getShape().take_front()))
    return emitOptionalError(location, "heddle.cross_entropy: expected one label for each of the ",
                             logits.getDimSize(0), " rows of logits, got ", labels);
  types.push_back(RankedTensorType::get({}, logits.getElementType()));
  return success();
}

namespace {
struct CrossEntropyParts {
  Value isLabel; // [rows, classes], whether the class is the row's label; no row of it where the
                 // label is out of range
  Value valid;   // [rows], whether the label counts
  Value count;   // how many do
  SoftmaxParts softmax;

  CrossEntropyParts(Formula &t, Value logits, Value labels, int64_t ignoreIndex)
      : softmax(t, logits, 1) {
    auto labelType = cast<RankedTensorType>(labels.getType());
    auto classType = RankedTensorType::get(shapeOf(logits), labelType.getElementType());
    isLabel = t.compare(ComparePredicate::eq, t.iota(classType, 1),
                        t.broadcast(labels, {0}, shapeOf(logits)));
    valid = t.compare(ComparePredicate::ne, labels,
                      t.constant(static_cast<double>(ignoreIndex), labelType));
    count = t.reduceSum(t.cast(valid, t.wide), {0});
  }
};
} // namespace

Values CrossEntropyOp::decompose(OpBuilder &builder) {
  Formula t(builder, *this);
  Value logits = t.widen(getLogits());
  CrossEntropyParts parts(t, logits, getLabels(), static_cast<int64_t>(getIgnoreIndex()));
  Value zeros = t.constant(0.0, logits.getType());
  Value ofLabel = t.reduceSum(t.select(parts.isLabel, parts.softmax.shifted, zeros), {1});
  Value loss = t.sub(t.log(parts.softmax.sum), ofLabel);
  Value counted = t.select(parts.valid, loss, t.constant(0.0, loss.getType()));
  return SmallVector<Value>{t.narrow(t.div(t.reduceSum(counted, {0}), parts.count))};
}
LogicalResult CrossEntropyOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  Formula t(builder, *this);
  Value logits = t.widen(getLogits());
  CrossEntropyParts parts(t, logits, getLabels(), static_cast<int64_t>(getIgnoreIndex()));
  Dims shape = shapeOf(logits);
  Value share = t.broadcast(t.div(t.widen(cotangents[0]), parts.count), {}, shape.take_front());
  Value factor = t.select(parts.valid, share, t.constant(0.0, share.getType()));
  Value probabilities = t.div(parts.softmax.exp, t.broadcastAlong(parts.softmax.sum, 1, shape));
  Value difference = t.sub(probabilities, t.cast(parts.isLabel, t.wide));
  grads[0] = t.narrow(t.mul(difference, t.broadcastAlong(factor, 1, shape)));
  return success();
}

//===----------------------------------------------------------------------===//
// dropout
//===----------------------------------------------------------------------===//

LogicalResult DropoutOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto given = givenAttribute(adaptor, adaptor.getPAttr(), "p");
  if (!given)
    return emitOptionalError(location, "heddle.dropout: expected the attribute 'p'");
  auto x = operandTensor(location, "heddle.dropout", adaptor.getX());
  if (!x)
    return failure();
  double p = given.getValueAsDouble();
  if (!(p >= 0.0 && p < 1.0))
    return emitOptionalError(location, "heddle.dropout: expected 0 <= p < 1, got ", p);
  types.push_back(x);
  return success();
}

/// x / (1 - p) where the mask keeps it, 0 elsewhere: the op, and its own derivative.
static Value dropped(OpBuilder &builder, DropoutOp op, Value x) {
  double p = op.getP().convertToDouble();
  if (p == 0.0)
    return x;
  Formula t(builder, op);
  auto uniformType = op.getType().clone(builder.getF32Type());
  Value uniform =
      RandomUniformOp::create(builder, op.getLoc(), uniformType, op.getKey(), op.getStream());
  Value keep = t.compare(ComparePredicate::ge, uniform, t.constant(p, uniformType));
  x = t.widen(x);
  return t.narrow(t.select(keep, t.scale(x, 1.0 / (1.0 - p)), t.constant(0.0, x.getType())));
}
Values DropoutOp::decompose(OpBuilder &builder) {
  return SmallVector<Value>{dropped(builder, *this, getX())};
}
LogicalResult DropoutOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  grads[0] = dropped(builder, *this, cotangents[0]);
  return success();
}
