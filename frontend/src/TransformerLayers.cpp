#include "OpBuilding.h"

#include "heddle/transformer.h"

#include <cmath>
#include <numbers>

namespace heddle::nn {
namespace {

Tensor activate(Activation activation, const Tensor &x) {
  switch (activation) {
  case Activation::relu:
    return relu(x);
  case Activation::gelu:
    return gelu(x);
  case Activation::gelu_tanh:
    return gelu(x, Gelu::tanh);
  case Activation::silu:
    return silu(x);
  }
  return x;
}

MultiheadAttentionOptions attentionOptions(const TransformerLayerOptions &options) {
  return {.dropout = options.dropout, .bias = options.bias, .weight_init = options.weight_init};
}
LinearOptions linearOptions(const TransformerLayerOptions &options) {
  return {.bias = options.bias, .weight_init = options.weight_init};
}
LayerNormOptions normOptions(const TransformerLayerOptions &options) {
  return {.epsilon = options.layer_norm_eps, .bias = options.bias};
}

/// x and what a sublayer adds to it, normalised before or after.
template <class Sublayer>
Tensor residual(const Tensor &x, LayerNorm &norm, const TransformerLayerOptions &options,
                Sublayer sublayer) {
  if (options.norm_first)
    return x + dropout(sublayer(norm(x)), options.dropout);
  return norm(x + dropout(sublayer(x), options.dropout));
}

Tensor feedForward(const Tensor &x, Linear &linear1, Linear &linear2,
                   const TransformerLayerOptions &options) {
  return linear2(dropout(activate(options.activation, linear1(x)), options.dropout));
}

std::unique_ptr<LayerNorm> lastNorm(Module &parent, bool wanted, std::int64_t width,
                                    const TransformerLayerOptions &options,
                                    std::source_location where) {
  return wanted ? std::make_unique<LayerNorm>(parent, "norm", width, normOptions(options), where)
                : nullptr;
}

TransformerLayerOptions withXavier(TransformerLayerOptions options) {
  if (!options.weight_init)
    options.weight_init = init::xavier_uniform();
  return options;
}

} // namespace

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

// Angles are taken in f64 and brought to [-pi, pi] there: in f32, that of position 5000 would be
// wrong in its fourth decimal.
Tensor sinusoidal_positions(std::int64_t length, std::int64_t width, Operand start) {
  At at(start.where);
  OpMaker m("sinusoidal_positions", start.where);
  if (length < 0 || width < 0)
    m.fail("expects a length and a width of at least 0, got {} and {}", length, width);
  const Tensor from = m.tensor(start);
  if (from.rank() != 0 || (from.dtype() != DType::i32 && from.dtype() != DType::i64))
    m.fail("expects a start that is an i32 or i64 scalar, got {}", describe(from));
  std::vector<double> turns, phase; // a cosine is a sine a quarter turn ahead
  for (std::int64_t i = 0; i < width; ++i) {
    const double pair = static_cast<double>(i - i % 2) / static_cast<double>(width);
    turns.push_back(std::pow(10000.0, -pair) / (2 * std::numbers::pi));
    phase.push_back(i % 2 == 0 ? 0.0 : 0.25);
  }
  const Tensor positions = cast(arange(length) + cast(from, i32), f64);
  const Tensor angle =
      unsqueeze(positions, 1) * constant(turns, {width}, f64) + constant(phase, {width}, f64);
  const Tensor reduced = angle - floor(angle + 0.5);
  return sin(cast(reduced * (2 * std::numbers::pi), f32));
}

PositionalEncoding::PositionalEncoding(Module &parent, std::string name, double dropout,
                                       std::source_location where)
    : Module(parent, std::move(name), where), dropout_(dropout) {
  if (!(dropout >= 0 && dropout < 1))
    fail(where, "positional encoding '{}' expects a dropout with 0 <= p < 1, got {}", this->name(),
         dropout);
}

Tensor PositionalEncoding::operator()(Operand input, Operand start) {
  At at(input.where);
  const std::string op = called("positional encoding", *this);
  OpMaker m(op, input.where);
  const Tensor x = m.floating(input);
  if (x.rank() < 2)
    m.fail("expects an input [..., T, width], got {}", describe(x));
  const Tensor table = sinusoidal_positions(x.size(-2), x.size(-1), start);
  return dropout(x + cast(table, x.dtype()), dropout_);
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

TransformerEncoderLayer::TransformerEncoderLayer(Module &parent, std::string name,
                                                 std::int64_t width, std::int64_t heads,
                                                 TransformerLayerOptions options,
                                                 std::source_location where)
    : Module(parent, std::move(name), where),
      self_attn(*this, "self_attn", width, heads, attentionOptions(options), where),
      linear1(*this, "linear1", width, options.dim_feedforward, linearOptions(options), where),
      linear2(*this, "linear2", options.dim_feedforward, width, linearOptions(options), where),
      norm1(*this, "norm1", width, normOptions(options), where),
      norm2(*this, "norm2", width, normOptions(options), where), options_(options) {}

Tensor TransformerEncoderLayer::operator()(Operand input, const Visible &visible) {
  At at(input.where);
  const Tensor x =
      residual(input, norm1, options_, [&](const Tensor &t) { return self_attn(t, visible); });
  return residual(x, norm2, options_,
                  [&](const Tensor &t) { return feedForward(t, linear1, linear2, options_); });
}

DecoderCache::DecoderCache(Module &parent, std::string name, std::int64_t batch, std::int64_t heads,
                           std::int64_t length, std::int64_t memory_length, std::int64_t head_width,
                           std::source_location where)
    : Module(parent, std::move(name), where),
      self(*this, "self", batch, heads, length, head_width, where),
      memory(*this, "memory", batch, heads, memory_length, head_width, where) {}

TransformerDecoderLayer::TransformerDecoderLayer(Module &parent, std::string name,
                                                 std::int64_t width, std::int64_t heads,
                                                 TransformerLayerOptions options,
                                                 std::source_location where)
    : Module(parent, std::move(name), where),
      self_attn(*this, "self_attn", width, heads, attentionOptions(options), where),
      multihead_attn(*this, "multihead_attn", width, heads, attentionOptions(options), where),
      linear1(*this, "linear1", width, options.dim_feedforward, linearOptions(options), where),
      linear2(*this, "linear2", options.dim_feedforward, width, linearOptions(options), where),
      norm1(*this, "norm1", width, normOptions(options), where),
      norm2(*this, "norm2", width, normOptions(options), where),
      norm3(*this, "norm3", width, normOptions(options), where), options_(options) {}

template <class SelfAttention, class MemoryAttention>
Tensor TransformerDecoderLayer::apply(Tensor x, SelfAttention self, MemoryAttention memory) {
  x = residual(x, norm1, options_, self);
  x = residual(x, norm2, options_, memory);
  return residual(x, norm3, options_,
                  [&](const Tensor &t) { return feedForward(t, linear1, linear2, options_); });
}

Tensor TransformerDecoderLayer::operator()(Operand x, Operand memory, const Visible &tgt,
                                           const Visible &memory_visible) {
  At at(x.where);
  return apply(
      x, [&](const Tensor &t) { return self_attn(t, tgt); },
      [&](const Tensor &t) { return multihead_attn(t, memory, memory, memory_visible); });
}

Tensor TransformerDecoderLayer::operator()(Operand x, DecoderCache &cache, Operand position,
                                           const Visible &memory_visible) {
  At at(x.where);
  return apply(
      x, [&](const Tensor &t) { return self_attn(t, cache.self, position); },
      [&](const Tensor &t) { return multihead_attn.recall(t, cache.memory, memory_visible); });
}

//===----------------------------------------------------------------------===//
// Stacks
//===----------------------------------------------------------------------===//

TransformerEncoder::TransformerEncoder(Module &parent, std::string name, std::int64_t layers,
                                       std::int64_t width, std::int64_t heads,
                                       TransformerLayerOptions options, bool norm,
                                       std::source_location where)
    : Module(parent, std::move(name), where),
      layers(*this, "layers", layers, width, heads, options, where),
      norm(lastNorm(*this, norm, width, options, where)) {}

Tensor TransformerEncoder::operator()(Operand input, const Visible &visible) {
  At at(input.where);
  Tensor x = input;
  for (TransformerEncoderLayer &layer : layers)
    x = layer(x, visible);
  return norm ? (*norm)(x) : x;
}

TransformerDecoder::TransformerDecoder(Module &parent, std::string name, std::int64_t layers,
                                       std::int64_t width, std::int64_t heads,
                                       TransformerLayerOptions options, bool norm,
                                       std::source_location where)
    : Module(parent, std::move(name), where),
      layers(*this, "layers", layers, width, heads, options, where),
      norm(lastNorm(*this, norm, width, options, where)) {}

Tensor TransformerDecoder::operator()(Operand input, Operand memory, const Visible &tgt,
                                      const Visible &memory_visible) {
  At at(input.where);
  Tensor x = input;
  for (TransformerDecoderLayer &layer : layers)
    x = layer(x, memory, tgt, memory_visible);
  return norm ? (*norm)(x) : x;
}

static void checkCaches(const Module &decoder, std::size_t layers, std::size_t caches,
                        std::source_location where) {
  if (layers != caches)
    failAt(where, fmt::format("decoder '{}' has {} layers and needs as many caches, got {}",
                              decoder.name(), layers, caches));
}

void TransformerDecoder::remember(Operand memory, ModuleList<DecoderCache> &caches) {
  At at(memory.where);
  checkCaches(*this, layers.size(), caches.size(), memory.where);
  for (std::size_t i = 0; i < layers.size(); ++i)
    layers[i].multihead_attn.remember(memory, memory, caches[i].memory);
}

Tensor TransformerDecoder::operator()(Operand input, ModuleList<DecoderCache> &caches,
                                      Operand position, const Visible &memory_visible) {
  At at(input.where);
  checkCaches(*this, layers.size(), caches.size(), input.where);
  Tensor x = input;
  for (std::size_t i = 0; i < layers.size(); ++i)
    x = layers[i](x, caches[i], position, memory_visible);
  return norm ? (*norm)(x) : x;
}

Transformer::Transformer(Module &parent, std::string name, std::int64_t width, std::int64_t heads,
                         TransformerOptions options, std::source_location where)
    : Module(parent, std::move(name), where),
      encoder(*this, "encoder", options.num_encoder_layers, width, heads, withXavier(options.layer),
              /*norm=*/true, where),
      decoder(*this, "decoder", options.num_decoder_layers, width, heads, withXavier(options.layer),
              /*norm=*/true, where) {}

Tensor Transformer::operator()(Operand src, Operand tgt, const Visible &src_visible,
                               const Visible &tgt_visible,
                               const std::optional<Visible> &memory_visible) {
  At at(src.where);
  const Tensor memory = encoder(src, src_visible);
  return decoder(
      tgt, memory, tgt_visible,
      memory_visible.value_or(Visible{.key_padding_mask = src_visible.key_padding_mask}));
}

} // namespace heddle::nn
