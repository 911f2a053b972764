// Times the calls of a function that was compiled in process, on data it accepts.
#pragma once

#include "Repeat.h"

#include <heddle/compile.h>

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::timing {

/// random_data as arrays of the function's inputs.
std::vector<HostArray> random_inputs(const Executable &executable, const std::string &function,
                                     std::uint64_t seed = 0);

/// The buffers of a call: random inputs, and room for the outputs.
class Call {
public:
  Call(const Executable &executable, std::string function);
  /// An i32 scalar among the inputs, from here on; throws Error where there is none of this name.
  void set(const Executable &executable, const std::string &input, std::int32_t value);
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

/// time_repeated of calls on random inputs.
Timing time_calls(Executable &executable, const std::string &function, int warmup, double seconds);

} // namespace heddle::timing
