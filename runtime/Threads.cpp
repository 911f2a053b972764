#include "Threads.h"

#include <omp.h>

#include <algorithm>

namespace heddle::runtime {

int availableThreads() { return std::max(1, omp_get_max_threads()); }
bool insideParallelRegion() { return omp_in_parallel() != 0; }

void parallelRange(int threads, int64_t count, int64_t grain, RangeBody body, void *context) {
  if (count <= 0)
    return;
  const int64_t parts =
      std::clamp<int64_t>(count / std::max<int64_t>(grain, 1), 1, std::max(threads, 1));
  if (parts == 1 || insideParallelRegion()) {
    body(context, 0, count);
    return;
  }
  // The first `longer` parts are one longer. Not count * part / parts: that product may overflow.
  const int64_t length = count / parts;
  const int64_t longer = count % parts;
#pragma omp parallel num_threads(static_cast <int>(parts))
  // OpenMP may give fewer threads than asked, so a thread may have several parts.
  for (int64_t part = omp_get_thread_num(); part < parts; part += omp_get_num_threads()) {
    const int64_t begin = part * length + std::min(part, longer);
    body(context, begin, begin + length + (part < longer ? 1 : 0));
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
