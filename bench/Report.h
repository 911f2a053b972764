// What people and programs read of the results.
#pragma once

#include "Measure.h"
#include "Peers.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bench {

/// A case with its result.
struct Measured {
  Case benchmark;
  Result result;
};

/// Two lines: the machine's limits, and the names of describe()'s columns.
std::string heading(const heddle::timing::Limits &limits);

/// One row: times, share of the limit, memory, and the ratio to the best of the peers.
std::string describe(const Measured &measured, const Peers &peers);

/// One line as the peers', with all that was measured and every peer's ratio, and one for the time
/// that compiling took.
std::string json_lines(const Measured &measured, const Peers &peers,
                       const heddle::timing::Limits &limits);

/// A bar chart of all: the ratios to the best peers, if there are any, and the shares of the limit.
void draw(const std::vector<Measured> &all, const Peers &peers,
          const heddle::timing::Limits &limits, const std::filesystem::path &path);

} // namespace bench
