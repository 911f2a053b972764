#include "OpBuilding.h"

#include <algorithm>
#include <numeric>

using namespace mlir;

namespace heddle {

using Sizes = std::vector<std::int64_t>;

static std::size_t index(std::int64_t dim) { return static_cast<std::size_t>(dim); }

static void checkSizes(OpMaker &m, const Shape &shape) {
  for (std::int64_t size : shape)
    if (size < 0)
      m.fail("is given shape {}; sizes are at least 0", shape.str());
}

Tensor reshape(Operand x, Shape shape) {
  OpMaker m("reshape", x.where);
  const Tensor t = m.tensor(x);
  Sizes sizes = shape.sizes();
  const auto open = std::count(sizes.begin(), sizes.end(), -1);
  if (open > 1)
    m.fail("is given shape {}; only one size may be -1", shape.str());
  if (open == 1) {
    std::int64_t rest = 1;
    for (std::int64_t size : sizes)
      rest *= size == -1 ? 1 : size;
    if (rest == 0 || t.shape().elements() % rest != 0)
      m.fail("cannot make {} of {}: its {} elements do not divide by {}", shape.str(), describe(t),
             t.shape().elements(), rest);
    *std::find(sizes.begin(), sizes.end(), -1) = t.shape().elements() / rest;
  }
  const Shape full(sizes);
  checkSizes(m, full);
  if (full.elements() != t.shape().elements())
    m.fail("cannot make {} of {}: {} elements against {}", shape.str(), describe(t),
           full.elements(), t.shape().elements());
  return m.reshape(t, full);
}

Tensor flatten(Operand x, std::int64_t first, std::int64_t last) {
  OpMaker m("flatten", x.where);
  const Tensor t = m.tensor(x);
  if (t.rank() == 0)
    return m.reshape(t, {1});
  first = m.dim(first, t.shape());
  last = m.dim(last, t.shape());
  if (first > last)
    m.fail("is given dimensions {} to {} of {}; the first must not be after the last", first, last,
           t.shape().str());
  Sizes sizes(t.shape().begin(), t.shape().begin() + first);
  std::int64_t joined = 1;
  for (std::int64_t d = first; d <= last; ++d)
    joined *= t.size(d);
  sizes.push_back(joined);
  sizes.insert(sizes.end(), t.shape().begin() + last + 1, t.shape().end());
  return m.reshape(t, Shape(sizes));
}

Tensor transpose(Operand x, std::int64_t dim0, std::int64_t dim1) {
  OpMaker m("transpose", x.where);
  const Tensor t = m.tensor(x);
  Sizes order(index(t.rank()));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[index(m.dim(dim0, t.shape()))], order[index(m.dim(dim1, t.shape()))]);
  return m.transpose(t, order);
}

Tensor permute(Operand x, Dims given) {
  OpMaker m("permute", x.where);
  const Tensor t = m.tensor(x);
  if (static_cast<std::int64_t>(given.values().size()) != t.rank())
    m.fail("is given {} dimensions for {}; name each of its {} once", given.values().size(),
           describe(t), t.rank());
  if (t.rank() == 0)
    return t;
  m.dims(given, t.shape());
  Sizes order;
  for (std::int64_t d : given.values())
    order.push_back(m.dim(d, t.shape()));
  return m.transpose(t, order);
}

static Tensor makeSlice(OpMaker &m, const Tensor &t, std::int64_t dim, std::int64_t start,
                        std::int64_t end, std::int64_t step = 1) {
  Sizes starts(index(t.rank()), 0), limits = t.shape().sizes(), strides(index(t.rank()), 1);
  starts[index(dim)] = start;
  limits[index(dim)] = end;
  strides[index(dim)] = step;
  return m.wrap(ir::SliceOp::create(m.b, m.loc, m.value(t), starts, limits, strides));
}

Tensor slice(Operand x, std::int64_t dim, std::int64_t start, std::int64_t end, std::int64_t step) {
  OpMaker m("slice", x.where);
  const Tensor t = m.tensor(x);
  dim = m.dim(dim, t.shape());
  const std::int64_t size = t.size(dim);
  const std::int64_t from = start < 0 ? start + size : start, to = end < 0 ? end + size : end;
  if (from < 0 || to > size || from > to)
    m.fail("[{}, {}) is not a range within dimension {} of {}, which has size {}", start, end, dim,
           describe(t), size);
  if (step < 1)
    m.fail("is given step {}; it must be at least 1", step);
  return makeSlice(m, t, dim, from, to, step);
}

Tensor narrow(Operand x, std::int64_t dim, std::int64_t start, std::int64_t length) {
  OpMaker m("narrow", x.where);
  const Tensor t = m.tensor(x);
  dim = m.dim(dim, t.shape());
  if (start < 0 || length < 0 || start + length > t.size(dim))
    m.fail("of {} elements from {} does not lie within dimension {} of {}, which has size {}",
           length, start, dim, describe(t), t.size(dim));
  return makeSlice(m, t, dim, start, start + length);
}

Tensor select(Operand x, std::int64_t dim, std::int64_t at) {
  OpMaker m("select", x.where);
  const Tensor t = m.tensor(x);
  dim = m.dim(dim, t.shape());
  const std::int64_t size = t.size(dim);
  if (at < -size || at >= size)
    m.fail("of index {} does not lie within dimension {} of {}, which has size {}", at, dim,
           describe(t), size);
  at = at < 0 ? at + size : at;
  Sizes sizes = t.shape().sizes();
  sizes.erase(sizes.begin() + dim);
  return m.reshape(makeSlice(m, t, dim, at, at + 1), Shape(sizes));
}

static std::vector<Tensor> pieces(OpMaker &m, const Tensor &t, std::int64_t size,
                                  std::int64_t dim) {
  std::vector<Tensor> found;
  for (std::int64_t start = 0; start < t.size(dim); start += size)
    found.push_back(makeSlice(m, t, dim, start, std::min(start + size, t.size(dim))));
  return found;
}

std::vector<Tensor> split(Operand x, std::int64_t size, std::int64_t dim) {
  OpMaker m("split", x.where);
  const Tensor t = m.tensor(x);
  dim = m.dim(dim, t.shape());
  if (size < 1)
    m.fail("is given size {}; it must be at least 1", size);
  return pieces(m, t, size, dim);
}

std::vector<Tensor> chunk(Operand x, std::int64_t count, std::int64_t dim) {
  OpMaker m("chunk", x.where);
  const Tensor t = m.tensor(x);
  dim = m.dim(dim, t.shape());
  if (count < 1 || t.size(dim) % count != 0 || t.size(dim) == 0)
    m.fail("into {} equal pieces does not fit dimension {} of {}, which has size {}", count, dim,
           describe(t), t.size(dim));
  return pieces(m, t, t.size(dim) / count, dim);
}

Tensor concat(std::vector<Tensor> tensors, std::int64_t dim, std::source_location where) {
  OpMaker m("concat", where);
  if (tensors.empty())
    m.fail("needs at least one tensor");
  SmallVector<Value> values;
  for (const Tensor &t : tensors)
    values.push_back(m.trace.unwrap(t, "concat", where));
  const Tensor &first = tensors[0];
  dim = m.dim(dim, first.shape());
  for (const Tensor &t : tensors) {
    bool fits = t.dtype() == first.dtype() && t.rank() == first.rank();
    for (std::int64_t d = 0; fits && d < t.rank(); ++d)
      fits = d == dim || t.size(d) == first.size(d);
    if (!fits)
      m.fail("along dimension {} expects tensors that agree in dtype and all other dimensions, got "
             "{} and {}",
             dim, describe(first), describe(t));
  }
  return m.wrap(ir::ConcatOp::create(m.b, m.loc, values, dim));
}

Tensor stack(std::vector<Tensor> tensors, std::int64_t dim, std::source_location where) {
  OpMaker m("stack", where);
  if (tensors.empty())
    m.fail("needs at least one tensor");
  dim = m.dim(dim, tensors[0].shape(), 1);
  const Shape one = tensors[0].shape();
  Sizes sizes = one.sizes();
  sizes.insert(sizes.begin() + dim, 1);
  for (Tensor &t : tensors) {
    m.trace.unwrap(t, "stack", where);
    if (t.shape() != one)
      m.fail("expects tensors of one shape, got {} and {}", one.str(), t.shape().str());
    t = m.reshape(t, Shape(sizes));
  }
  return concat(std::move(tensors), dim, where);
}

Tensor pad(Operand x, Sizes low, Sizes high) {
  OpMaker m("pad", x.where);
  const Tensor t = m.tensor(x);
  const std::size_t rank = index(t.rank());
  if (low.size() != rank || high.size() != rank)
    m.fail("is given {} low and {} high entries for {}; one of each is needed for each of its {} "
           "dimensions",
           low.size(), high.size(), describe(t), rank);
  for (std::size_t d = 0; d < rank; ++d)
    if (low[d] < 0 || high[d] < 0)
      m.fail("is given [{}] and [{}]; entries are at least 0 (slice takes elements away)",
             fmt::join(low, ", "), fmt::join(high, ", "));
  return m.wrap(ir::PadOp::create(m.b, m.loc, m.value(t), low, high, Sizes(rank, 0)));
}

Tensor broadcast_to(Operand x, Shape shape) {
  OpMaker m("broadcast_to", x.where);
  const Tensor t = m.tensor(x);
  checkSizes(m, shape);
  if (broadcastShape(t.shape(), shape) != shape)
    m.fail("cannot make {} of {}: aligned at the last dimension, sizes must be equal, or 1 in the "
           "operand",
           shape.str(), describe(t));
  return m.broadcastTo(t, shape);
}

Tensor squeeze(Operand x, std::int64_t dim) {
  OpMaker m("squeeze", x.where);
  const Tensor t = m.tensor(x);
  dim = m.dim(dim, t.shape());
  if (t.size(dim) != 1)
    m.fail("of dimension {} of {} needs size 1 there, got {}", dim, describe(t), t.size(dim));
  Sizes sizes = t.shape().sizes();
  sizes.erase(sizes.begin() + dim);
  return m.reshape(t, Shape(sizes));
}

Tensor unsqueeze(Operand x, std::int64_t dim) {
  OpMaker m("unsqueeze", x.where);
  const Tensor t = m.tensor(x);
  dim = m.dim(dim, t.shape(), 1);
  Sizes sizes = t.shape().sizes();
  sizes.insert(sizes.begin() + dim, 1);
  return m.reshape(t, Shape(sizes));
}

static SmallVector<Value> startValues(OpMaker &m, const std::vector<Operand> &starts,
                                      const Tensor &t) {
  if (static_cast<std::int64_t>(starts.size()) != t.rank())
    m.fail("is given {} starts for {}; one is needed for each of its {} dimensions", starts.size(),
           describe(t), t.rank());
  SmallVector<Value> values;
  for (const Operand &start : starts) {
    const Tensor s = m.tensor(start);
    if (s.rank() != 0 || (s.dtype() != DType::i32 && s.dtype() != DType::i64))
      m.fail(
          "expects starts that are i32 or i64 scalars, got {}; declare the input with shape {{}}",
          describe(s));
    values.push_back(m.value(s));
  }
  return values;
}

Tensor dynamic_slice(Operand x, std::vector<Operand> starts, Shape sizes) {
  OpMaker m("dynamic_slice", x.where);
  const Tensor t = m.tensor(x);
  SmallVector<Value> at = startValues(m, starts, t);
  bool fits = sizes.rank() == t.rank();
  for (std::int64_t d = 0; fits && d < t.rank(); ++d)
    fits = sizes[d] >= 0 && sizes[d] <= t.size(d);
  if (!fits)
    m.fail("of sizes {} does not fit into {}", sizes.str(), describe(t));
  return m.wrap(ir::DynamicSliceOp::create(m.b, m.loc, m.value(t), at, sizes.sizes()));
}

Tensor dynamic_update_slice(Operand x, Operand update, std::vector<Operand> starts) {
  OpMaker m("dynamic_update_slice", x.where);
  const Tensor t = m.tensor(x), u = m.tensor(update);
  SmallVector<Value> at = startValues(m, starts, t);
  bool fits = u.dtype() == t.dtype() && u.rank() == t.rank();
  for (std::int64_t d = 0; fits && d < t.rank(); ++d)
    fits = u.size(d) <= t.size(d);
  if (!fits)
    m.fail("of {} with {}: the update must have the same dtype and rank, and fit inside",
           describe(t), describe(u));
  return m.wrap(ir::DynamicUpdateSliceOp::create(m.b, m.loc, m.value(t), m.value(u), at));
}

static Tensor makeIota(OpMaker &m, const Shape &shape, std::int64_t dim, DType dtype) {
  checkSizes(m, shape);
  if (dtype == DType::i1)
    m.fail("cannot count in i1; choose a dtype of numbers");
  dim = m.dim(dim, shape);
  return m.wrap(ir::IotaOp::create(m.b, m.loc, tensorType(m.b.getContext(), dtype, shape), dim));
}

Tensor arange(std::int64_t count, DType dtype, std::source_location where) {
  OpMaker m("arange", where);
  return makeIota(m, Shape{count}, 0, dtype);
}
Tensor iota(Shape shape, std::int64_t dim, DType dtype, std::source_location where) {
  OpMaker m("iota", where);
  return makeIota(m, shape, dim, dtype);
}

static Tensor makeFull(std::string_view op, const Shape &shape, double value, DType dtype,
                       std::source_location where) {
  OpMaker m(op, where);
  checkSizes(m, shape);
  return m.splat(value, dtype, shape);
}
Tensor full(Shape shape, double value, DType dtype, std::source_location where) {
  return makeFull("full", shape, value, dtype, where);
}
Tensor constant(const std::vector<double> &values, Shape shape, DType dtype,
                std::source_location where) {
  OpMaker m("constant", where);
  checkSizes(m, shape);
  if (static_cast<std::int64_t>(values.size()) != shape.elements())
    m.fail("expects {} numbers for the shape {}, got {}", shape.elements(), shape.str(),
           values.size());
  return m.constant(values, dtype, shape);
}
Tensor zeros(Shape shape, DType dtype, std::source_location where) {
  return makeFull("zeros", shape, 0, dtype, where);
}
Tensor ones(Shape shape, DType dtype, std::source_location where) {
  return makeFull("ones", shape, 1, dtype, where);
}

} // namespace heddle
