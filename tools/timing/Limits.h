// What this machine can do at best, measured here and now.
#pragma once

#include <heddle/compile.h>

#include <span>

namespace heddle::timing {

struct Limits {
  double flops; // f32 operations a second, all threads: multiply-adds in registers
  double bytes; // read from memory a second, all threads
};

/// Takes about three quarters of a second.
Limits measure_limits();

/// The least time that a launch takes within the limits: that of its arithmetic or of its memory,
/// whichever is longer. What lies in the cache may come faster.
double least_seconds(const Launch &launch, const Limits &limits);
/// Of launches one after the other.
double least_seconds(std::span<const Launch> launches, const Limits &limits);

} // namespace heddle::timing
