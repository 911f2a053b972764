// Data on the host: what goes into and comes out of a compiled function.
#pragma once

#include <heddle/error.h>
#include <heddle/tensor.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

namespace heddle {

/// The DType that a C++ type stands for: float, double, std::int8_t, std::int32_t, std::int64_t,
/// bool.
template <class T> constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, float>)
    return DType::f32;
  else if constexpr (std::is_same_v<T, double>)
    return DType::f64;
  else if constexpr (std::is_same_v<T, bool>)
    return DType::i1;
  else if constexpr (std::is_integral_v<T> && std::is_signed_v<T> && sizeof(T) == 1)
    return DType::i8;
  else if constexpr (std::is_integral_v<T> && std::is_signed_v<T> && sizeof(T) == 4)
    return DType::i32;
  else {
    static_assert(
        std::is_integral_v<T> && std::is_signed_v<T> && sizeof(T) == 8,
        "no DType for this C++ type; use float, double, int8_t, int32_t, int64_t or bool");
    return DType::i64;
  }
}

/// A dense row-major array that owns its elements.
class HostArray {
public:
  HostArray() : HostArray(f32, Shape{0}) {}
  /// Zeros.
  HostArray(DType dtype, Shape shape);
  /// From values in row-major order; throws Error unless there are shape.elements() of them.
  template <class T> static HostArray of(Shape shape, const std::vector<T> &values) {
    HostArray array(dtype_of<T>(), std::move(shape));
    array.check_count(values.size());
    if (!values.empty())
      std::memcpy(array.data(), values.data(), array.bytes());
    return array;
  }

  const Shape &shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  std::int64_t size() const { return shape_.elements(); }
  std::size_t bytes() const { return bytes_.size(); }
  void *data() { return bytes_.data(); }
  const void *data() const { return bytes_.data(); }

  /// The elements; throws Error unless T is the C++ type of dtype().
  template <class T> std::span<T> as() {
    check_type(dtype_of<T>());
    return {reinterpret_cast<T *>(bytes_.data()), static_cast<std::size_t>(size())};
  }
  template <class T> std::span<const T> as() const {
    check_type(dtype_of<T>());
    return {reinterpret_cast<const T *>(bytes_.data()), static_cast<std::size_t>(size())};
  }
  /// Element `index` in row-major order as a double, whatever the dtype (f16 and bf16 too).
  double operator[](std::int64_t index) const;
  /// The only element, as a double. Throws Error if there is not exactly one.
  double item() const;
  /// All elements as doubles.
  std::vector<double> to_doubles() const;

private:
  void check_type(DType wanted) const;
  void check_count(std::size_t count) const;
  DType dtype_;
  Shape shape_;
  std::vector<std::byte> bytes_;
};

/// A view of an argument of Executable::run: a span, vector or array of a C++ type that stands for
/// a dtype, a HostArray, or a number for a scalar input. Made implicitly. The data must outlive the
/// call, but those of a std::vector<bool> are copied, which packs them into bits.
class Argument {
public:
  Argument(const HostArray &array)
      : data_(array.data()), count_(static_cast<std::size_t>(array.size())), dtype_(array.dtype()),
        shape_(&array.shape()) {}
  template <class T>
  requires(!std::is_same_v<T, bool>) Argument(const std::vector<T> &values)
      : Argument(std::span<const T>(values)) {}
  Argument(const std::vector<bool> &values)
      : unpacked_(std::make_shared<bool[]>(values.size())), data_(unpacked_.get()),
        count_(values.size()), dtype_(DType::i1) {
    std::copy(values.begin(), values.end(), unpacked_.get());
  }
  template <class T, std::size_t N>
  Argument(const std::array<T, N> &values) : Argument(std::span<const T>(values)) {}
  template <class T, std::size_t N>
  Argument(std::span<T, N> values)
      : data_(values.data()), count_(values.size()), dtype_(dtype_of<std::remove_const_t<T>>()) {}
  /// Converted to the input's dtype; throws Error in the call if it does not fit.
  template <class T>
  requires std::is_arithmetic_v<T> Argument(T number)
      : dtype_(std::is_floating_point_v<T> ? DType::f64 : DType::i64) {
    if constexpr (std::is_floating_point_v<T>)
      real_ = number;
    else
      whole_ = static_cast<std::int64_t>(number);
    count_ = 1;
    number_ = true;
  }

private:
  friend class Executable;
  std::shared_ptr<bool[]> unpacked_;
  const void *data_ = nullptr;
  std::size_t count_ = 0;
  DType dtype_;
  const Shape *shape_ = nullptr; ///< null when only the count is known
  bool number_ = false;
  double real_ = 0;
  std::int64_t whole_ = 0;
};

} // namespace heddle
