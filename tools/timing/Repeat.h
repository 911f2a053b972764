// The time of one call, of many; and data to call with. Neither needs the compiler.
#pragma once

#include "runtime/Manifest.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace heddle::timing {

struct Timing {
  double median_seconds, min_seconds;
  std::size_t calls;
};

/// Calls `warmup` times, then for `seconds`, five times at least.
Timing time_repeated(const std::function<void()> &call, int warmup, double seconds);

/// "12.34 us", "1.234 ms" or "1.234 s".
std::string time_text(double seconds);
/// "median 1.234 ms, min 1.200 ms over 40 calls"
std::string describe(const Timing &timing);

/// The elements of each input of the function: f32 and f64 from the normal distribution, f16 and
/// bf16 zero, integers that are indices within their range (the manifest's index checks), others 0
/// or 1. The same seed gives the same data.
std::vector<std::vector<std::byte>> random_data(const runtime::FunctionSpec &function,
                                                std::uint64_t seed);

} // namespace heddle::timing
