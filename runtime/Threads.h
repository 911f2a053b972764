// The threads that loops are shared among.
#pragma once

#include <cstdint>
#include <type_traits>

namespace heddle::runtime {

int availableThreads();

// Two pools at work at a time would fight for the cores: a call that uses oneDNN, which is on
// OpenMP's threads, leaves all its loops to them.
enum class Pool { Own, OpenMp };

// How long parts of a loop are: `grain` at least, and `part` at least where each thread has one
// then.
struct PartLength {
  int64_t grain = 1, part = 1;
};

// body(context, begin, end) over [0, count) in parts, none shorter than `length` says unless there
// is but one, on at most `threads` threads. Which thread does which part is not fixed. Within a
// part, or in a parallel region of OpenMP, there is but one part.
using RangeBody = void (*)(void *context, int64_t begin, int64_t end);
void parallelRange(Pool pool, int threads, int64_t count, PartLength length, RangeBody body,
                   void *context);

template <typename Body>
void parallelFor(Pool pool, int threads, int64_t count, PartLength length, Body &&body) {
  parallelRange(
      pool, threads, count, length,
      [](void *context, int64_t begin, int64_t end) {
        (*static_cast<std::remove_reference_t<Body> *>(context))(begin, end);
      },
      &body);
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
