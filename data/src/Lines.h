// Text, a line at a time.
#pragma once

#include <algorithm>
#include <string_view>

namespace heddle::data {

/// Takes the first line off `rest`, which is not empty, and gives it without its LF.
inline std::string_view takeLine(std::string_view &rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  return line;
}

} // namespace heddle::data
