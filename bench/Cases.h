// The workloads that are timed. Random data from fixed seeds, f32.
#pragma once

#include <heddle/heddle.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace bench {

struct Case {
  std::string name;
  std::string unit;     // of the printed times: "ms" or "us"
  std::string function; // the one that is timed
  heddle::Model (*make)();
  int warmup;                                       // calls before the clock starts
  double seconds;                                   // time to spend on calls, five at least
  std::map<std::string, std::int32_t> scalars = {}; // inputs that are not random
};

const std::vector<Case> &cases();

} // namespace bench
