//===- Attention.cpp - attention and its gradient --------------------------===//
//
// The scores are built with the same ops wherever they are needed, so that CSE leaves one of each.
//
//===----------------------------------------------------------------------===//

#include "Evaluate.h"
#include "Formula.h"
#include "GivenAttribute.h"
#include "heddle/ir/Ops.h"

#include <limits>

using namespace mlir;
using namespace heddle::ir;

using Values = FailureOr<SmallVector<Value>>;
using Grads = SmallVectorImpl<Value>;

static Dims shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

namespace {
struct AttentionTypes {
  RankedTensorType q, k, v, y, rows;
};
} // namespace

/// Whether each dimension is the scores' or 1.
static bool spreadsOver(Dims mask, Dims scores) {
  if (mask.size() != scores.size())
    return false;
  DimVector spread(mask);
  for (auto [size, whole] : llvm::zip_equal(spread, scores))
    size = size == 1 ? whole : size;
  return compatibleShapes(spread, scores);
}

/// The operands' types once they fit, and those of the results of attention.
template <typename Adaptor>
static FailureOr<AttentionTypes> checkOperands(std::optional<Location> location, StringRef op,
                                               Adaptor &adaptor) {
  auto q = operandTensor(location, op, adaptor.getQ());
  auto k = operandTensor(location, op, adaptor.getK());
  auto v = operandTensor(location, op, adaptor.getV());
  if (!q || !k || !v)
    return failure();
  if (q.getRank() != 4 || k.getRank() != 4 || v.getRank() != 4)
    return emitOptionalError(
        location, op,
        ": expected q [batch, heads, T, D], k [batch, heads, S, D] and v [batch, heads, S, E], "
        "got ",
        q, ", ", k, " and ", v);
  if (q.getElementType() != k.getElementType() || q.getElementType() != v.getElementType())
    return emitOptionalError(location, op, ": q, k and v must have one element type, got ",
                             q.getElementType(), ", ", k.getElementType(), " and ",
                             v.getElementType());
  DimVector kExpected = {q.getDimSize(0), q.getDimSize(1), k.getDimSize(2), q.getDimSize(3)};
  DimVector vExpected = {q.getDimSize(0), q.getDimSize(1), k.getDimSize(2), v.getDimSize(3)};
  if (!compatibleShapes(k.getShape(), kExpected))
    return emitOptionalError(location, op, ": expected k of shape ", shapeText(kExpected), ", got ",
                             shapeText(k.getShape()));
  if (!compatibleShapes(v.getShape(), vExpected))
    return emitOptionalError(location, op, ": expected v of shape ", shapeText(vExpected), ", got ",
                             shapeText(v.getShape()));
  if (Value mask = adaptor.getMask()) {
    auto maskType = operandTensor(location, op, mask);
    DimVector maskExpected = {q.getDimSize(0), q.getDimSize(1), q.getDimSize(2), k.getDimSize(2)};
    if (!maskType || !spreadsOver(maskType.getShape(), maskExpected))
      return emitOptionalError(location, op, ": expected a mask of shape ", shapeText(maskExpected),
                               ", or with 1 in place of any of these, got ", mask.getType());
  }
  if (Value position = adaptor.getPosition()) {
    const int64_t queries = q.getDimSize(2), keys = k.getDimSize(2);
    if (!givenAttribute(adaptor, adaptor.getCausalAttr(), "causal"))
      return emitOptionalError(location, op,
                               ": a position says which keys come after a query, so it needs the "
                               "attribute 'causal'");
    if (!ShapedType::isDynamic(queries) && !ShapedType::isDynamic(keys) && queries > keys)
      return emitOptionalError(location, op, ": expected at least as many keys as queries from a ",
                               "position on, got ", keys, " and ", queries);
  }
  Dims rows = q.getShape().take_front(3);
  DimVector y(rows);
  y.push_back(v.getDimSize(3));
  return AttentionTypes{q, k, v, q.clone(y), q.clone(rows, Formula::wideOf(q.getElementType()))};
}

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto operands = checkOperands(location, "heddle.attention", adaptor);
  if (failed(operands))
    return failure();
  types.assign({operands->y, operands->rows});
  return success();
}

LogicalResult AttentionGradientOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                                    Adaptor adaptor, SmallVectorImpl<Type> &types) {
  constexpr StringLiteral op = "heddle.attention_gradient";
  auto operands = checkOperands(location, op, adaptor);
  if (failed(operands))
    return failure();
  auto check = [&](StringRef name, Value value, RankedTensorType expected) -> LogicalResult {
    auto type = operandTensor(location, op, value);
    if (!type || type.getElementType() != expected.getElementType() ||
        !compatibleShapes(type.getShape(), expected.getShape()))
      return emitOptionalError(location, op, ": expected ", name, " of type ", expected, ", got ",
                               value.getType());
    return success();
  };
  if (failed(check("logsumexp", adaptor.getLogsumexp(), operands->rows)) ||
      failed(check("delta", adaptor.getDelta(), operands->rows)) ||
      failed(check("dy", adaptor.getDy(), operands->y)))
    return failure();
  types.assign({operands->q, operands->k, operands->v});
  return success();
}

//===----------------------------------------------------------------------===//
// Products of one head: x is [T, _], y [S, _], m [T, S]
//===----------------------------------------------------------------------===//

static Value timesTransposed(Formula &t, Value x, Value y) { // x y^T
  return t.dot(x, y, {0, 1}, {0, 1}, {3}, {3});
}
static Value times(Formula &t, Value m, Value y) { // m y
  return t.dot(m, y, {0, 1}, {0, 1}, {3}, {2});
}
static Value transposedTimes(Formula &t, Value m, Value x) { // m^T x
  return t.dot(m, x, {0, 1}, {0, 1}, {2}, {2});
}

/// A mask with 1 in place of some sizes, repeated along these.
static Value spreadMask(Formula &t, Value mask, Dims shape) {
  DimVector sizes, dimensions;
  for (auto [d, size] : llvm::enumerate(shapeOf(mask)))
    if (size != 1) {
      sizes.push_back(size);
      dimensions.push_back(static_cast<int64_t>(d));
    }
  return t.broadcast(t.reshape(mask, sizes), dimensions, shape);
}

namespace {
/// [batch, heads, T, S].
struct Scores {
  Value all;     // scale q k^T, in the wide type
  Value visible; // where m is 0; null: everywhere
};
} // namespace

/// Of query 0 among the keys, for each score.
template <typename Op> static Value firstPosition(Formula &t, Op op, RankedTensorType indexType) {
  const auto last = static_cast<double>(indexType.getDimSize(3) - indexType.getDimSize(2));
  Value position = op.getPosition();
  if (!position)
    return t.constant(last, indexType);
  // Clamped in its own type: an i64 may be no i32.
  position = t.maximum(position, t.constant(0.0, position.getType()));
  position = t.minimum(position, t.constant(last, position.getType()));
  return t.broadcast(t.cast(position, indexType.getElementType()), {}, indexType.getShape());
}

template <typename Op> static Scores attentionScores(Formula &t, Op op) {
  Value scores = t.widen(timesTransposed(t, op.getQ(), op.getK()));
  scores = t.scale(scores, op.getScale().convertToDouble());
  Dims shape = shapeOf(scores);
  Value visible = op.getMask() ? spreadMask(t, op.getMask(), shape) : Value();
  if (op.getCausal()) {
    auto indexType = RankedTensorType::get(shape, IntegerType::get(op.getContext(), 32));
    Value last = t.add(t.iota(indexType, 2), firstPosition(t, op, indexType));
    Value past = t.compare(ComparePredicate::le, t.iota(indexType, 3), last);
    visible = visible ? t.logicalAnd(visible, past) : past;
  }
  return {scores, visible};
}

//===----------------------------------------------------------------------===//
// attention
//===----------------------------------------------------------------------===//

Values AttentionOp::decompose(OpBuilder &builder) {
  Formula t(builder, *this);
  auto [scores, visible] = attentionScores(t, *this);
  Dims shape = shapeOf(scores);
  if (visible)
    scores = t.select(visible, scores,
                      t.constant(-std::numeric_limits<double>::infinity(), scores.getType()));
  const bool maySeeNone = getMask() || (getCausal() && shape[2] > shape[3]);
  SoftmaxParts parts(t, scores, 3, maySeeNone);
  Value sum = parts.sum;
  if (maySeeNone) { // 0 / 1 instead of 0 / 0
    Value none = t.compare(ComparePredicate::eq, sum, t.constant(0.0, sum.getType()));
    sum = t.select(none, t.constant(1.0, sum.getType()), sum);
  }
  Value probabilities = t.div(parts.exp, t.broadcastAlong(sum, 3, shape));
  return SmallVector<Value>{times(t, t.narrow(probabilities), getV()),
                            t.add(parts.max, t.log(parts.sum))};
}
LogicalResult AttentionOp::buildVJP(OpBuilder &builder, ValueRange cotangents, Grads &grads) {
  Formula t(builder, *this);
  Value dy = cotangents[0], dLogsumexp = cotangents[1], delta;
  if (dy)
    delta = t.reduceSum(t.mul(t.widen(dy), t.widen(getResult())), {3});
  else
    dy = t.constant(0.0, getResult().getType());
  if (dLogsumexp)
    delta = delta ? t.sub(delta, dLogsumexp) : t.neg(dLogsumexp);
  auto gradient =
      AttentionGradientOp::create(builder, getLoc(), getQ(), getK(), getV(), getLogsumexp(), delta,
                                  dy, getMask(), getPosition(), getCausalAttr(), getScaleAttr());
  llvm::copy(gradient.getResults(), grads.begin());
  return success();
}

//===----------------------------------------------------------------------===//
// attention_gradient
//===----------------------------------------------------------------------===//

namespace {
/// All [batch, heads, T, S], in the wide type.
struct GradientParts {
  Value probabilities; // P
  Value difference;    // dy v^T - delta
  Value dScores;       // scale P * difference

  GradientParts(Formula &t, AttentionGradientOp op) {
    auto [scores, visible] = attentionScores(t, op);
    Dims shape = shapeOf(scores);
    probabilities = t.exp(t.sub(scores, t.broadcastAlong(op.getLogsumexp(), 3, shape)));
    if (visible) // after e^x, since logsumexp may be -inf
      probabilities = t.select(visible, probabilities, t.constant(0.0, probabilities.getType()));
    difference = t.sub(t.widen(timesTransposed(t, op.getDy(), op.getV())),
                       t.broadcastAlong(op.getDelta(), 3, shape));
    dScores = t.scale(t.mul(probabilities, difference), op.getScale().convertToDouble());
  }
};
} // namespace

Values AttentionGradientOp::decompose(OpBuilder &builder) {
  Formula t(builder, *this);
  GradientParts parts(t, *this);
  Value dScores = t.narrow(parts.dScores);
  return SmallVector<Value>{times(t, dScores, getK()), transposedTimes(t, dScores, getQ()),
                            transposedTimes(t, t.narrow(parts.probabilities), getDy())};
}
/// With a, b and c the cotangents of dq, dk and dv: X = scale (a k^T + q b^T) is that of dS, and
/// what P gets is X * (dy v^T - delta) + dy c^T.
LogicalResult AttentionGradientOp::buildVJP(OpBuilder &builder, ValueRange cotangents,
                                            Grads &grads) {
  Formula t(builder, *this);
  GradientParts parts(t, *this);
  auto given = [&](unsigned i) {
    return cotangents[i] ? cotangents[i] : t.constant(0.0, getResult(i).getType());
  };
  Value a = given(0), b = given(1), c = given(2);
  double scale = getScale().convertToDouble();
  Value ofDScores = t.scale(
      t.add(t.widen(timesTransposed(t, a, getK())), t.widen(timesTransposed(t, getQ(), b))), scale);
  Value ofP = t.add(t.mul(ofDScores, parts.difference), t.widen(timesTransposed(t, getDy(), c)));
  Value ofScores = t.mul(ofP, parts.probabilities);
  Value ofDifference = t.mul(ofDScores, parts.probabilities);

  Value dScores = t.narrow(parts.dScores), scaled = t.narrow(t.scale(ofScores, scale)),
        narrowDifference = t.narrow(ofDifference);
  grads[0] = t.add(times(t, scaled, getK()), times(t, dScores, b));
  grads[1] = t.add(transposedTimes(t, scaled, getQ()), transposedTimes(t, dScores, a));
  grads[2] = transposedTimes(t, narrowDifference, getDy());
  grads[3] = t.neg(t.reduceSum(ofScores, {3}));
  grads[4] = t.neg(t.reduceSum(ofDifference, {3}));
  grads[5] = t.add(times(t, narrowDifference, getV()), times(t, t.narrow(parts.probabilities), c));
  return success();
}
