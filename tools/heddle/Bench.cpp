// heddle bench: the time of one call, on random inputs.
#include "Commands.h"
#include "Describe.h"
#include "Timing.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heddle::cli {
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
  fmt::print("{}: {}; compiled in {}, arena {}\n", model.function, timing::describe(times),
             timing::time_text(model.compile_seconds), bytes_text(model.executable.arena_bytes()));
}

} // namespace heddle::cli
