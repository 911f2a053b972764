// heddle bench: the time of one call, on random inputs.
#include "Commands.h"
#include "Timing.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>

namespace heddle::cli {
namespace {

std::string time_text(double seconds) {
  if (seconds < 1e-3)
    return fmt::format("{:.2f} us", seconds * 1e6);
  return seconds < 1 ? fmt::format("{:.3f} ms", seconds * 1e3) : fmt::format("{:.3f} s", seconds);
}

} // namespace

void bench(const ModelSource &source, const BenchOptions &options) {
  const auto start = std::chrono::steady_clock::now();
  ReadyModel model = make_ready(source);
  const double compile =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const timing::Timing times =
      timing::time_calls(model.executable, model.function, options.warmup, options.seconds);
  if (options.json) {
    fmt::print("{}\n", nlohmann::json{{"function", model.function},
                                      {"median_seconds", times.median_seconds},
                                      {"min_seconds", times.min_seconds},
                                      {"calls", times.calls},
                                      {"compile_seconds", compile},
                                      {"arena_bytes", model.executable.arena_bytes()}}
                           .dump());
    return;
  }
  fmt::print(
      "{}: median {}, min {} over {} calls; compiled and initialised in {}, arena {:.1f} MB\n",
      model.function, time_text(times.median_seconds), time_text(times.min_seconds), times.calls,
      time_text(compile), static_cast<double>(model.executable.arena_bytes()) / 1e6);
}

} // namespace heddle::cli
