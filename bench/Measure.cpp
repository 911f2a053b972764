#include "Measure.h"

#include "OwnProcess.h"
#include "Timing.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

using namespace heddle;

namespace bench {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Result, median_seconds, min_seconds, calls, compile_seconds,
                                   share, arena_bytes)

namespace {

Result measure_here(const Case &benchmark, double seconds, const timing::Limits &limits) {
  const Model model = benchmark.make();
  const auto start = std::chrono::steady_clock::now();
  Executable executable = compile(model);
  Result result{};
  result.compile_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.arena_bytes = executable.arena_bytes();
  executable.initialize(0);

  timing::Call call(executable, benchmark.function);
  for (const auto &[input, value] : benchmark.scalars)
    call.set(executable, input, value);
  const timing::Timing times = timing::time_repeated(
      [&] { call.run(executable); }, benchmark.warmup, seconds > 0 ? seconds : benchmark.seconds);
  result.median_seconds = times.median_seconds;
  result.min_seconds = times.min_seconds;
  result.calls = times.calls;
  // The bytes and operations of the launches are the same in every call.
  const std::vector<Launch> launches = call.profile(executable);
  result.share = timing::least_seconds(launches, limits) / times.median_seconds;
  return result;
}

} // namespace

Result measure(const Case &benchmark, double seconds, const timing::Limits &limits) {
  const Finished finished = in_own_process(
      [&] { return nlohmann::json(measure_here(benchmark, seconds, limits)).dump(); });
  auto result = nlohmann::json::parse(finished.text).get<Result>();
  result.peak_bytes = finished.peak_bytes;
  return result;
}

timing::Limits measure_limits() {
  const Finished finished = in_own_process([] {
    const timing::Limits limits = timing::measure_limits();
    return nlohmann::json{limits.flops, limits.bytes}.dump();
  });
  const auto json = nlohmann::json::parse(finished.text);
  return {json[0].get<double>(), json[1].get<double>()};
}

int threads() {
  const char *chosen = std::getenv("OMP_NUM_THREADS");
  const int count = chosen ? std::atoi(chosen) : 0;
  return count > 0 ? count : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

} // namespace bench
