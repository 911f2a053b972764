// Timing a case.
#pragma once

#include "Cases.h"

#include "Limits.h"

#include <cstddef>

namespace bench {

struct Result {
  double median_seconds, min_seconds; // of one call
  std::size_t calls;
  double compile_seconds; // from the described model to code that can be called
  double share;           // of the machine's limits: the least time of all launches / the median
  std::size_t arena_bytes;
  std::size_t peak_bytes; // of the process that compiles the case and runs it
};

/// In a process of its own. `seconds` to spend on calls; 0: as the case has it.
Result measure(const Case &benchmark, double seconds, const heddle::timing::Limits &limits);

/// In a process of its own, so that this one stays without OpenMP's threads and can make others.
heddle::timing::Limits measure_limits();

/// OMP_NUM_THREADS, or the number of cores.
int threads();

} // namespace bench
