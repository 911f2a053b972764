#include "OpBuilding.h"

#include <cmath>

namespace heddle::nn {
namespace {

/// PyTorch's default for Linear: both its parameters in +-1/sqrt(in).
Init defaultInit(std::int64_t in) {
  const double bound = in > 0 ? 1.0 / std::sqrt(static_cast<double>(in)) : 0.0;
  return init::uniform(-bound, bound);
}

} // namespace

Linear::Linear(Module &parent, std::string name, std::int64_t in, std::int64_t out,
               LinearOptions options, std::source_location where)
    : Module(parent, std::move(name), where),
      weight(*this, "weight", {out, in}, options.weight_init.value_or(defaultInit(in)),
             options.dtype, where) {
  if (options.bias)
    bias = std::make_unique<Parameter>(*this, "bias", Shape{out},
                                       options.bias_init.value_or(defaultInit(in)), options.dtype,
                                       where);
}

Tensor Linear::operator()(Operand x) {
  At at(x.where);
  // In this order, whatever the compiler's order of arguments: parameters become arguments as they
  // are used.
  const Operand w = weight;
  if (!bias)
    return makeLinear(called("linear", *this), x, w, nullptr);
  const Operand b = *bias;
  return makeLinear(called("linear", *this), x, w, &b);
}

static Init paddingRow(Init init, std::optional<std::int64_t> padding, std::int64_t count,
                       const std::string &name, std::source_location where) {
  if (padding && (*padding < 0 || *padding >= count))
    fail(where, "embedding '{}' is given padding_idx {}; expected an index of its {} rows", name,
         *padding, count);
  init.zero_row = padding;
  return init;
}

Embedding::Embedding(Module &parent, std::string name, std::int64_t count, std::int64_t width,
                     EmbeddingOptions options, std::source_location where)
    : Module(parent, std::move(name), where),
      weight(*this, "weight", {count, width},
             paddingRow(options.weight_init, options.padding_idx, count, this->name(), where),
             options.dtype, where),
      padding_idx_(options.padding_idx) {}

Tensor Embedding::operator()(Operand indices) {
  At at(indices.where);
  const Tensor rows = makeEmbedding(called("embedding", *this), indices, weight);
  if (!padding_idx_)
    return rows;
  const Tensor is_padding = unsqueeze(eq(indices, *padding_idx_), -1);
  return where(is_padding, stop_gradient(rows), rows);
}

LayerNorm::LayerNorm(Module &parent, std::string name, std::int64_t width, LayerNormOptions options,
                     std::source_location where)
    : Module(parent, std::move(name), where),
      weight(*this, "weight", {width}, init::ones(), options.dtype, where),
      epsilon_(options.epsilon) {
  if (!(epsilon_ > 0))
    fail(where, "layer_norm '{}' is given epsilon {}; it must be above 0", this->name(), epsilon_);
  if (options.bias)
    bias = std::make_unique<Parameter>(*this, "bias", Shape{width}, init::zeros(), options.dtype,
                                       where);
}

Tensor LayerNorm::operator()(Operand x) {
  At at(x.where);
  if (!bias)
    return makeLayerNorm(called("layer_norm", *this), x, weight, nullptr, epsilon_);
  const Operand b = *bias;
  return makeLayerNorm(called("layer_norm", *this), x, weight, &b, epsilon_);
}

Dropout::Dropout(Module &parent, std::string name, double p, std::source_location where)
    : Module(parent, std::move(name), where), p_(p) {
  if (!(p >= 0 && p < 1))
    fail(where, "dropout '{}' expects a probability p with 0 <= p < 1, got {}", this->name(), p);
}

Tensor Dropout::operator()(Operand x) {
  At at(x.where);
  return dropout(x, p_);
}

} // namespace heddle::nn
