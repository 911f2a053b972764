// An encoder-decoder Transformer (Vaswani et al., 2017) over characters.
#pragma once

#include <heddle/heddle.h>

namespace dates {

struct Config {
  std::int64_t vocabulary = 0;
  std::int64_t width = 64, heads = 4, layers = 2, feed_forward = 256;
  std::int64_t source_length = 0, target_length = 0;
  double dropout = 0;
  std::int32_t padding = 0; ///< the token
};

struct Translator : heddle::nn::Module {
  heddle::nn::Embedding embedding; // of both sides
  heddle::nn::PositionalEncoding positions;
  heddle::nn::Transformer transformer;
  heddle::nn::Linear head;
  heddle::nn::ModuleList<heddle::nn::DecoderCache> cache;
  heddle::Buffer source_padding; // of the text in the cache

  explicit Translator(const Config &config);
  /// Logits [batch, T, vocabulary] of what follows each target token, given sources [batch, S].
  heddle::Tensor operator()(heddle::Tensor source, heddle::Tensor target);
  /// Takes a source [1, S] into the cache.
  void encode(heddle::Tensor source);
  /// Logits [vocabulary] of what follows the token [1, 1] at `position`.
  heddle::Tensor decode(heddle::Tensor token, heddle::Tensor position);

private:
  heddle::Tensor embed(heddle::Tensor tokens, heddle::Operand start = 0);
  Config config;
};

/// Functions: train(source, target, labels), where target begins with the token of beginning and
/// labels with what follows it; and for heddle::generate encode(source) and decode(token,
/// position).
heddle::Model make_translator(const Config &config, std::int64_t batch,
                              heddle::optim::Optimizer optimizer);

} // namespace dates
