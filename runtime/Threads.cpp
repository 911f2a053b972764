#include "Threads.h"

#include "ThreadTeam.h"

#include <omp.h>

#include <algorithm>

namespace heddle::runtime {

// The team that the calling thread leads, while it is not in one of its loops.
static thread_local ThreadTeam *team = nullptr;

int availableThreads() { return std::max(1, omp_get_max_threads()); }
bool insideParallelRegion() { return !team && omp_in_parallel() != 0; }

void parallelRange(int threads, int64_t count, int64_t grain, RangeBody body, void *context) {
  if (count <= 0)
    return;
  grain = std::clamp<int64_t>(grain, 1, count);
  const int64_t parts = std::clamp<int64_t>(count / grain, 1, std::max(threads, 1));
  if (parts == 1 || insideParallelRegion()) {
    body(context, 0, count);
    return;
  }
  if (ThreadTeam *const mine = team) {
    team = nullptr; // a loop within the loop is not shared
    mine->run(body, context, count, grain, parts);
    team = mine;
    return;
  }
  SharedLoop loop(parts);
  loop.reset(body, context, count, grain, parts);
#pragma omp parallel num_threads(static_cast <int>(parts))
  loop.takeParts(omp_get_thread_num());
}

void runWithTeam(int threads, void (*body)(void *context), void *context) {
  if (threads <= 1 || team || omp_in_parallel() != 0) {
    body(context);
    return;
  }
  ThreadTeam made(threads);
#pragma omp parallel num_threads(threads)
  if (omp_get_thread_num() == 0) {
    team = &made;
    body(context);
    team = nullptr;
    made.disband();
  } else {
    made.serve(omp_get_thread_num());
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
