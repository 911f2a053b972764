#include "Threads.h"

#include "ThreadTeam.h"

#include <omp.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace heddle::runtime {

namespace {

// Whether this thread is doing a part of a loop.
thread_local bool isInPart = false;

// Of the calling thread, for all models that it runs.
ThreadTeam &teamOfThisThread(int threads) {
  static thread_local std::unique_ptr<ThreadTeam> team;
  if (!team || team->size() < threads) {
    team.reset();
    team = std::make_unique<ThreadTeam>(threads);
  }
  return *team;
}

struct Job {
  RangeBody body;
  void *context;
};

void runPart(void *context, int64_t begin, int64_t end) {
  const auto *job = static_cast<const Job *>(context);
  const bool before = std::exchange(isInPart, true);
  job->body(job->context, begin, end);
  isInPart = before;
}

} // namespace

int availableThreads() { return std::max(1, omp_get_max_threads()); }

void parallelRange(Pool pool, int threads, int64_t count, PartLength length, RangeBody body,
                   void *context) {
  if (count <= 0)
    return;
  const int64_t grain = std::clamp<int64_t>(length.grain, 1, count);
  const int64_t workers = std::clamp<int64_t>(count / grain, 1, std::max(threads, 1));
  const int64_t part = std::clamp(length.part, grain, count / workers);
  // Where a part does what another does too, few of them are better not cut.
  const bool inOneGo = length.part > grain && count / part < 4 * workers;
  const LoopShape shape{count, part, workers, inOneGo};
  if (workers == 1 || isInPart || omp_in_parallel() != 0) {
    body(context, 0, count);
    return;
  }
  // A thread that OpenMP has bound to a core would hand that on to those that it makes.
  if (pool == Pool::Own && omp_get_proc_bind() == omp_proc_bind_false) {
    Job job{body, context};
    teamOfThisThread(threads).run(runPart, &job, shape);
    return;
  }
  SharedLoop loop(workers);
  loop.reset(body, context, shape);
#pragma omp parallel num_threads(static_cast <int>(workers))
  loop.takeParts(omp_get_thread_num());
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
