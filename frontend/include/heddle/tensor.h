// Tensors of a model that is being described: handles with a shape and a dtype, no data.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <source_location>
#include <string>
#include <type_traits>
#include <vector>

namespace heddle {

/// Element types. Also names of the namespace: `f32`, `i64`, ....
enum class DType : std::uint8_t {
  f32,  ///< IEEE single
  f64,  ///< IEEE double
  f16,  ///< IEEE half
  bf16, ///< the upper half of an f32
  i8,
  i32,
  i64,
  i1 ///< boolean; one byte an element in host memory
};
using enum DType;

/// "f32", "i64", ....
const char *name(DType dtype);
/// Whether the type is f32, f64, f16 or bf16.
bool is_float(DType dtype);
/// Bytes of one element in host memory.
std::size_t size_of(DType dtype);

/// Sizes of a tensor's dimensions, outermost first. `{}` is a scalar. All sizes are known and at
/// least 0.
class Shape {
public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> sizes) : sizes_(sizes) {}
  explicit Shape(std::vector<std::int64_t> sizes) : sizes_(std::move(sizes)) {}

  std::int64_t rank() const { return static_cast<std::int64_t>(sizes_.size()); }
  /// Size of a dimension; negative counts from the end. Throws Error outside of [-rank, rank).
  std::int64_t operator[](std::int64_t dim) const;
  /// Product of the sizes; 1 for a scalar.
  std::int64_t elements() const;
  const std::vector<std::int64_t> &sizes() const { return sizes_; }
  auto begin() const { return sizes_.begin(); }
  auto end() const { return sizes_.end(); }
  /// "[64, 784]".
  std::string str() const;
  bool operator==(const Shape &) const = default;

private:
  std::vector<std::int64_t> sizes_;
};

/// Dimensions to work on; negative ones count from the end. Empty means all.
class Dims {
public:
  Dims() = default;
  Dims(int dim) : dims_{dim} {}
  Dims(std::int64_t dim) : dims_{dim} {}
  Dims(std::initializer_list<std::int64_t> dims) : dims_(dims) {}
  Dims(std::vector<std::int64_t> dims) : dims_(std::move(dims)) {}
  const std::vector<std::int64_t> &values() const { return dims_; }

private:
  std::vector<std::int64_t> dims_;
};

/// A value inside a function of a model. Cheap to copy. Valid while the callable given to
/// Model::function (or train_step, evaluate) runs; used elsewhere it throws Error. A default-made
/// Tensor stands for "none".
class Tensor {
public:
  Tensor() = default;

  const Shape &shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  std::int64_t rank() const { return shape_.rank(); }
  /// Size of a dimension; negative counts from the end.
  std::int64_t size(std::int64_t dim) const { return shape_[dim]; }
  /// Whether this is a value, and not "none".
  explicit operator bool() const { return value_ != nullptr; }

private:
  friend class Access;
  Shape shape_;
  DType dtype_ = DType::f32;
  void *value_ = nullptr;
  std::uint64_t trace_ = 0;
};

class State;

/// An argument of an op, with the line of the user's source that made it one. Made implicitly from
/// a Tensor, a Parameter, a Buffer or a number; never written by the user.
///
/// A number takes the dtype of the tensor that it meets: `x * 2` with an f32 `x` multiplies by
/// 2.0f. A number with a fraction that meets an integer tensor is an Error.
class Operand {
public:
  Operand(const Tensor &tensor, std::source_location where = std::source_location::current())
      : where(where), tensor_(tensor) {}
  Operand(const State &state, std::source_location where = std::source_location::current());
  template <class T>
  requires std::is_arithmetic_v<T>
  Operand(T value, std::source_location where = std::source_location::current())
      : where(where), number_(static_cast<double>(value)),
        kind_(std::is_floating_point_v<T> ? Kind::Real : Kind::Whole) {}

  /// The tensor; a number becomes a scalar: f32, or i32 if it was of an integer type.
  operator Tensor() const;

  std::source_location where;

private:
  friend class Access;
  enum class Kind : std::uint8_t { Tensor, Real, Whole };
  Tensor tensor_;
  double number_ = 0;
  Kind kind_ = Kind::Tensor;
};

// Arithmetic, element by element. Both sides have one dtype. Shapes broadcast as in NumPy: aligned
// at the last dimension, a missing or size-1 dimension is repeated. Anything else throws Error.
Tensor operator+(Operand x, Operand y);
Tensor operator-(Operand x, Operand y);
Tensor operator*(Operand x, Operand y);
/// Integers round towards 0.
Tensor operator/(Operand x, Operand y);
Tensor operator-(Operand x);

// Comparisons, element by element, to i1; shapes broadcast.
Tensor eq(Operand x, Operand y);
Tensor ne(Operand x, Operand y);
Tensor lt(Operand x, Operand y);
Tensor le(Operand x, Operand y);
Tensor gt(Operand x, Operand y);
Tensor ge(Operand x, Operand y);

} // namespace heddle
