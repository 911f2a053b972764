#include "OpBuilding.h"

#include <cmath>

namespace heddle::nn {
namespace {

/// PyTorch's default for Linear: both its parameters in +-1/sqrt(in).
Init defaultInit(std::int64_t in) {
  const double bound = in > 0 ? 1.0 / std::sqrt(static_cast<double>(in)) : 0.0;
  return init::uniform(-bound, bound);
}

std::string called(const char *kind, const Module &module) {
  return fmt::format("{} '{}'", kind, module.name());
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

Embedding::Embedding(Module &parent, std::string name, std::int64_t count, std::int64_t width,
                     EmbeddingOptions options, std::source_location where)
    : Module(parent, std::move(name), where),
      weight(*this, "weight", {count, width}, options.weight_init, options.dtype, where) {}

Tensor Embedding::operator()(Operand indices) {
  At at(indices.where);
  return makeEmbedding(called("embedding", *this), indices, weight);
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

KVCache::KVCache(Module &parent, std::string name, std::int64_t batch, std::int64_t heads,
                 std::int64_t length, std::int64_t head_width, std::source_location where)
    : Module(parent, std::move(name), where),
      k(*this, "k", {batch, heads, length, head_width}, {}, f32, where),
      v(*this, "v", {batch, heads, length, head_width}, {}, f32, where) {}

CausalSelfAttention::CausalSelfAttention(Module &parent, std::string name, std::int64_t width,
                                         std::int64_t heads, AttentionModuleOptions options,
                                         std::source_location where)
    : Module(parent, std::move(name), where), c_attn(*this, "c_attn", width, 3 * width,
                                                     {.bias = options.bias,
                                                      .weight_init = options.weight_init,
                                                      .bias_init = options.bias_init},
                                                     where),
      c_proj(*this, "c_proj", width, width,
             {.bias = options.bias,
              .weight_init = options.projection_init,
              .bias_init = options.bias_init},
             where),
      width_(width), heads_(heads), dropout_(options.dropout) {
  if (heads < 1 || width % heads != 0)
    fail(where, "attention '{}' has width {} and {} heads; the heads must divide the width",
         this->name(), width, heads);
  if (!(dropout_ >= 0 && dropout_ < 1))
    fail(where, "attention '{}' expects a dropout with 0 <= p < 1, got {}", this->name(), dropout_);
}

Tensor CausalSelfAttention::operator()(Operand x) { return attend(x, nullptr, nullptr); }
Tensor CausalSelfAttention::operator()(Operand x, KVCache &cache, Operand position) {
  return attend(x, &cache, &position);
}

Tensor CausalSelfAttention::attend(Operand input, KVCache *cache, const Operand *position) {
  At at(input.where);
  OpMaker m(called("attention", *this), input.where);
  const std::string op(m.op);
  const Tensor x = m.tensor(input);
  if (x.rank() != 3 || x.size(2) != width_)
    m.fail("expects an input [batch, T, {}], got {}", width_, describe(x));
  const std::int64_t batch = x.size(0), length = x.size(1), headWidth = width_ / heads_;
  auto heads = [&](const Tensor &t) {
    return transpose(reshape(t, {batch, length, heads_, headWidth}), 1, 2);
  };
  const std::vector<Tensor> qkv = chunk(c_attn(x), 3, -1);
  Tensor q = heads(qkv[0]), k = heads(qkv[1]), v = heads(qkv[2]), mask;
  if (cache) {
    const Shape &held = cache->k.shape();
    if (held[0] != batch || held[1] != heads_ || held[3] != headWidth || held[2] < length)
      m.fail("expects a cache [{}, {}, at least {}, {}], got {}", batch, heads_, length, headWidth,
             held.str());
    const Tensor from = cast(*position, i32);
    if (from.rank() != 0)
      m.fail("expects a position that is an i32 or i64 scalar, got {}; declare the input with "
             "shape {{}}",
             describe(from));
    cache->k.set(dynamic_update_slice(cache->k, k, {0, 0, from, 0}));
    cache->v.set(dynamic_update_slice(cache->v, v, {0, 0, from, 0}));
    k = cache->k;
    v = cache->v;
    mask = le(iota({length, held[2]}, 1), iota({length, held[2]}, 0) + from);
  }
  const Tensor y =
      scaled_dot_product_attention(q, k, v, {.causal = !cache, .mask = mask, .dropout = dropout_});
  const Tensor joined = reshape(transpose(y, 1, 2), {batch, length, width_});
  return dropout(c_proj(joined), dropout_);
}

} // namespace heddle::nn
