// BERT (Devlin et al., 2018), without the pooler, which its last hidden state does not need.
#pragma once

#include <heddle/heddle.h>

#include <cstdint>

namespace bench {

struct BertConfig { // those of bert-base
  std::int64_t layers = 12, heads = 12, width = 768, feed_forward = 3072;
  std::int64_t positions = 512, vocabulary = 30522, segments = 2;
};

/// With the function predict: tokens [batch, length] to the last hidden state [batch, length,
/// width]. All tokens are of segment 0 and none is masked.
heddle::Model bert(const BertConfig &config, std::int64_t batch, std::int64_t length);

} // namespace bench
