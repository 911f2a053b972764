#include "ThreadTeam.h"

#include <unistd.h>

#include <algorithm>
#include <thread>

namespace heddle::runtime {
namespace {

// Kernels have their scratch there, never more than 5 MB.
constexpr size_t kStackBytes = size_t{8} << 20;

// Waits for another thread: at first without giving the core away, then to others only.
class Spin {
public:
  // False once it has been about a millisecond.
  bool wait() {
    if (++rounds > kPauses + kYields)
      return false;
    if (rounds > kPauses)
      std::this_thread::yield();
#if defined(__x86_64__) || defined(__i386__)
    else
      __builtin_ia32_pause();
#endif
    return true;
  }

private:
  static constexpr int kPauses = 4096, kYields = 1024;
  int rounds = 0;
};

} // namespace

void SharedLoop::reset(RangeBody newBody, void *newContext, const LoopShape &newShape) {
  body = newBody;
  context = newContext;
  shape = newShape;
  int64_t begin = 0;
  for (int64_t i = 0; i < shape.threads; ++i) {
    Range &range = ranges[static_cast<size_t>(i)];
    range.next.store(begin, std::memory_order_relaxed);
    range.end = begin += shape.count / shape.threads + (i < shape.count % shape.threads ? 1 : 0);
  }
}

void SharedLoop::takeParts(int64_t thread) {
  for (int64_t i = 0; i < shape.threads; ++i)
    takeParts(ranges[static_cast<size_t>((thread + i) % shape.threads)], i == 0);
}

void SharedLoop::takeParts(Range &range, bool isOwn) {
  for (int64_t begin = range.next.load(std::memory_order_relaxed); begin < range.end;) {
    // Smaller and smaller shares, so that little is left to wait for at the end.
    const int64_t left = range.end - begin;
    int64_t share = std::max(isOwn ? left / 4 * 3 : left / 2, shape.part);
    // To the nearest end of a part: the next share has the whole of what this one would cut.
    const int64_t rest = (begin + share) % shape.part;
    if (2 * rest >= shape.part)
      share += shape.part - rest;
    else if (share - rest >= shape.part)
      share -= rest;
    if (shape.inOneGo || left - share < shape.part)
      share = left;
    if (!range.next.compare_exchange_weak(begin, begin + share, std::memory_order_relaxed))
      continue;
    body(context, begin, begin + share);
    begin = range.next.load(std::memory_order_relaxed);
  }
}

ThreadTeam::ThreadTeam(int threads)
    : loop(threads), process(getpid()), helpers(static_cast<size_t>(threads - 1)) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  for (Helper &helper : helpers) {
    helper.team = this;
    helper.number = static_cast<int64_t>(startedCount) + 1;
    // Without some of them, the leader and those who are there do all the work.
    if (pthread_create(&helper.thread, &attributes, start, &helper) != 0)
      break;
    ++startedCount;
  }
  pthread_attr_destroy(&attributes);
}

ThreadTeam::~ThreadTeam() {
  if (process != getpid()) // of which only the leader is there
    return;
  announce(kDisbanded, size());
  for (size_t i = 0; i < startedCount; ++i)
    pthread_join(helpers[i].thread, nullptr);
}

void *ThreadTeam::start(void *helper) {
  auto *const self = static_cast<Helper *>(helper);
  self->team->help(*self);
  return nullptr;
}

void ThreadTeam::announce(uint64_t now, int64_t threads) {
  // Here first the state and then who sleeps, there the other way round: one sees the other.
  state.store(now, std::memory_order_seq_cst);
  for (size_t i = 0; i + 1 < static_cast<size_t>(threads); ++i)
    if (helpers[i].isAsleep.load(std::memory_order_seq_cst) != 0) {
      helpers[i].isAsleep.store(0);
      helpers[i].isAsleep.notify_one();
    }
}

void ThreadTeam::run(RangeBody body, void *context, const LoopShape &shape) {
  loop.reset(body, context, shape);
  const uint64_t number = state.load(std::memory_order_relaxed) / kLoop + 1;
  announce(number * kLoop + static_cast<uint64_t>(shape.threads) * kThreads, shape.threads);
  loop.takeParts(0);
  // Nobody joins from here on.
  state.fetch_and(~(kFieldMask * kThreads), std::memory_order_relaxed);
  for (Spin spin; (state.load(std::memory_order_acquire) & kFieldMask) != 0;)
    if (!spin.wait())
      spin = {};
}

void ThreadTeam::help(Helper &self) {
  uint64_t last = 0;
  auto isWanted = [&](uint64_t now) {
    return now / kLoop != last &&
           (now / kThreads & kFieldMask) > static_cast<uint64_t>(self.number);
  };
  for (Spin spin;;) {
    uint64_t now = state.load(std::memory_order_relaxed);
    if (now == kDisbanded)
      return;
    if (isWanted(now)) {
      if (!state.compare_exchange_weak(now, now + kAtWork, std::memory_order_acquire,
                                       std::memory_order_relaxed))
        continue;
      last = now / kLoop;
      loop.takeParts(self.number);
      state.fetch_sub(kAtWork, std::memory_order_release);
      spin = {};
    } else if (!spin.wait()) {
      self.isAsleep.store(1, std::memory_order_seq_cst);
      now = state.load(std::memory_order_seq_cst);
      if (now != kDisbanded && !isWanted(now))
        self.isAsleep.wait(1);
      self.isAsleep.store(0);
      spin = {};
    }
  }
}

} // namespace heddle::runtime
