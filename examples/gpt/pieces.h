// Learning the pieces of words that make up a text.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gpt {

/// About `size` pieces of UTF-8 text with their log-probabilities, by SentencePiece's unigram
/// trainer. No piece holds a line end. The same text gives the same pieces. Throws
/// std::runtime_error if they cannot be learned.
std::vector<std::pair<std::string, double>> learn_pieces(const std::string &text,
                                                         std::int64_t size);

} // namespace gpt
