// The exception type of the data library.
#pragma once

#include <stdexcept>

namespace heddle::data {

/// What is wrong with a file, a text or an argument, where, what was expected and what to do about
/// it: `reviews.csv:5: row 3, column 'stars': expected a whole number, got 'many'; ...`.
class Error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

} // namespace heddle::data
