// Dates as people write them, with what they mean: an endless supply of examples.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dates {

struct Example {
  std::string text; ///< "Tue 3rd of march 98"
  std::string date; ///< "1998-03-03"
};

/// The longest of either, in characters.
inline constexpr std::int64_t longest_text = 36, longest_date = 10;

/// Example `number` of an endless list. Days from 1970 to 2069 in a dozen ways of writing. One day
/// in ten is held out: all examples of `held_out` are of those days, and none of the others are.
Example example(std::uint64_t number, bool held_out);

std::vector<Example> examples(std::uint64_t first, std::uint64_t count, bool held_out);

} // namespace dates
