#include "heddle/tensor.h"

#include "OpBuilding.h"

namespace heddle {

const char *name(DType dtype) {
  static constexpr const char *names[] = {"f32", "f64", "f16", "bf16", "i8", "i32", "i64", "i1"};
  return names[static_cast<int>(dtype)];
}

bool is_float(DType dtype) { return dtype <= DType::bf16; }

std::size_t size_of(DType dtype) {
  static constexpr std::size_t sizes[] = {4, 8, 2, 2, 1, 4, 8, 1};
  return sizes[static_cast<int>(dtype)];
}

std::int64_t Shape::operator[](std::int64_t dim) const {
  if (dim < -rank() || dim >= rank())
    throw Error(fmt::format("shape {} has no dimension {}", str(), dim));
  return sizes_[static_cast<std::size_t>(dim < 0 ? dim + rank() : dim)];
}

std::int64_t Shape::elements() const {
  std::int64_t count = 1;
  for (std::int64_t size : sizes_)
    count *= size;
  return count;
}

std::string Shape::str() const { return fmt::format("[{}]", fmt::join(sizes_, ", ")); }

Operand::Operand(const State &state, std::source_location where)
    : where(where), tensor_(state.value(where)) {}

Operand::operator Tensor() const { return OpMaker("an op", where).tensor(*this); }

} // namespace heddle
