#include "Report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>

using namespace heddle;

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::vector<HostArray> make_inputs(const Executable &executable, const Case &benchmark) {
  std::mt19937 random(0);
  std::normal_distribution<float> normal;
  std::uniform_int_distribution<std::int32_t> label(0, static_cast<std::int32_t>(std::max<std::int64_t>(1, benchmark.classes)) - 1);
  std::vector<HostArray> arrays;
  for (const TensorInfo &input : executable.inputs(benchmark.function)) {
    HostArray &array = arrays.emplace_back(input.dtype, input.shape);
    if (input.dtype == i32)
      std::ranges::generate(array.as<std::int32_t>(), [&] { return label(random); });
    else
      std::ranges::generate(array.as<float>(), [&] { return normal(random); });
  }
  return arrays;
}

} // namespace

Result measure(const Case &benchmark, double seconds) {
  const Model model = benchmark.make();
  auto start = Clock::now();
  Executable executable = compile(model);
  Result result{};
  result.compile_seconds = seconds_since(start);
  result.arena_bytes = executable.arena_bytes();
  executable.initialize(0);

  const std::vector<HostArray> inputs = make_inputs(executable, benchmark);
  std::vector<HostArray> outputs;
  for (const TensorInfo &output : executable.outputs(benchmark.function))
    outputs.emplace_back(output.dtype, output.shape);
  std::vector<const void *> in;
  std::vector<void *> out;
  for (const HostArray &array : inputs)
    in.push_back(array.data());
  for (HostArray &array : outputs)
    out.push_back(array.data());

  for (int i = 0; i < benchmark.warmup; ++i)
    executable.run_into(benchmark.function, in, out);
  std::vector<double> times;
  start = Clock::now();
  const double budget = seconds > 0 ? seconds : benchmark.seconds;
  while (times.size() < 5 || (seconds_since(start) < budget && times.size() < 20000)) {
    const auto call = Clock::now();
    executable.run_into(benchmark.function, in, out);
    times.push_back(seconds_since(call));
  }
  std::ranges::sort(times);
  const double scale = benchmark.unit == "ms" ? 1e3 : 1e6;
  const std::size_t middle = times.size() / 2;
  result.median = scale * (times.size() % 2 ? times[middle] : (times[middle - 1] + times[middle]) / 2);
  result.min = scale * times.front();
  result.calls = times.size();
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
      throw std::runtime_error(fmt::format("{}, line {}: not JSON; expected lines as heddle_bench --json writes them",
                                           path.string(), number));
    if (!json.contains("median") || !json.contains("unit") || !json.contains("case"))
      continue;
    peers.emplace(json["case"].get<std::string>(),
                  Peer{json.value("peer", "peer"), microseconds(json["median"].get<double>(), json["unit"].get<std::string>())});
  }
  return peers;
}

int threads() {
  const char *chosen = std::getenv("OMP_NUM_THREADS");
  const int count = chosen ? std::atoi(chosen) : 0;
  return count > 0 ? count : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

std::string describe(const Case &benchmark, const Result &result, const Peers &peers) {
  std::string line = fmt::format("{:<26} median {:>10.2f} {}   min {:>10.2f} {}   compile {:>6.2f} s   arena {:>7.1f} MB   {} calls",
                                 benchmark.name, result.median, benchmark.unit, result.min, benchmark.unit,
                                 result.compile_seconds, static_cast<double>(result.arena_bytes) / 1e6, result.calls);
  const auto [first, last] = peers.equal_range(benchmark.name);
  for (auto at = first; at != last; ++at)
    line += fmt::format("   {:.2f} x {}", microseconds(result.median, benchmark.unit) / at->second.median_us, at->second.name);
  return line;
}

std::string json_lines(const Case &benchmark, const Result &result) {
  nlohmann::json call = {{"case", benchmark.name}, {"peer", "heddle"},        {"median", result.median},
                         {"min", result.min},      {"unit", benchmark.unit}, {"threads", threads()}};
  nlohmann::json compile = {{"case", benchmark.name + "/compile_seconds"}, {"peer", "heddle"},
                            {"median", result.compile_seconds},            {"unit", "s"}};
  return call.dump() + "\n" + compile.dump() + "\n";
}

} // namespace bench
