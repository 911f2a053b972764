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
  m.checkProbability(p);
  if (!m.trace.isTraining || p == 0)
    return t;
  return m.wrap(ir::DropoutOp::create(m.b, m.loc, m.value(t), m.value(m.trace.randomKey()),
                                      m.b.getF64FloatAttr(p),
                                      m.b.getI64IntegerAttr(m.trace.nextStream())));
}

bool is_training() { return Trace::currentOrNull() && Trace::currentOrNull()->isTraining; }

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
