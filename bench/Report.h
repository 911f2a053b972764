// Timing a case, and what a peer measured for it.
#pragma once

#include "Cases.h"

#include <filesystem>
#include <map>
#include <string>

namespace bench {

struct Result {
  double median, min;     // of one call, in the case's unit
  double compile_seconds; // from the described model to code that can be called
  std::size_t calls;
  std::size_t arena_bytes;
};

/// `seconds` to spend on calls; 0: as the case has it.
Result measure(const Case &benchmark, double seconds);

/// What others measured, by case.
struct Peer {
  std::string name;
  double median_us;
};
using Peers = std::multimap<std::string, Peer>;

/// Of JSON lines as {"case": "mlp_train_b64", "peer": "torch.eager", "median": 812.1, "unit":
/// "us"}; lines without a median of a call are skipped. Throws std::runtime_error for a file that
/// is none.
Peers read_peers(const std::filesystem::path &path);

double microseconds(double time, const std::string &unit);

/// "64.2 ms", "0.71 x torch.eager".
std::string describe(const Case &benchmark, const Result &result, const Peers &peers);

/// As the peers' lines.
std::string json_lines(const Case &benchmark, const Result &result);

/// OMP_NUM_THREADS, or the number of cores.
int threads();

} // namespace bench
