// Threads that wait, spinning, for the parallel loops of one call: a loop is handed to them and
// back in half a microsecond, where a parallel region of OpenMP takes three.
#pragma once

#include "Threads.h"

#include <atomic>
#include <cstdint>
#include <vector>

namespace heddle::runtime {

// A loop in parts. Each thread has a range of its own, the same one whenever the loop runs, so that
// it finds in its cache what it left there; who is done with it helps the others. A core that
// another process uses too is thus given less.
class SharedLoop {
public:
  explicit SharedLoop(int64_t threads) : ranges(static_cast<size_t>(threads)) {}

  // Each part is at least `grain` long, and there is one for each of `threads` at least.
  void reset(RangeBody body, void *context, int64_t count, int64_t grain, int64_t threads);
  void takeParts(int64_t thread);

private:
  struct alignas(64) Range { // a cache line of its own: its thread writes to it
    std::atomic<int64_t> next = 0;
    int64_t end = 0;
  };
  void takeParts(Range &range, bool isOwn);

  RangeBody body = nullptr;
  void *context = nullptr;
  int64_t threads = 1, grain = 1;
  bool hasFewParts = false;
  std::vector<Range> ranges;
};

// One leader, thread 0, who runs the loops, and others, who serve.
class ThreadTeam {
public:
  explicit ThreadTeam(int64_t threads) : loop(threads) {}

  // By the leader: returns when all is done. A thread that has not come by then is not waited for.
  void run(RangeBody body, void *context, int64_t count, int64_t grain, int64_t threads);
  // By the leader: sends the others home.
  void disband() { state.store(kDisbanded, std::memory_order_release); }
  // By another thread: takes part in loops until the team is disbanded.
  void serve(int64_t thread);

private:
  // One word: which loop it is, how many threads may join, and how many are at work. A thread reads
  // `loop` only after it has joined, and the leader writes it only when nobody is at work.
  static constexpr uint64_t kAtWork = 1, kThreads = uint64_t{1} << 16, kLoop = uint64_t{1} << 32;
  static constexpr uint64_t kFieldMask = 0xffff;
  static constexpr uint64_t kDisbanded = UINT64_MAX;

  alignas(64) std::atomic<uint64_t> state = 0;
  alignas(64) SharedLoop loop;
};

} // namespace heddle::runtime
