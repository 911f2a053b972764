// Sequences of different lengths as one array.
#pragma once

#include <heddle/data/tokenizer.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <valarray>
#include <vector>

namespace heddle::data {

enum class Side : std::uint8_t { left, right };

struct PadOptions {
  std::size_t length = 0;       ///< of every row; 0: the longest sequence's
  std::size_t rows = 0;         ///< rows of nothing but padding fill up to so many; 0: none
  Side pad = Side::right;       ///< where padding goes
  Side truncate = Side::right;  ///< where what is longer than `length` loses its tokens
  std::int32_t id = padding_id; ///< what padding is in ids
};

/// Arrays of [rows, length], row by row.
class Padded {
public:
  std::size_t rows = 0, length = 0;
  std::vector<std::int32_t> ids;

  /// true where ids holds padding, as in PyTorch's key_padding_mask. An argument for an input of
  /// dtype i1; `logical_not` of it is what sees and is seen.
  std::span<const bool> key_padding_mask() const { return {std::begin(mask_), mask_.size()}; }

private:
  friend Padded pad(std::span<const std::vector<std::int32_t>> sequences,
                    const PadOptions &options);
  std::valarray<bool> mask_; // std::vector<bool> packs its elements into bits
};

/// Makes all sequences as long as one another. An empty one is a row of padding. Throws Error if
/// there are more sequences than options.rows, where that is given.
Padded pad(std::span<const std::vector<std::int32_t>> sequences, const PadOptions &options = {});

} // namespace heddle::data
