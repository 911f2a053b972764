// Threads of our own that wait for the next loop, at first spinning: it is then handed to them and
// back in half a microsecond, where a parallel region of OpenMP takes three.
#pragma once

#include "Threads.h"

#include <atomic>
#include <cstdint>
#include <vector>

#include <pthread.h>

namespace heddle::runtime {

// A loop of `count` iterations on `threads` threads, in parts at least `part` long, of which there
// is one for each thread at least.
struct LoopShape {
  int64_t count, part, threads;
  bool inOneGo; // each thread takes its range as one part
};

// A loop in parts. Each thread has a range of its own, the same one whenever the loop runs, so that
// it finds in its cache what it left there; who is done with it helps the others. A core that
// another process uses too is thus given less.
class SharedLoop {
public:
  explicit SharedLoop(int64_t threads) : ranges(static_cast<size_t>(threads)) {}

  void reset(RangeBody body, void *context, const LoopShape &shape);
  void takeParts(int64_t thread);

private:
  struct alignas(64) Range { // a cache line of its own: its thread writes to it
    std::atomic<int64_t> next = 0;
    int64_t end = 0;
  };
  void takeParts(Range &range, bool isOwn);

  RangeBody body = nullptr;
  void *context = nullptr;
  LoopShape shape = {0, 1, 1, false};
  std::vector<Range> ranges;
};

// A leader, who runs the loops and is thread 0 of each, and others, who help. After a fork, in the
// child, the leader is alone.
class ThreadTeam {
public:
  // Fewer, if the system gives no more.
  explicit ThreadTeam(int threads);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam &) = delete;
  ThreadTeam &operator=(const ThreadTeam &) = delete;

  int64_t size() const { return static_cast<int64_t>(helpers.size()) + 1; }
  // Returns when all is done. A thread that has not come by then is not waited for.
  void run(RangeBody body, void *context, const LoopShape &shape);

private:
  struct alignas(64) Helper {
    ThreadTeam *team = nullptr;
    int64_t number = 0;
    pthread_t thread = {};
    std::atomic<int> isAsleep = 0;
  };
  static void *start(void *helper);
  void help(Helper &self);
  // To the first `threads`, of whom the leader is one.
  void announce(uint64_t now, int64_t threads);

  // One word: which loop it is, how many threads may join, and how many are at work. A thread reads
  // `loop` only after it has joined, and the leader writes it only when nobody is at work.
  static constexpr uint64_t kAtWork = 1, kThreads = uint64_t{1} << 16, kLoop = uint64_t{1} << 32;
  static constexpr uint64_t kFieldMask = 0xffff;
  static constexpr uint64_t kDisbanded = UINT64_MAX;

  alignas(64) std::atomic<uint64_t> state = 0;
  alignas(64) SharedLoop loop;
  const int process; // whose threads they are
  std::vector<Helper> helpers;
  size_t startedCount = 0; // of the helpers
};

} // namespace heddle::runtime
