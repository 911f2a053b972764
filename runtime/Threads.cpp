#include "Threads.h"

#include <omp.h>

#include <algorithm>
#include <atomic>

namespace heddle::runtime {

int availableThreads() { return std::max(1, omp_get_max_threads()); }
bool insideParallelRegion() { return omp_in_parallel() != 0; }

void parallelRange(int threads, int64_t count, int64_t grain, RangeBody body, void *context) {
  if (count <= 0)
    return;
  grain = std::clamp<int64_t>(grain, 1, count);
  const int64_t parts = std::clamp<int64_t>(count / grain, 1, std::max(threads, 1));
  if (parts == 1 || insideParallelRegion()) {
    body(context, 0, count);
    return;
  }
  // A core that another process uses too, or a slower one, is given less: each thread takes a share
  // of what is left, smaller and smaller ones, the first of them three quarters of an equal one.
  // Few grains are shared out evenly instead: their shares would be too uneven.
  const bool isEven = count / grain < 4 * parts;
  std::atomic<int64_t> next = 0;
#pragma omp parallel num_threads(static_cast <int>(parts))
  for (int64_t begin = next.load(std::memory_order_relaxed); begin < count;) {
    const int64_t left = count - begin;
    int64_t share =
        isEven ? count / parts + (count % parts != 0) : std::max(left / (4 * parts) * 3, grain);
    if (left - share < (isEven ? 1 : grain))
      share = left;
    if (!next.compare_exchange_weak(begin, begin + share, std::memory_order_relaxed))
      continue;
    body(context, begin, begin + share);
    begin = next.load(std::memory_order_relaxed);
  }
}

ThreadCountScope::ThreadCountScope(int threads)
    : before(omp_get_max_threads()), changed(threads != before) {
  if (changed)
    omp_set_num_threads(threads);
}

ThreadCountScope::~ThreadCountScope() {
  if (changed)
    omp_set_num_threads(before);
}

} // namespace heddle::runtime
