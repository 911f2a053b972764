// heddle bench: the time of one call, on random inputs.
#include "Commands.h"
#include "Timing.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heddle::cli {
namespace {

std::string time_text(double seconds) {
  if (seconds < 1e-3)
    return fmt::format("{:.2f} us", seconds * 1e6);
  return seconds < 1 ? fmt::format("{:.3f} ms", seconds * 1e3) : fmt::format("{:.3f} s", seconds);
}

} // namespace

void bench(const ModelSource &source, const BenchOptions &options) {
  ReadyModel model = make_ready(source);
  const timing::Timing times =
      timing::time_calls(model.executable, model.function, options.warmup, options.seconds);
  if (options.json) {
    fmt::print("{}\n", nlohmann::json{{"function", model.function},
                                      {"median_seconds", times.median_seconds},
                                      {"min_seconds", times.min_seconds},
                                      {"calls", times.calls},
                                      {"compile_seconds", model.compile_seconds},
                                      {"arena_bytes", model.executable.arena_bytes()}}
                           .dump());
    return;
  }
  fmt::print("{}: median {}, min {} over {} calls; compiled in {}, arena {:.1f} MB\n",
             model.function, time_text(times.median_seconds), time_text(times.min_seconds),
             times.calls, time_text(model.compile_seconds),
             static_cast<double>(model.executable.arena_bytes()) / 1e6);
}

} // namespace heddle::cli
