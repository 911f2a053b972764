// Attention modules. Tensors are [batch, length, width]; a mask is i1, true where a query sees a
// key; a key_padding_mask is i1 [batch, keys], true where a key is padding (PyTorch's, and what
// data::Padded has). A query that sees no key gets 0.
#pragma once

#include <heddle/nn.h>

namespace heddle::nn {

/// Keys and values of the positions seen so far. Buffers: k and v, [batch, heads, length, width of
/// a head].
class KVCache : public Module {
public:
  KVCache(Module &parent, std::string name, std::int64_t batch, std::int64_t heads,
          std::int64_t length, std::int64_t head_width,
          std::source_location where = std::source_location::current());

  Buffer k, v;
};

struct AttentionModuleOptions {
  bool bias = true;
  /// Of the attention weights and of the result, in training steps.
  double dropout = 0;
  std::optional<Init> weight_init = {};     ///< of c_attn; default as Linear's
  std::optional<Init> projection_init = {}; ///< of c_proj; default as Linear's
  std::optional<Init> bias_init = {};
};
/// Causal multi-head self-attention, as GPT-2's. Parameters: c_attn.weight [3 width, width] and
/// .bias (queries, keys, values, in this order), c_proj.weight [width, width] and .bias. `heads`
/// divides `width`.
class CausalSelfAttention : public Module {
public:
  CausalSelfAttention(Module &parent, std::string name, std::int64_t width, std::int64_t heads,
                      AttentionModuleOptions options = {},
                      std::source_location where = std::source_location::current());
  /// x is [batch, T, width]; position i sees positions <= i.
  Tensor operator()(Operand x);
  /// The T positions from `position` (an i32 or i64 scalar) on, given all before: writes their keys
  /// and values to the cache and sees what the cache then holds, up to itself. For prefill
  /// (position 0) as for decode (T = 1).
  Tensor operator()(Operand x, KVCache &cache, Operand position);

  Linear c_attn, c_proj;

private:
  Tensor attend(Operand x, KVCache *cache, const Operand *position);
  std::int64_t width_, heads_;
  double dropout_;
};

/// What queries see: all that none of these hides.
struct Visible {
  /// True where seen. Broadcastable to [batch, heads, queries, keys]: [queries, keys] is one for
  /// all.
  Tensor mask = {};
  Tensor key_padding_mask = {};
  /// Query i of T sees keys j <= i + S - T only, ...
  bool causal = false;
  /// ... or j <= position + i, as AttentionOptions has it.
  Tensor position = {};
};

struct MultiheadAttentionOptions {
  double dropout = 0; ///< of the attention weights, in training steps
  bool bias = true;
  std::int64_t kdim = 0; ///< width of the keys; 0: `width`
  std::int64_t vdim = 0; ///< width of the values; 0: `width`
  /// Of out_proj. Default: Linear's.
  std::optional<Init> weight_init = {};
};
/// Multi-head attention (Vaswani et al., 2017, 3.2.2), as PyTorch's with batch_first. Parameters:
/// in_proj_weight [3 width, width] (queries, keys, values, in this order; with a kdim or vdim
/// instead q_proj_weight [width, width], k_proj_weight [width, kdim], v_proj_weight [width, vdim]),
/// in_proj_bias [3 width], out_proj.weight [width, width], out_proj.bias [width]. `heads` divides
/// `width`.
class MultiheadAttention : public Module {
public:
  MultiheadAttention(Module &parent, std::string name, std::int64_t width, std::int64_t heads,
                     MultiheadAttentionOptions options = {},
                     std::source_location where = std::source_location::current());
  /// Self-attention: x is [batch, T, width].
  Tensor operator()(Operand x, const Visible &visible = {});
  /// query [batch, T, width], key [batch, S, kdim], value [batch, S, vdim] -> [batch, T, width].
  Tensor operator()(Operand query, Operand key, Operand value, const Visible &visible = {});

  /// Causal self-attention of the T positions from `position` (an i32 or i64 scalar) on, given all
  /// before: writes their keys and values to the cache, as CausalSelfAttention does.
  Tensor operator()(Operand x, KVCache &cache, Operand position);
  /// Keeps the keys and values of a memory, all S of the cache's length, ...
  void remember(Operand key, Operand value, KVCache &cache);
  /// ... and attends to them. `visible` as above, S being the cache's length.
  Tensor recall(Operand query, KVCache &cache, const Visible &visible = {});

  std::unique_ptr<Parameter> in_proj_weight; ///< null with a kdim or vdim
  std::unique_ptr<Parameter> q_proj_weight, k_proj_weight, v_proj_weight; ///< null without
  std::unique_ptr<Parameter> in_proj_bias;                                ///< null without a bias
  Linear out_proj;

private:
  enum Part : std::uint8_t { queries, keys, values };
  Tensor project(Operand x, Part first, Part last);
  Tensor attend(const Tensor &q, const Tensor &k, const Tensor &v, const Visible &visible);
  Tensor heads(const Tensor &t) const;
  std::int64_t width_, heads_;
  double dropout_;
};

} // namespace heddle::nn
