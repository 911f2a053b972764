// What the demo can be told.
#pragma once

#include "model.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace gpt {

struct Options {
  std::filesystem::path data, output = "build/demo";
  Config model;               // vocabulary follows from the data
  std::int64_t pieces = 2000; // of words, in the vocabulary; 0: single characters
  std::int64_t batch = 8;
  std::int64_t epochs = 16;
  std::int64_t steps = 0;   // 0: epochs decide
  std::int64_t stop_at = 0; // 0: at the end
  double learning_rate = 4e-3;
  std::uint64_t seed = 1;
  bool resume = false, generate = true;
  std::string prompt;
  std::int64_t length = 250;
};

} // namespace gpt
