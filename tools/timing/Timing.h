// Times the calls of a compiled function, on data it accepts.
#pragma once

#include <heddle/compile.h>

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::timing {

struct Timing {
  double median_seconds, min_seconds;
  std::size_t calls;
};

/// An array for each input of the function: f32 and f64 from the normal distribution, f16 and bf16
/// zero, integers that are indices within their range (the manifest's index checks), others 0 or 1.
/// The same seed gives the same data.
std::vector<HostArray> random_inputs(const Executable &executable, const std::string &function,
                                     std::uint64_t seed = 0);

/// The buffers of a call: random inputs, and room for the outputs.
class Call {
public:
  Call(const Executable &executable, std::string function);
  void run(Executable &executable) { executable.run_into(function, in, out); }
  std::vector<Launch> profile(Executable &executable) {
    return executable.profile(function, in, out);
  }

private:
  std::string function;
  std::vector<HostArray> inputs, outputs;
  std::vector<const void *> in;
  std::vector<void *> out;
};

/// Calls the function on random inputs: `warmup` times, then for `seconds`, five times at least.
Timing time_calls(Executable &executable, const std::string &function, int warmup, double seconds);

} // namespace heddle::timing
