// What this machine can do at best, measured here and now.
#pragma once

namespace heddle::timing {

struct Limits {
  double flops; // f32 operations a second, all threads: multiply-adds in registers
  double bytes; // read from memory a second, all threads
};

/// Takes about half a second.
Limits measure_limits();

} // namespace heddle::timing
