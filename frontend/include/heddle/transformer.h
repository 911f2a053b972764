// The Transformer (Vaswani et al., 2017): encoder and decoder, in PyTorch's form and with its names
// for the weights, so that the state_dict of a torch.nn.Transformer loads by name. Always
// batch_first: tensors are [batch, length, width]. Masks are as in attention.h.
//
//   struct Translator : nn::Module {
//     nn::Embedding source, target;
//     nn::PositionalEncoding positions;
//     nn::Transformer transformer;
//     nn::Linear head;
//   };
#pragma once

#include <heddle/attention.h>

namespace heddle::nn {

/// The table of section 3.5: sin(p / 10000^(2i / width)) at 2i and the cosine of the same at
/// 2i + 1, for the `length` positions from `start` (0, or an i32 or i64 scalar) on: f32 [length,
/// width].
Tensor sinusoidal_positions(std::int64_t length, std::int64_t width, Operand start = 0);

/// x plus sinusoidal_positions, then dropout. No parameters.
class PositionalEncoding : public Module {
public:
  PositionalEncoding(Module &parent, std::string name, double dropout = 0.1,
                     std::source_location where = std::source_location::current());
  /// x is [..., T, width], its positions those from `start` on.
  Tensor operator()(Operand x, Operand start = 0);

private:
  double dropout_;
};

enum class Activation : std::uint8_t { relu, gelu, gelu_tanh, silu };

/// Defaults are PyTorch's.
struct TransformerLayerOptions {
  std::int64_t dim_feedforward = 2048;
  /// Of the attention weights, of what each sublayer adds, and inside the feed-forward.
  double dropout = 0.1;
  Activation activation = Activation::relu;
  double layer_norm_eps = 1e-5;
  /// Whether sublayers normalise their input (pre-norm) instead of their sum (post-norm, the
  /// paper's).
  bool norm_first = false;
  bool bias = true;
  /// Of linear1, linear2 and out_proj. Default: Linear's. Transformer takes xavier_uniform.
  std::optional<Init> weight_init = {};
};

/// Self-attention and feed-forward, each with a residual and a norm. Parts: self_attn, linear1,
/// linear2, norm1, norm2.
class TransformerEncoderLayer : public Module {
public:
  TransformerEncoderLayer(Module &parent, std::string name, std::int64_t width, std::int64_t heads,
                          TransformerLayerOptions options = {},
                          std::source_location where = std::source_location::current());
  Tensor operator()(Operand x, const Visible &visible = {});

  MultiheadAttention self_attn;
  Linear linear1, linear2;
  LayerNorm norm1, norm2;

private:
  TransformerLayerOptions options_;
};

/// What a decoder keeps between calls: keys and values of its own positions so far, and of the
/// memory. Parts: self, memory.
class DecoderCache : public Module {
public:
  DecoderCache(Module &parent, std::string name, std::int64_t batch, std::int64_t heads,
               std::int64_t length, std::int64_t memory_length, std::int64_t head_width,
               std::source_location where = std::source_location::current());

  KVCache self, memory;
};

/// Self-attention, attention to the memory, and feed-forward. Parts: self_attn, multihead_attn,
/// linear1, linear2, norm1, norm2, norm3.
class TransformerDecoderLayer : public Module {
public:
  TransformerDecoderLayer(Module &parent, std::string name, std::int64_t width, std::int64_t heads,
                          TransformerLayerOptions options = {},
                          std::source_location where = std::source_location::current());
  /// x is [batch, T, width], memory [batch, S, width]. `tgt` is for the self-attention,
  /// `memory_visible` for that to the memory.
  Tensor operator()(Operand x, Operand memory, const Visible &tgt = {.causal = true},
                    const Visible &memory_visible = {});
  /// The T positions from `position` on, given a cache of those before and of the memory.
  Tensor operator()(Operand x, DecoderCache &cache, Operand position,
                    const Visible &memory_visible = {});

  MultiheadAttention self_attn, multihead_attn;
  Linear linear1, linear2;
  LayerNorm norm1, norm2, norm3;

private:
  template <class SelfAttention, class MemoryAttention>
  Tensor apply(Tensor x, SelfAttention self, MemoryAttention memory);
  TransformerLayerOptions options_;
};

/// `layers` encoder layers, and a norm after the last if `norm`. Parts: layers, norm.
class TransformerEncoder : public Module {
public:
  TransformerEncoder(Module &parent, std::string name, std::int64_t layers, std::int64_t width,
                     std::int64_t heads, TransformerLayerOptions options = {}, bool norm = false,
                     std::source_location where = std::source_location::current());
  Tensor operator()(Operand x, const Visible &visible = {});

  ModuleList<TransformerEncoderLayer> layers;
  std::unique_ptr<LayerNorm> norm; ///< null without one
};

/// `layers` decoder layers, and a norm after the last if `norm`. Parts: layers, norm.
class TransformerDecoder : public Module {
public:
  TransformerDecoder(Module &parent, std::string name, std::int64_t layers, std::int64_t width,
                     std::int64_t heads, TransformerLayerOptions options = {}, bool norm = false,
                     std::source_location where = std::source_location::current());
  Tensor operator()(Operand x, Operand memory, const Visible &tgt = {.causal = true},
                    const Visible &memory_visible = {});

  /// For generation: the keys and values of the memory go to the caches, one a layer, ...
  void remember(Operand memory, ModuleList<DecoderCache> &caches);
  /// ... and positions follow, as TransformerDecoderLayer has them.
  Tensor operator()(Operand x, ModuleList<DecoderCache> &caches, Operand position,
                    const Visible &memory_visible = {});

  ModuleList<TransformerDecoderLayer> layers;
  std::unique_ptr<LayerNorm> norm; ///< null without one
};

struct TransformerOptions {
  std::int64_t num_encoder_layers = 6, num_decoder_layers = 6;
  TransformerLayerOptions layer = {};
};
/// An encoder and a decoder, each with a last norm; matrices begin xavier_uniform. Embeddings,
/// positions and the last linear layer are the caller's. Parts: encoder, decoder.
class Transformer : public Module {
public:
  Transformer(Module &parent, std::string name, std::int64_t width, std::int64_t heads,
              TransformerOptions options = {},
              std::source_location where = std::source_location::current());
  /// src is [batch, S, width], tgt [batch, T, width]; the result has tgt's shape. The memory is
  /// seen as src's padding mask in `src_visible` says, unless `memory_visible` is given.
  Tensor operator()(Operand src, Operand tgt, const Visible &src_visible = {},
                    const Visible &tgt_visible = {.causal = true},
                    const std::optional<Visible> &memory_visible = {});

  TransformerEncoder encoder;
  TransformerDecoder decoder;
};

} // namespace heddle::nn
