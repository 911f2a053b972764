#include "Report.h"

#include "Timing.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

using namespace heddle;

namespace bench {
Result measure(const Case &benchmark, double seconds) {
  const Model model = benchmark.make();
  const auto start = std::chrono::steady_clock::now();
  Executable executable = compile(model);
  Result result{};
  result.compile_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.arena_bytes = executable.arena_bytes();
  executable.initialize(0);

  const timing::Timing times = timing::time_calls(executable, benchmark.function, benchmark.warmup,
                                                  seconds > 0 ? seconds : benchmark.seconds);
  const double scale = benchmark.unit == "ms" ? 1e3 : 1e6;
  result.median = scale * times.median_seconds;
  result.min = scale * times.min_seconds;
  result.calls = times.calls;
  return result;
}

double microseconds(double time, const std::string &unit) {
  return unit == "s" ? time * 1e6 : unit == "ms" ? time * 1e3 : time;
}

Peers read_peers(const std::filesystem::path &path) {
  std::ifstream file(path);
  if (!file)
    throw std::runtime_error(fmt::format("cannot read {}", path.string()));
  Peers peers;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line[0] != '{')
      continue;
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (json.is_discarded())
      throw std::runtime_error(
          fmt::format("{}, line {}: not JSON; expected lines as heddle_bench --json writes them",
                      path.string(), number));
    if (!json.contains("median") || !json.contains("unit") || !json.contains("case"))
      continue;
    peers.emplace(json["case"].get<std::string>(),
                  Peer{json.value("peer", "peer"), microseconds(json["median"].get<double>(),
                                                                json["unit"].get<std::string>())});
  }
  return peers;
}

int threads() {
  const char *chosen = std::getenv("OMP_NUM_THREADS");
  const int count = chosen ? std::atoi(chosen) : 0;
  return count > 0 ? count : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

std::string describe(const Case &benchmark, const Result &result, const Peers &peers) {
  std::string line = fmt::format("{:<26} median {:>10.2f} {}   min {:>10.2f} {}   compile {:>6.2f} "
                                 "s   arena {:>7.1f} MB   {} calls",
                                 benchmark.name, result.median, benchmark.unit, result.min,
                                 benchmark.unit, result.compile_seconds,
                                 static_cast<double>(result.arena_bytes) / 1e6, result.calls);
  const auto [first, last] = peers.equal_range(benchmark.name);
  for (auto at = first; at != last; ++at)
    line += fmt::format("   {:.2f} x {}",
                        microseconds(result.median, benchmark.unit) / at->second.median_us,
                        at->second.name);
  return line;
}

std::string json_lines(const Case &benchmark, const Result &result) {
  nlohmann::json call = {{"case", benchmark.name},  {"peer", "heddle"},
                         {"median", result.median}, {"min", result.min},
                         {"unit", benchmark.unit},  {"threads", threads()}};
  nlohmann::json compile = {{"case", benchmark.name + "/compile_seconds"},
                            {"peer", "heddle"},
                            {"median", result.compile_seconds},
                            {"unit", "s"}};
  return call.dump() + "\n" + compile.dump() + "\n";
}

} // namespace bench
