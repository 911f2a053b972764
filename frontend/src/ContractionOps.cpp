#include "OpBuilding.h"

using namespace mlir;

namespace heddle {
namespace {

using Sizes = std::vector<std::int64_t>;

Tensor dot(OpMaker &m, const Tensor &x, const Tensor &y, Sizes batch, std::int64_t xContract,
           std::int64_t yContract) {
  return m.wrap(ir::DotGeneralOp::create(m.b, m.loc, m.value(x), m.value(y), batch, batch,
                                         Sizes{xContract}, Sizes{yContract}));
}

Tensor withLeading(OpMaker &m, const Tensor &t, const Shape &leading) {
  Sizes sizes = leading.sizes();
  sizes.push_back(t.size(-2));
  sizes.push_back(t.size(-1));
  return m.broadcastTo(t, Shape(sizes));
}

} // namespace

Tensor matmul(Operand left, Operand right) {
  OpMaker m("matmul", left.where);
  const Tensor x = m.number(left), y = m.number(right);
  if (x.dtype() != y.dtype())
    m.fail("expects operands of one dtype, got {} and {}; convert one with cast()", describe(x),
           describe(y));
  if (x.rank() == 0 || y.rank() == 0)
    m.fail("expects vectors or matrices, got {} and {}; use * for scalars", describe(x),
           describe(y));
  const std::int64_t xContract = x.rank() - 1, yContract = y.rank() == 1 ? 0 : y.rank() - 2;
  if (x.size(xContract) != y.size(yContract))
    m.fail("expects the last dimension of the left operand and the {} of the right to be equal, "
           "got {} and {} ({} x {})",
           y.rank() == 1 ? "only one" : "second-last", x.size(xContract), y.size(yContract),
           x.shape().str(), y.shape().str());
  // Without leading dimensions on one side, those of the other need no pairing: they are kept as
  // free ones.
  if (y.rank() <= 2 || x.rank() == 1)
    return dot(m, x, y, {}, xContract, yContract);
  const Shape xLeading(Sizes(x.shape().begin(), x.shape().end() - 2));
  const Shape yLeading(Sizes(y.shape().begin(), y.shape().end() - 2));
  const auto leading = broadcastShape(xLeading, yLeading);
  if (!leading)
    m.fail("cannot broadcast the leading dimensions {} and {} of {} x {}; sizes must be equal or 1",
           xLeading.str(), yLeading.str(), x.shape().str(), y.shape().str());
  Sizes batch;
  for (std::int64_t d = 0; d < leading->rank(); ++d)
    batch.push_back(d);
  return dot(m, withLeading(m, x, *leading), withLeading(m, y, *leading), batch,
             leading->rank() + 1, leading->rank());
}

Tensor makeLinear(const std::string &op, Operand input, Operand weight, const Operand *bias) {
  OpMaker m(op, input.where);
  const Tensor x = m.tensor(input), w = m.tensor(weight);
  if (w.rank() != 2)
    m.fail("expects a weight [out, in], got {}", describe(w));
  if (x.dtype() != w.dtype())
    m.fail("expects an {} input, got {}; convert it with cast(x, {})", name(w.dtype()), describe(x),
           name(w.dtype()));
  if (!is_float(w.dtype()))
    m.fail("expects a float weight, got {}", describe(w));
  if (x.rank() == 0)
    m.fail(
        "expects {} features in the last dimension, got a scalar; reshape the input to [..., {}]",
        w.size(1), w.size(1));
  if (x.size(-1) != w.size(1))
    m.fail("expects {} features in the last dimension, got {} (input {}); reshape the input to "
           "[..., {}] or declare the "
           "layer with {} inputs",
           w.size(1), x.size(-1), x.shape().str(), w.size(1), x.size(-1));
  Tensor y = dot(m, x, w, {}, x.rank() - 1, 1);
  if (bias) {
    const Tensor c = m.tensor(*bias);
    if (c.shape() != Shape{w.size(0)} || c.dtype() != w.dtype())
      m.fail("expects a bias {} [{}], got {}", name(w.dtype()), w.size(0), describe(c));
    y = m.wrap(ir::AddOp::create(m.b, m.loc, m.value(y), m.value(m.broadcastTo(c, y.shape()))));
  }
  return y;
}

Tensor linear(Operand x, Operand weight) { return makeLinear("linear", x, weight, nullptr); }
Tensor linear(Operand x, Operand weight, Operand bias) {
  return makeLinear("linear", x, weight, &bias);
}

} // namespace heddle
