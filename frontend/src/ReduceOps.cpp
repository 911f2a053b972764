#include "OpBuilding.h"

using namespace mlir;

namespace heddle {
namespace {

template <class Op> Tensor reduce(OpMaker &m, const Tensor &t, const Dims &given, bool keepdim) {
  const std::vector<std::int64_t> dims = m.dims(given, t.shape());
  Tensor reduced = dims.empty() ? t : m.wrap(Op::create(m.b, m.loc, m.value(t), dims));
  if (!keepdim)
    return reduced;
  std::vector<std::int64_t> sizes = t.shape().sizes();
  for (std::int64_t d : dims)
    sizes[static_cast<std::size_t>(d)] = 1;
  return m.reshape(reduced, Shape(sizes));
}

} // namespace

Tensor sum(Operand x, Dims dims, bool keepdim) {
  OpMaker m("sum", x.where);
  return reduce<ir::ReduceSumOp>(m, m.number(x), dims, keepdim);
}
Tensor amax(Operand x, Dims dims, bool keepdim) {
  OpMaker m("amax", x.where);
  return reduce<ir::ReduceMaxOp>(m, m.number(x), dims, keepdim);
}
Tensor amin(Operand x, Dims dims, bool keepdim) {
  OpMaker m("amin", x.where);
  return reduce<ir::ReduceMinOp>(m, m.number(x), dims, keepdim);
}

Tensor mean(Operand x, Dims dims, bool keepdim) {
  At at(x.where);
  OpMaker m("mean", x.where);
  const Tensor t = m.floating(x);
  std::int64_t count = 1;
  for (std::int64_t d : m.dims(dims, t.shape()))
    count *= t.size(d);
  return reduce<ir::ReduceSumOp>(m, t, dims, keepdim) * (1.0 / static_cast<double>(count));
}

Tensor variance(Operand x, Dims dims, bool keepdim) {
  At at(x.where);
  OpMaker m("variance", x.where);
  const Tensor t = m.floating(x);
  m.dims(dims, t.shape());
  const Tensor centred = t - mean(t, dims, true);
  return mean(centred * centred, dims, keepdim);
}

Tensor argmax(Operand x, std::int64_t dim, bool keepdim) {
  OpMaker m("argmax", x.where);
  const Tensor t = m.number(x);
  dim = m.dim(dim, t.shape());
  if (t.size(dim) == 0)
    m.fail("needs at least one element along dimension {} of {}", dim, describe(t));
  const Tensor found = m.wrap(ir::ArgMaxOp::create(m.b, m.loc, m.value(t), dim));
  if (!keepdim)
    return found;
  std::vector<std::int64_t> sizes = t.shape().sizes();
  sizes[static_cast<std::size_t>(dim)] = 1;
  return m.reshape(found, Shape(sizes));
}

} // namespace heddle
