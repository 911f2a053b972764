#include "ThreadTeam.h"

#include <algorithm>
#include <thread>

namespace heddle::runtime {
namespace {

// Waits for another thread: at first without giving the core away.
class Spin {
public:
  void wait() {
    if (++rounds > kRounds)
      return std::this_thread::yield();
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }

private:
  static constexpr int kRounds = 4096;
  int rounds = 0;
};

} // namespace

void SharedLoop::reset(RangeBody newBody, void *newContext, int64_t count, int64_t newGrain,
                       int64_t newThreads) {
  body = newBody;
  context = newContext;
  grain = newGrain;
  threads = newThreads;
  hasFewParts = count / grain < 4 * threads;
  int64_t begin = 0;
  for (int64_t i = 0; i < threads; ++i) {
    Range &range = ranges[static_cast<size_t>(i)];
    range.next.store(begin, std::memory_order_relaxed);
    range.end = begin += count / threads + (i < count % threads ? 1 : 0);
  }
}

void SharedLoop::takeParts(int64_t thread) {
  for (int64_t i = 0; i < threads; ++i)
    takeParts(ranges[static_cast<size_t>((thread + i) % threads)], i == 0);
}

void SharedLoop::takeParts(Range &range, bool isOwn) {
  for (int64_t begin = range.next.load(std::memory_order_relaxed); begin < range.end;) {
    // Smaller and smaller shares, so that little is left to wait for at the end.
    const int64_t left = range.end - begin;
    int64_t share = std::max(isOwn ? left / 4 * 3 : left / 2, grain);
    if (hasFewParts || left - share < grain)
      share = left;
    if (!range.next.compare_exchange_weak(begin, begin + share, std::memory_order_relaxed))
      continue;
    body(context, begin, begin + share);
    begin = range.next.load(std::memory_order_relaxed);
  }
}

void ThreadTeam::run(RangeBody body, void *context, int64_t count, int64_t grain, int64_t threads) {
  loop.reset(body, context, count, grain, threads);
  const uint64_t number = state.load(std::memory_order_relaxed) / kLoop + 1;
  state.store(number * kLoop + static_cast<uint64_t>(threads) * kThreads,
              std::memory_order_release);
  loop.takeParts(0);
  // Nobody joins from here on.
  state.fetch_and(~(kFieldMask * kThreads), std::memory_order_relaxed);
  for (Spin spin; (state.load(std::memory_order_acquire) & kFieldMask) != 0;)
    spin.wait();
}

void ThreadTeam::serve(int64_t thread) {
  uint64_t last = 0;
  for (Spin spin;;) {
    uint64_t now = state.load(std::memory_order_relaxed);
    if (now == kDisbanded)
      return;
    if (now / kLoop == last || (now / kThreads & kFieldMask) <= static_cast<uint64_t>(thread) ||
        !state.compare_exchange_weak(now, now + kAtWork, std::memory_order_acquire,
                                     std::memory_order_relaxed)) {
      spin.wait();
      continue;
    }
    last = now / kLoop;
    loop.takeParts(thread);
    state.fetch_sub(kAtWork, std::memory_order_release);
    spin = {};
  }
}

} // namespace heddle::runtime
