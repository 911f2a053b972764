#include "Peers.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace bench {

double units_a_second(const std::string &unit) {
  if (unit == "s")
    return 1;
  if (unit == "ms")
    return 1e3;
  if (unit == "us")
    return 1e6;
  throw std::runtime_error(fmt::format("'{}' is no unit of time; expected s, ms or us", unit));
}

void read_peers(const std::filesystem::path &path, Peers &peers) {
  std::ifstream file(path);
  if (!file)
    throw std::runtime_error(fmt::format("cannot read {}", path.string()));
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line[0] != '{') // what else a peer prints
      continue;
    try {
      const auto json = nlohmann::json::parse(line);
      if (!json.contains("median") || !json.contains("unit") || !json.contains("case"))
        continue;
      const auto name = json["case"].get<std::string>();
      if (name.find('/') != std::string::npos) // what else it measured of a case
        continue;
      const double median =
          json["median"].get<double>() / units_a_second(json["unit"].get<std::string>());
      if (!(median > 0))
        throw std::runtime_error("the median is not above 0");
      peers.emplace(name, Peer{json.value("peer", "peer"), median});
    } catch (const nlohmann::json::exception &) {
      throw std::runtime_error(fmt::format(
          "{}, line {}: not JSON as heddle_bench --json writes it; expected a line as "
          "{{\"case\": \"mlp_train_b64\", \"peer\": \"torch.eager\", \"median\": 812.1, "
          "\"unit\": \"us\"}}",
          path.string(), number));
    } catch (const std::runtime_error &error) {
      throw std::runtime_error(fmt::format("{}, line {}: {}", path.string(), number, error.what()));
    }
  }
  if (file.bad() || number == 0)
    throw std::runtime_error(
        fmt::format("cannot read {}: {}", path.string(),
                    number == 0 ? "it is empty, or no file" : "it breaks off"));
}

const Peer *best_peer(const Peers &peers, const std::string &benchmark) {
  const auto [first, last] = peers.equal_range(benchmark);
  const auto best = std::min_element(first, last, [](const auto &a, const auto &b) {
    return a.second.median_seconds < b.second.median_seconds;
  });
  return best == last ? nullptr : &best->second;
}

} // namespace bench
