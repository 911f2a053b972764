#include "OpBuilding.h"

#include <algorithm>
#include <cmath>

using namespace mlir;

namespace heddle {

OpMaker::OpMaker(std::string_view op, std::source_location where)
    : op(op), where(where), trace(Trace::current(op, where)), b(trace.builder),
      loc(trace.loc(where)) {}

Tensor OpMaker::tensor(const Operand &operand) {
  if (Access::isNumber(operand)) {
    const DType dtype = Access::isReal(operand) ? DType::f32 : DType::i32;
    checkFits(Access::number(operand), dtype);
    return constant(Access::number(operand), dtype, {});
  }
  trace.unwrap(Access::tensor(operand), op, where);
  return Access::tensor(operand);
}

Tensor OpMaker::floating(const Operand &operand) {
  if (Access::isNumber(operand))
    return constant(Access::number(operand), DType::f32, {});
  Tensor found = tensor(operand);
  if (!is_float(found.dtype()))
    fail("expects a float tensor, got {}; convert it with cast(x, f32)", describe(found));
  return found;
}

Tensor OpMaker::number(const Operand &operand) {
  Tensor found = tensor(operand);
  if (found.dtype() == DType::i1)
    fail("expects numbers, got {}; convert it with cast(x, f32)", describe(found));
  return found;
}

void OpMaker::checkFits(double value, DType dtype) {
  if (is_float(dtype))
    return;
  const double limit = dtype == DType::i1    ? 2.0
                       : dtype == DType::i8  ? 128.0
                       : dtype == DType::i32 ? 2147483648.0
                                             : 9223372036854775808.0;
  if (value != std::floor(value) || value >= limit || value < (dtype == DType::i1 ? 0 : -limit))
    fail("cannot write the number {} as {}; use a float tensor, with cast(x, f32)", value,
         heddle::name(dtype));
}

static Attribute numberAttr(OpBuilder &b, Type element, double value) {
  return isa<FloatType>(element)
             ? Attribute(b.getFloatAttr(element, value))
             : Attribute(b.getIntegerAttr(element, static_cast<std::int64_t>(value)));
}

Tensor OpMaker::constant(double value, DType dtype, const Shape &shape) {
  auto type = tensorType(b.getContext(), dtype, shape);
  return wrap(ir::ConstantOp::create(b, loc,
                                     llvm::cast<ElementsAttr>(DenseElementsAttr::get(
                                         type, numberAttr(b, type.getElementType(), value)))));
}

Tensor OpMaker::constant(const std::vector<double> &values, DType dtype, const Shape &shape) {
  auto type = tensorType(b.getContext(), dtype, shape);
  std::vector<Attribute> elements;
  elements.reserve(values.size());
  for (double value : values) {
    checkFits(value, dtype);
    elements.push_back(numberAttr(b, type.getElementType(), value));
  }
  return wrap(ir::ConstantOp::create(
      b, loc, llvm::cast<ElementsAttr>(DenseElementsAttr::get(type, elements))));
}

std::vector<Tensor> OpMaker::sameType(llvm::ArrayRef<const Operand *> operands) {
  const Tensor *first = nullptr;
  for (const Operand *operand : operands)
    if (!Access::isNumber(*operand)) {
      trace.unwrap(Access::tensor(*operand), op, where);
      const Tensor &next = Access::tensor(*operand);
      if (!first)
        first = &next;
      else if (first->dtype() != next.dtype())
        fail("expects operands of one dtype, got {} and {}; convert one with cast()",
             describe(*first), describe(next));
    }
  bool isReal =
      llvm::any_of(operands, [](const Operand *operand) { return Access::isReal(*operand); });
  const DType dtype = first ? first->dtype() : isReal ? DType::f32 : DType::i32;
  std::vector<Tensor> tensors;
  for (const Operand *operand : operands) {
    if (!Access::isNumber(*operand)) {
      tensors.push_back(Access::tensor(*operand));
      continue;
    }
    checkFits(Access::number(*operand), dtype);
    // A splat of the tensor's shape needs no broadcast.
    tensors.push_back(constant(Access::number(*operand), dtype, first ? first->shape() : Shape{}));
  }
  return tensors;
}

std::optional<Shape> broadcastShape(const Shape &x, const Shape &y) {
  const std::int64_t rank = std::max(x.rank(), y.rank());
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(rank));
  for (std::int64_t i = 1; i <= rank; ++i) {
    const std::int64_t a = i <= x.rank() ? x[-i] : 1, c = i <= y.rank() ? y[-i] : 1;
    if (a != c && a != 1 && c != 1)
      return std::nullopt;
    sizes[static_cast<std::size_t>(rank - i)] = a == 1 ? c : a;
  }
  return Shape(std::move(sizes));
}

void OpMaker::broadcast(std::vector<Tensor> &tensors) {
  Shape shape = tensors[0].shape();
  for (std::size_t i = 1; i < tensors.size(); ++i) {
    const Shape &next = tensors[i].shape();
    auto both = broadcastShape(shape, next);
    if (!both) {
      std::int64_t d = 1;
      while (d > shape.rank() || d > next.rank() || shape[-d] == next[-d] || shape[-d] == 1 ||
             next[-d] == 1)
        ++d;
      fail("cannot broadcast shapes {} and {}: dimension {} is {} and {}; sizes must be equal or 1",
           shape.str(), next.str(), -d, shape[-d], next[-d]);
    }
    shape = *both;
  }
  for (Tensor &tensor : tensors)
    tensor = broadcastTo(tensor, shape);
}

Tensor OpMaker::broadcastTo(const Tensor &tensor, const Shape &shape) {
  if (tensor.shape() == shape)
    return tensor;
  SmallVector<int64_t> dimensions;
  for (std::int64_t i = shape.rank() - tensor.rank(); i < shape.rank(); ++i)
    dimensions.push_back(i);
  return wrap(ir::BroadcastOp::create(b, loc, tensorType(b.getContext(), tensor.dtype(), shape),
                                      value(tensor), dimensions));
}

Tensor OpMaker::reshape(const Tensor &tensor, const Shape &shape) {
  if (tensor.shape() == shape)
    return tensor;
  return wrap(ir::ReshapeOp::create(b, loc, tensorType(b.getContext(), tensor.dtype(), shape),
                                    value(tensor)));
}

Tensor OpMaker::transpose(const Tensor &tensor, const std::vector<std::int64_t> &order) {
  return wrap(ir::TransposeOp::create(b, loc, value(tensor), order));
}

std::int64_t OpMaker::dim(std::int64_t dim, const Shape &shape, std::int64_t extra) {
  const std::int64_t rank = shape.rank() + extra;
  if (rank == 0)
    fail("needs a dimension, but its operand is a scalar");
  if (dim < -rank || dim >= rank)
    fail("has no dimension {} in {}; dimensions go from {} to {}", dim, shape.str(), -rank,
         rank - 1);
  return dim < 0 ? dim + rank : dim;
}

std::vector<std::int64_t> OpMaker::dims(const Dims &given, const Shape &shape) {
  std::vector<std::int64_t> found;
  if (given.values().empty())
    for (std::int64_t i = 0; i < shape.rank(); ++i)
      found.push_back(i);
  for (std::int64_t d : given.values())
    found.push_back(dim(d, shape));
  std::sort(found.begin(), found.end());
  if (auto twice = std::adjacent_find(found.begin(), found.end()); twice != found.end())
    fail("is given dimension {} of {} twice", *twice, shape.str());
  return found;
}

} // namespace heddle
