#include "OpBuilding.h"

#include <cmath>

using namespace mlir;

namespace heddle {
namespace {

using Sizes = std::vector<std::int64_t>;

Sizes leading(const Tensor &t) { return Sizes(t.shape().begin(), t.shape().end() - 2); }

/// The op's operands are [batch, heads, rows, columns]: what is before the last three dimensions
/// becomes one, and what is missing 1.
Shape headsShape(const Shape &shape) {
  Sizes sizes(4, 1);
  for (std::int64_t d = 0; d < shape.rank(); ++d)
    sizes[static_cast<std::size_t>(std::max<std::int64_t>(0, 4 - shape.rank() + d))] *= shape[d];
  return Shape(sizes);
}
Tensor asHeads(OpMaker &m, const Tensor &t) { return m.reshape(t, headsShape(t.shape())); }

void checkAttention(OpMaker &m, const Tensor &q, const Tensor &k, const Tensor &v) {
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

/// The mask with as many dimensions as the scores, each as large as theirs or 1.
Tensor checkMask(OpMaker &m, const Tensor &mask, const Shape &scores) {
  m.trace.unwrap(mask, m.op, m.where);
  if (mask.dtype() != DType::i1 || broadcastShape(mask.shape(), scores) != scores)
    m.fail("expects an i1 mask that broadcasts to {} (... x queries x keys), got {}{}",
           scores.str(), describe(mask),
           mask.dtype() == DType::i1 ? "; unsqueeze() gives it the dimensions of size 1 that it "
                                       "lacks"
                                     : "; make one by a comparison, such as ne(tokens, padding)");
  Sizes sizes(static_cast<std::size_t>(scores.rank()), 1);
  std::copy(mask.shape().begin(), mask.shape().end(),
            sizes.end() - static_cast<std::ptrdiff_t>(mask.rank()));
  return m.reshape(mask, Shape(sizes));
}

void checkPosition(OpMaker &m, const Tensor &position, bool causal, std::int64_t queries,
                   std::int64_t keys) {
  m.trace.unwrap(position, m.op, m.where);
  if (position.rank() != 0 || (position.dtype() != DType::i32 && position.dtype() != DType::i64))
    m.fail("expects a position that is an i32 or i64 scalar, got {}; declare the input with shape "
           "{{}}",
           describe(position));
  if (!causal)
    m.fail("is given a position without causal; a position says which keys come after a query, so "
           "set causal too, or leave it out for all keys");
  if (queries > keys)
    m.fail("expects at least as many keys as queries from a position on, got {} queries and {} "
           "keys",
           queries, keys);
}

/// For the op, whose mask has four dimensions, each the scores' or 1.
Tensor maskForHeads(OpMaker &m, const Tensor &mask, const Shape &scores) {
  Sizes sizes = mask.shape().sizes();
  // Dimensions that become one are repeated together or not at all.
  const std::int64_t joined = scores.rank() - 3;
  if (joined > 1 && std::any_of(sizes.begin(), sizes.begin() + joined,
                                [](std::int64_t size) { return size != 1; }))
    std::copy_n(scores.begin(), joined, sizes.begin());
  const Tensor whole = m.broadcastTo(mask, Shape(sizes));
  return m.reshape(whole, headsShape(whole.shape()));
}

/// The formula spelled out, for dropout of the weights, which the op does not have.
Tensor attentionWithDropout(const Tensor &q, const Tensor &k, const Tensor &v, Tensor mask,
                            const AttentionOptions &options, double scale) {
  const std::int64_t rows = q.size(-2), columns = k.size(-2);
  Tensor scores = matmul(q, transpose(k, -1, -2)) * scale;
  if (options.causal) {
    const std::int64_t last = columns - rows;
    const Operand first = options.position
                              ? Operand(cast(minimum(maximum(options.position, 0), last), i32))
                              : Operand(last);
    const Tensor past = le(iota({rows, columns}, 1), iota({rows, columns}, 0) + first);
    mask = mask ? logical_and(mask, past) : past;
  }
  if (!mask)
    return matmul(dropout(softmax(scores, -1), options.dropout), v);
  // A finite number in place of -inf: where nothing is visible, softmax stays finite, and the
  // second `where` makes it zero. Elsewhere e^(lowest - max) is 0 as e^-inf is.
  const double lowest = q.dtype() == DType::f16 ? -65504.0 : -1e38;
  const Tensor weights = softmax(where(mask, scores, lowest), -1);
  return matmul(dropout(where(mask, weights, 0), options.dropout), v);
}

} // namespace

Tensor scaled_dot_product_attention(Operand query, Operand key, Operand values,
                                    AttentionOptions options) {
  At at(query.where);
  OpMaker m("scaled_dot_product_attention", query.where);
  const Tensor q = m.floating(query), k = m.floating(key), v = m.floating(values);
  checkAttention(m, q, k, v);
  m.checkProbability(options.dropout);
  Sizes sizes = leading(q);
  sizes.insert(sizes.end(), {q.size(-2), k.size(-2)});
  const Shape scores(sizes);
  if (options.position)
    checkPosition(m, options.position, options.causal, q.size(-2), k.size(-2));
  Tensor mask = options.mask ? checkMask(m, options.mask, scores) : Tensor();
  const double scale = options.scale.value_or(1.0 / std::sqrt(static_cast<double>(q.size(-1))));

  if (m.trace.isTraining && options.dropout > 0)
    return attentionWithDropout(q, k, v, mask, options, scale);
  if (mask)
    mask = maskForHeads(m, mask, scores);
  auto attention = ir::AttentionOp::create(
      m.b, m.loc, m.value(asHeads(m, q)), m.value(asHeads(m, k)), m.value(asHeads(m, v)),
      mask ? m.value(mask) : Value(), options.position ? m.value(options.position) : Value(),
      options.causal ? m.b.getUnitAttr() : UnitAttr(), m.b.getF64FloatAttr(scale));
  const Tensor y = m.wrap(attention.getResult());
  sizes.back() = v.size(-1);
  return m.reshape(y, Shape(sizes));
}

} // namespace heddle
