// What other programs measured.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace bench {

struct Peer {
  std::string name;
  double median_seconds;
};
using Peers = std::multimap<std::string, Peer>; // by case

/// Adds those of a file of JSON lines as {"case": "mlp_train_b64", "peer": "torch.eager", "median":
/// 812.1, "unit": "us"}; lines without a median, as of a case that failed, are skipped, and so is
/// what else was measured of a case, as "mlp_train_b64/compile_seconds". Throws std::runtime_error
/// for a file that is none.
void read_peers(const std::filesystem::path &path, Peers &peers);

/// The fastest one; null if none ran the case.
const Peer *best_peer(const Peers &peers, const std::string &benchmark);

/// How many of the unit a second is: 1e3 for "ms". Throws std::runtime_error for none of s, ms, us.
double units_a_second(const std::string &unit);

} // namespace bench
