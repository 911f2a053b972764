// A GPT: a decoder-only Transformer as GPT-2's (Radford et al., 2019), with its names for the
// weights.
#pragma once

#include <heddle/heddle.h>

#include <memory>
#include <string>
#include <vector>

namespace gpt {

struct Config {
  std::int64_t layers = 4, heads = 4, width = 128, context = 64, vocabulary = 0;
  double dropout = 0;

  /// Throws heddle::Error, naming the option, for a size that cannot be.
  void check() const;
};

struct Block : heddle::nn::Module {
  heddle::nn::LayerNorm ln_1;
  heddle::nn::CausalSelfAttention attn;
  heddle::nn::LayerNorm ln_2;
  struct Mlp : heddle::nn::Module {
    heddle::nn::Linear c_fc, c_proj;
    Mlp(heddle::nn::Module &parent, std::string name, const Config &config);
    heddle::Tensor operator()(heddle::Tensor x);
  } mlp;
  heddle::nn::Dropout drop;

  Block(heddle::nn::Module &parent, std::string name, const Config &config);
  heddle::Tensor operator()(heddle::Tensor x);
  /// The positions from `position` on, after those in the cache.
  heddle::Tensor operator()(heddle::Tensor x, heddle::nn::KVCache &cache, heddle::Tensor position);

private:
  heddle::Tensor feed_forward(heddle::Tensor x);
};

struct Gpt : heddle::nn::Module {
  heddle::nn::Embedding wte, wpe; // of tokens, of positions
  heddle::nn::Dropout drop;
  heddle::nn::ModuleList<Block> h;
  heddle::nn::LayerNorm ln_f;
  heddle::nn::ModuleList<heddle::nn::KVCache> cache;

  explicit Gpt(const Config &config);
  /// Logits [batch, T, vocabulary] of tokens [batch, T].
  heddle::Tensor operator()(heddle::Tensor tokens);
  /// Logits [vocabulary] of the last of the `length` first tokens of [1, T]; fills the cache.
  heddle::Tensor prefill(heddle::Tensor tokens, heddle::Tensor length);
  /// Logits [vocabulary] of the token [1, 1] at `position`, given those in the cache.
  heddle::Tensor decode(heddle::Tensor token, heddle::Tensor position);

private:
  heddle::Tensor head(heddle::Tensor x);
};

/// With functions train, which updates the weights by `optimizer`, and loss, both of tokens and
/// targets [batch, length]; a length of 0 is the whole context.
heddle::Model make_trainer(const Config &config, std::int64_t batch,
                           heddle::optim::Optimizer optimizer, std::int64_t length = 0);

/// With functions prefill and decode, to write text with. Loads the weights that a trainer saved.
heddle::Model make_generator(const Config &config);

} // namespace gpt
