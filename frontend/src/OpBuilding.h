// What DSL ops share: operands resolved to values, checks that speak the user's words, broadcasts
// made explicit.
#pragma once

#include "Trace.h"

namespace heddle {

/// One DSL op while it is made.
class OpMaker {
public:
  OpMaker(std::string_view op, std::source_location where);

  std::string_view op;
  std::source_location where;
  Trace &trace;
  mlir::OpBuilder &b;
  mlir::Location loc;

  /// The operand as a tensor of this function; a number becomes a scalar f32, or i32 if it is
  /// whole.
  Tensor tensor(const Operand &operand);
  /// The same, checked to be float, or a number (not i1).
  Tensor floating(const Operand &operand);
  Tensor number(const Operand &operand);
  mlir::Value value(const Tensor &tensor) { return Access::value(tensor); }
  Tensor wrap(mlir::Value value) { return trace.wrap(value); }

  /// Of one dtype: numbers take that of the tensors.
  std::vector<Tensor> sameType(llvm::ArrayRef<const Operand *> operands);
  /// Of one shape, by explicit broadcasts.
  void broadcast(std::vector<Tensor> &tensors);
  Tensor broadcastTo(const Tensor &tensor, const Shape &shape);
  /// A tensor all of whose elements are `value`.
  Tensor constant(double value, DType dtype, const Shape &shape);
  /// With `values` in row-major order, checked to be values of the dtype.
  Tensor constant(const std::vector<double> &values, DType dtype, const Shape &shape);
  /// The same as the first, checked to be a value of the dtype.
  Tensor splat(double value, DType dtype, const Shape &shape) {
    checkFits(value, dtype);
    return constant(value, dtype, shape);
  }
  Tensor reshape(const Tensor &tensor, const Shape &shape);
  Tensor transpose(const Tensor &tensor, const std::vector<std::int64_t> &order);

  /// A dimension of a tensor, made non-negative.
  std::int64_t dim(std::int64_t dim, const Shape &shape, std::int64_t extra = 0);
  /// Dimensions made non-negative and sorted; all if empty.
  std::vector<std::int64_t> dims(const Dims &dims, const Shape &shape);

  /// Of dropout: 0 <= p < 1.
  void checkProbability(double p) {
    if (!(p >= 0 && p < 1))
      fail("expects a probability p with 0 <= p < 1, got {}", p);
  }

  template <class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> format, Args &&...args) {
    failAt(where, fmt::format("{} {}", op, fmt::format(format, std::forward<Args>(args)...)));
  }

private:
  void checkFits(double value, DType dtype);
};

/// The shape that both broadcast to, if there is one.
std::optional<Shape> broadcastShape(const Shape &x, const Shape &y);

/// A module for errors: "linear 'fc2'".
inline std::string called(const char *kind, const nn::Module &module) {
  return fmt::format("{} '{}'", kind, module.name());
}
/// linear with a name for its errors.
Tensor makeLinear(const std::string &op, Operand x, Operand weight, const Operand *bias);
Tensor makeEmbedding(const std::string &op, Operand indices, Operand table);
Tensor makeLayerNorm(const std::string &op, Operand x, Operand weight, const Operand *bias,
                     double epsilon);

} // namespace heddle
