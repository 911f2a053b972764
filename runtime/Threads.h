// The one thread pool: OpenMP's, which oneDNN also runs on. Two pools would fight for the cores.
#pragma once

#include <cstdint>
#include <type_traits>

namespace heddle::runtime {

int availableThreads();
bool insideParallelRegion();

// body(context, begin, end) over [0, count) in parts, each at least `grain` long unless there is
// but one, on at most `threads` threads. Which thread does which part is not fixed.
using RangeBody = void (*)(void *context, int64_t begin, int64_t end);
void parallelRange(int threads, int64_t count, int64_t grain, RangeBody body, void *context);

template <typename Body> void parallelFor(int threads, int64_t count, int64_t grain, Body &&body) {
  parallelRange(
      threads, count, grain,
      [](void *context, int64_t begin, int64_t end) {
        (*static_cast<std::remove_reference_t<Body> *>(context))(begin, end);
      },
      &body);
}

// body(context) on the calling thread, while up to `threads` - 1 others wait for its parallelRange,
// which then costs far less than a parallel region of its own. Inside of one, just the body. It
// must not throw, and oneDNN must not be called in it: there it would have but one thread.
void runWithTeam(int threads, void (*body)(void *context), void *context);

template <typename Callable> void withTeam(int threads, Callable &&body) {
  runWithTeam(
      threads,
      [](void *context) { (*static_cast<std::remove_reference_t<Callable> *>(context))(); }, &body);
}

// oneDNN asks OpenMP for the calling thread's count, and a primitive made for N threads should run
// on N: holds that count for a call, whichever thread the call comes from.
class ThreadCountScope {
public:
  explicit ThreadCountScope(int threads);
  ~ThreadCountScope();
  ThreadCountScope(const ThreadCountScope &) = delete;
  ThreadCountScope &operator=(const ThreadCountScope &) = delete;

private:
  int before;
  bool changed;
};

} // namespace heddle::runtime
