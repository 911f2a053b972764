#include "heddle/host_array.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

namespace heddle {
namespace {

double halfToDouble(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const double fraction = bits & 1023, sign = bits & 0x8000 ? -1 : 1;
  if (exponent == 31)
    return fraction == 0 ? sign * INFINITY : NAN;
  return sign *
         (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25));
}

template <class T> T load(const std::byte *from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

} // namespace

HostArray::HostArray(DType dtype, Shape shape) : dtype_(dtype), shape_(std::move(shape)) {
  for (std::int64_t size : shape_)
    if (size < 0)
      throw Error(fmt::format("a HostArray of shape {}: sizes are at least 0", shape_.str()));
  bytes_.resize(static_cast<std::size_t>(shape_.elements()) * size_of(dtype));
}

double HostArray::operator[](std::int64_t index) const {
  if (index < 0 || index >= size())
    throw Error(fmt::format("element {} of a HostArray {} {}, which has {}", index, name(dtype_),
                            shape_.str(), size()));
  const std::byte *at = bytes_.data() + static_cast<std::size_t>(index) * size_of(dtype_);
  switch (dtype_) {
  case DType::f32:
    return load<float>(at);
  case DType::f64:
    return load<double>(at);
  case DType::f16:
    return halfToDouble(load<std::uint16_t>(at));
  case DType::bf16:
    return std::bit_cast<float>(static_cast<std::uint32_t>(load<std::uint16_t>(at)) << 16);
  case DType::i8:
    return load<std::int8_t>(at);
  case DType::i32:
    return load<std::int32_t>(at);
  case DType::i64:
    return static_cast<double>(load<std::int64_t>(at));
  case DType::i1:
    return load<std::uint8_t>(at) != 0;
  }
  return 0;
}

double HostArray::item() const {
  if (size() != 1)
    throw Error(fmt::format("item() needs an array of one element, this is {} {}", name(dtype_),
                            shape_.str()));
  return (*this)[0];
}

std::vector<double> HostArray::to_doubles() const {
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(size()));
  for (std::int64_t i = 0; i < size(); ++i)
    values.push_back((*this)[i]);
  return values;
}

void HostArray::check_type(DType wanted) const {
  if (wanted != dtype_)
    throw Error(fmt::format(
        "a HostArray of {} is read as {}; use the C++ type of its dtype, or to_doubles()",
        name(dtype_), name(wanted)));
}

void HostArray::check_count(std::size_t count) const {
  if (count != static_cast<std::size_t>(size()))
    throw Error(fmt::format("a HostArray of shape {} needs {} values, got {}", shape_.str(), size(),
                            count));
}

} // namespace heddle
