#include "OpBuilding.h"

#include "heddle/loss.h"

#include <cmath>

using namespace mlir;

namespace heddle {
namespace {

using Sizes = std::vector<std::int64_t>;

template <class Op> Tensor along(std::string_view op, const Operand &x, std::int64_t dim) {
  OpMaker m(op, x.where);
  const Tensor t = m.floating(x);
  return m.wrap(Op::create(m.b, m.loc, m.value(t), m.dim(dim, t.shape())));
}

bool isIndex(const Tensor &t) { return t.dtype() == DType::i32 || t.dtype() == DType::i64; }

void checkProbability(OpMaker &m, double p) {
  if (!(p >= 0 && p < 1))
    m.fail("expects a probability p with 0 <= p < 1, got {}", p);
}

} // namespace

Tensor softmax(Operand x, std::int64_t dim) { return along<ir::SoftmaxOp>("softmax", x, dim); }
Tensor log_softmax(Operand x, std::int64_t dim) {
  return along<ir::LogSoftmaxOp>("log_softmax", x, dim);
}

Tensor makeEmbedding(const std::string &op, Operand indices, Operand table) {
  OpMaker m(op, indices.where);
  const Tensor i = m.tensor(indices), t = m.tensor(table);
  if (!isIndex(i))
    m.fail("expects i32 or i64 indices, got {}; convert them with cast(x, i32)", describe(i));
  if (t.rank() == 0)
    m.fail("expects a table [n, ...], got {}", describe(t));
  return m.wrap(ir::GatherOp::create(m.b, m.loc, m.value(t), m.value(i)));
}
Tensor embedding(Operand indices, Operand table) {
  return makeEmbedding("embedding", indices, table);
}

Tensor makeLayerNorm(const std::string &op, Operand x, Operand weight, const Operand *bias,
                     double epsilon) {
  OpMaker m(op, x.where);
  const Tensor t = m.floating(x), w = m.tensor(weight);
  const Tensor c = bias ? m.tensor(*bias) : m.constant(0, w.dtype(), w.shape());
  if (w.rank() != 1 || c.shape() != w.shape() || w.dtype() != t.dtype() || c.dtype() != t.dtype())
    m.fail("expects a weight and a bias of one size and of the input's dtype, got {} and {} (input "
           "{})",
           describe(w), describe(c), describe(t));
  if (t.rank() == 0 || t.size(-1) != w.size(0))
    m.fail("expects {} features in the last dimension, got {} (input {}); reshape the input to "
           "[..., {}] or declare the "
           "layer with that width",
           w.size(0), t.rank() == 0 ? 1 : t.size(-1), t.shape().str(), w.size(0));
  return m.wrap(ir::LayerNormOp::create(m.b, m.loc, m.value(t), m.value(w), m.value(c),
                                        m.b.getF64FloatAttr(epsilon)));
}
Tensor layer_norm(Operand x, Operand weight, Operand bias, double epsilon) {
  return makeLayerNorm("layer_norm", x, weight, &bias, epsilon);
}

Tensor dropout(Operand x, double p) {
  OpMaker m("dropout", x.where);
  const Tensor t = m.floating(x);
  checkProbability(m, p);
  if (!m.trace.isTraining || p == 0)
    return t;
  return m.wrap(ir::DropoutOp::create(m.b, m.loc, m.value(t), m.value(m.trace.randomKey()),
                                      m.b.getF64FloatAttr(p),
                                      m.b.getI64IntegerAttr(m.trace.nextStream())));
}

bool is_training() { return Trace::currentOrNull() && Trace::currentOrNull()->isTraining; }

namespace {

/// [batch, heads, T, D] of [..., T, D].
Tensor asHeads(OpMaker &m, const Tensor &t) {
  if (t.rank() == 4)
    return t;
  std::int64_t batch = 1;
  for (std::int64_t d = 0; d < t.rank() - 3; ++d)
    batch *= t.size(d);
  const std::int64_t heads = t.rank() > 2 ? t.size(-3) : 1;
  return m.reshape(t, Shape{batch, heads, t.size(-2), t.size(-1)});
}

void checkAttention(OpMaker &m, const Tensor &q, const Tensor &k, const Tensor &v) {
  auto leading = [](const Tensor &t) { return Sizes(t.shape().begin(), t.shape().end() - 2); };
  if (q.rank() < 2 || k.rank() < 2 || v.rank() < 2)
    m.fail("expects q [..., T, D], k [..., S, D] and v [..., S, E], got {}, {} and {}", describe(q),
           describe(k), describe(v));
  if (q.dtype() != k.dtype() || q.dtype() != v.dtype() || leading(q) != leading(k) ||
      leading(q) != leading(v) || q.size(-1) != k.size(-1) || k.size(-2) != v.size(-2))
    m.fail("expects q [..., T, D], k [..., S, D] and v [..., S, E] of one dtype and with equal "
           "leading dimensions, got "
           "{}, {} and {}",
           describe(q), describe(k), describe(v));
}

} // namespace

Tensor scaled_dot_product_attention(Operand query, Operand key, Operand values,
                                    AttentionOptions options) {
  At at(query.where);
  OpMaker m("scaled_dot_product_attention", query.where);
  const Tensor q = m.floating(query), k = m.floating(key), v = m.floating(values);
  checkAttention(m, q, k, v);
  checkProbability(m, options.dropout);
  const std::int64_t rows = q.size(-2), columns = k.size(-2);
  Tensor mask = options.mask;
  if (mask) {
    m.trace.unwrap(mask, m.op, m.where);
    if (options.causal)
      m.fail("is given both a mask and causal; make the mask causal instead");
    if (mask.dtype() != DType::i1 ||
        broadcastShape(mask.shape(), Shape{rows, columns}) != Shape{rows, columns})
      m.fail("expects an i1 mask that broadcasts to [{}, {}], got {}", rows, columns,
             describe(mask));
    mask = m.broadcastTo(mask, Shape{rows, columns});
  }
  const double scale = options.scale.value_or(1.0 / std::sqrt(static_cast<double>(q.size(-1))));

  if (m.trace.isTraining && options.dropout > 0) {
    // The fused op has no dropout: the formula, spelled out.
    Tensor scores = matmul(q, transpose(k, -1, -2)) * scale;
    if (options.causal)
      mask = le(iota({rows, columns}, 1), iota({rows, columns}, 0) + (columns - rows));
    if (mask)
      scores = where(mask, scores, -INFINITY);
    return matmul(dropout(softmax(scores, -1), options.dropout), v);
  }
  auto attention = ir::AttentionOp::create(
      m.b, m.loc, m.value(asHeads(m, q)), m.value(asHeads(m, k)), m.value(asHeads(m, v)),
      mask ? m.value(mask) : Value(), options.causal ? m.b.getUnitAttr() : UnitAttr(),
      m.b.getF64FloatAttr(scale));
  const Tensor y = m.wrap(attention.getResult());
  Sizes sizes = q.shape().sizes();
  sizes.back() = v.size(-1);
  return m.reshape(y, Shape(sizes));
}

Tensor mse_loss(Operand prediction, Operand target) {
  At at(prediction.where);
  OpMaker m("mse_loss", prediction.where);
  const Tensor p = m.floating(prediction), t = m.floating(target);
  if (p.shape() != t.shape() || p.dtype() != t.dtype())
    m.fail("expects a prediction and a target of one shape and dtype, got {} and {}; reshape one "
           "of them",
           describe(p), describe(t));
  const Tensor difference = p - t;
  return mean(difference * difference);
}

Tensor cross_entropy(Operand logits, Operand labels, std::int64_t ignore_index) {
  OpMaker m("cross_entropy", logits.where);
  const Tensor x = m.floating(logits), y = m.tensor(labels);
  if (!isIndex(y))
    m.fail("expects i32 or i64 labels, got {}; give class numbers, not one-hot vectors",
           describe(y));
  if (x.rank() == 0)
    m.fail("expects logits [..., classes], got {}", describe(x));
  const Shape rows(Sizes(x.shape().begin(), x.shape().end() - 1));
  if (rows != y.shape())
    m.fail("expects labels {} for logits {}, got {}", rows.str(), x.shape().str(), y.shape().str());
  const std::int64_t count = rows.elements();
  return m.wrap(ir::CrossEntropyOp::create(m.b, m.loc,
                                           m.value(m.reshape(x, Shape{count, x.size(-1)})),
                                           m.value(m.reshape(y, Shape{count})), ignore_index));
}

} // namespace heddle
