// Operations on tensors. Names and meanings are PyTorch's where it has the same.
//
// Every op throws Error, at the user's line, for shapes or dtypes that do not fit. Dimensions may
// be negative: -1 is the last. "float" is any of f32, f64, f16, bf16; "number" is float or i8, i32,
// i64.
#pragma once

#include <heddle/tensor.h>

#include <optional>
#include <vector>

namespace heddle {

// ---- element by element, on floats; the result has the shape and dtype of x ----

/// max(x, 0); derivative 0 at 0.
Tensor relu(Operand x);
Tensor tanh(Operand x);
/// 1 / (1 + e^-x).
Tensor sigmoid(Operand x);

/// The formula of gelu: exact is x/2 (1 + erf(x/sqrt 2)); tanh is
/// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), which GPT-2 uses.
enum class Gelu : std::uint8_t { exact, tanh };
Tensor gelu(Operand x, Gelu approximate = Gelu::exact);
/// x sigmoid(x).
Tensor silu(Operand x);
Tensor exp(Operand x);
/// Natural logarithm.
Tensor log(Operand x);
Tensor sqrt(Operand x);
/// 1 / sqrt(x).
Tensor rsqrt(Operand x);
Tensor sin(Operand x);
Tensor cos(Operand x);
/// The Gauss error function.
Tensor erf(Operand x);
/// Derivative sign(x), 0 at 0.
Tensor abs(Operand x);
/// Has no derivative: a training step whose loss depends on it throws in compile(), unless under
/// stop_gradient.
Tensor floor(Operand x);

// ---- of two, broadcasting ----

/// x^y, on floats.
Tensor pow(Operand x, Operand y);
/// The larger; NaN wins; a tie shares the gradient in halves.
Tensor maximum(Operand x, Operand y);
/// The smaller; NaN wins; a tie shares the gradient in halves.
Tensor minimum(Operand x, Operand y);
/// condition ? x : y. condition is i1; the three broadcast.
Tensor where(Operand condition, Operand x, Operand y);
/// On i1.
Tensor logical_and(Operand x, Operand y);
/// On i1.
Tensor logical_or(Operand x, Operand y);
/// On i1.
Tensor logical_not(Operand x);

// ---- dtype and gradient ----

/// To another dtype: float to integer rounds towards 0, a boolean becomes 0 or 1, a number becomes
/// x != 0.
Tensor cast(Operand x, DType dtype);
/// x, through which no gradient flows (PyTorch's detach).
Tensor stop_gradient(Operand x);

// ---- shape ----

/// The same elements in row-major order. One size may be -1: it follows from the others.
Tensor reshape(Operand x, Shape shape);
/// Joins dimensions first to last, inclusive, into one.
Tensor flatten(Operand x, std::int64_t first = 0, std::int64_t last = -1);
/// Swaps two dimensions.
Tensor transpose(Operand x, std::int64_t dim0, std::int64_t dim1);
/// Dimension i of the result is dimension order[i] of x.
Tensor permute(Operand x, Dims order);
/// x[start, start + step, ...) below `end` along one dimension. Negative start and end count from
/// the end; bounds outside of the dimension throw.
Tensor slice(Operand x, std::int64_t dim, std::int64_t start, std::int64_t end,
             std::int64_t step = 1);
/// `length` elements from `start` along one dimension.
Tensor narrow(Operand x, std::int64_t dim, std::int64_t start, std::int64_t length);
/// One index along a dimension, which the result no longer has. A negative index counts from the
/// end.
Tensor select(Operand x, std::int64_t dim, std::int64_t index);
/// Pieces of `size` along a dimension, the last one smaller if need be.
std::vector<Tensor> split(Operand x, std::int64_t size, std::int64_t dim = 0);
/// `count` equal pieces along a dimension, whose size `count` must divide.
std::vector<Tensor> chunk(Operand x, std::int64_t count, std::int64_t dim = 0);
/// End to end along a dimension; the other dimensions and the dtypes agree.
Tensor concat(std::vector<Tensor> tensors, std::int64_t dim = 0,
              std::source_location where = std::source_location::current());
/// Side by side along a new dimension; shapes and dtypes agree.
Tensor stack(std::vector<Tensor> tensors, std::int64_t dim = 0,
             std::source_location where = std::source_location::current());
/// Zeros around: low[i] before and high[i] after dimension i; one entry a dimension.
Tensor pad(Operand x, std::vector<std::int64_t> low, std::vector<std::int64_t> high);
/// Repeats along new leading and size-1 dimensions.
Tensor broadcast_to(Operand x, Shape shape);
/// Without a dimension, which has size 1.
Tensor squeeze(Operand x, std::int64_t dim);
/// With a new dimension of size 1 before `dim`; -1 puts it last.
Tensor unsqueeze(Operand x, std::int64_t dim);

// ---- reductions: over `dims` (all if empty); with keepdim they stay, with size 1 ----

Tensor sum(Operand x, Dims dims = {}, bool keepdim = false);
/// On floats.
Tensor mean(Operand x, Dims dims = {}, bool keepdim = false);
/// Ties share the gradient equally.
Tensor amax(Operand x, Dims dims = {}, bool keepdim = false);
/// Ties share the gradient equally.
Tensor amin(Operand x, Dims dims = {}, bool keepdim = false);
/// Mean of (x - mean)^2: the biased variance. On floats.
Tensor variance(Operand x, Dims dims = {}, bool keepdim = false);
/// Index of the first largest element along one dimension, i32.
Tensor argmax(Operand x, std::int64_t dim, bool keepdim = false);

// ---- contractions ----

/// As PyTorch's: vectors and matrices, `[..., m, k] x [..., k, n] -> [..., m, n]` with the leading
/// dimensions broadcast; a vector on the left is a row and on the right a column, and its dimension
/// vanishes.
Tensor matmul(Operand x, Operand y);
/// x w^T: x is [..., in], w is [out, in], the result [..., out].
Tensor linear(Operand x, Operand weight);
/// x w^T + b, b is [out].
Tensor linear(Operand x, Operand weight, Operand bias);

// ---- of neural networks ----

/// e^x / sum e^x along one dimension, computed without overflow. On floats.
Tensor softmax(Operand x, std::int64_t dim);
/// ln softmax(x), computed without overflow. On floats.
Tensor log_softmax(Operand x, std::int64_t dim);
/// Rows of `table` [n, d...] by `indices` (i32 or i64, any shape): shape [indices..., d...]. An
/// index outside of [0, n) that is an input of the function is an error of the run.
Tensor embedding(Operand indices, Operand table);
/// (x - mean) / sqrt(variance + epsilon) * weight + bias over the last dimension; weight and bias
/// have its size.
Tensor layer_norm(Operand x, Operand weight, Operand bias, double epsilon = 1e-5);
/// In a training step: zero with probability p, the rest scaled by 1 / (1 - p). Elsewhere: x. 0 <=
/// p < 1. Reproducible: the numbers follow from the seed, the training step and the place in the
/// model.
Tensor dropout(Operand x, double p);

struct AttentionOptions {
  /// Query i of T sees keys j <= i + S - T only.
  bool causal = false;
  /// With causal: query i sees keys j <= position + i instead, as where the keys are a cache that
  /// is filled so far. An i32 or i64 scalar, clamped to [0, S - T]; T <= S. Keys beyond the last
  /// query cost nothing.
  Tensor position = {};
  /// Default: 1 / sqrt(size of the last dimension of q).
  std::optional<double> scale = {};
  /// i1, broadcastable to the scores [..., T, S]: true where a query sees a key. Together with
  /// causal, both must let it. A query that sees no key gives 0, and no gradient.
  Tensor mask = {};
  /// Dropout of the attention weights, in training steps.
  double dropout = 0;
};
/// softmax(scale q k^T + mask) v. q is [..., T, D], k [..., S, D], v [..., S, E]; the leading
/// dimensions agree.
Tensor scaled_dot_product_attention(Operand q, Operand k, Operand v, AttentionOptions options = {});

// ---- sources ----

/// 0, 1, ..., count - 1.
Tensor arange(std::int64_t count, DType dtype = i32,
              std::source_location where = std::source_location::current());
/// The index along one dimension of `shape`.
Tensor iota(Shape shape, std::int64_t dim, DType dtype = i32,
            std::source_location where = std::source_location::current());
Tensor full(Shape shape, double value, DType dtype = f32,
            std::source_location where = std::source_location::current());
/// These numbers, in row-major order; throws unless there are shape.elements() of them. They are
/// compiled into the model.
Tensor constant(const std::vector<double> &values, Shape shape, DType dtype = f32,
                std::source_location where = std::source_location::current());
Tensor zeros(Shape shape, DType dtype = f32,
             std::source_location where = std::source_location::current());
Tensor ones(Shape shape, DType dtype = f32,
            std::source_location where = std::source_location::current());

// ---- positions known at run time; numbers and i32 or i64 scalars mix in `starts` ----

/// The box of `sizes` that begins at `starts`, one entry a dimension, clamped so that it lies
/// inside.
Tensor dynamic_slice(Operand x, std::vector<Operand> starts, Shape sizes);
/// x with the box at `starts` replaced by `update`, clamped so that it lies inside. On a Buffer,
/// `cache.set(dynamic_update_slice(cache, k, {0, 0, position, 0}))` writes that box in place.
Tensor dynamic_update_slice(Operand x, Operand update, std::vector<Operand> starts);

/// Whether the function being described is a training step (dropout is active).
bool is_training();

} // namespace heddle
