#include "heddle/data/pad.h"

#include "heddle/data/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace heddle::data {

Padded pad(std::span<const std::vector<std::int32_t>> sequences, const PadOptions &options) {
  if (options.rows != 0 && sequences.size() > options.rows)
    throw Error(fmt::format("{} sequences do not fit into {} rows; give fewer, or a larger "
                            "PadOptions::rows",
                            sequences.size(), options.rows));
  Padded result;
  result.rows = std::max(options.rows, sequences.size());
  result.length = options.length;
  if (result.length == 0)
    for (const auto &sequence : sequences)
      result.length = std::max(result.length, sequence.size());
  result.ids.assign(result.rows * result.length, options.id);
  result.mask_.resize(result.ids.size(), true);

  for (std::size_t row = 0; row < sequences.size(); ++row) {
    std::span<const std::int32_t> kept = sequences[row];
    if (kept.size() > result.length)
      kept = options.truncate == Side::right ? kept.first(result.length) : kept.last(result.length);
    const std::size_t at =
        row * result.length + (options.pad == Side::right ? 0 : result.length - kept.size());
    std::ranges::copy(kept, result.ids.begin() + static_cast<std::ptrdiff_t>(at));
    std::fill_n(std::begin(result.mask_) + at, kept.size(), false);
  }
  return result;
}

} // namespace heddle::data
