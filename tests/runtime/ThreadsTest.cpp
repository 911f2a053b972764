#include "Threads.h"

#include "Model.h"
#include "ThreadTeam.h"

#include <gtest/gtest.h>
#include <omp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace heddle::runtime {
namespace {

struct Counts {
  std::vector<std::atomic<int>> visits;
  std::atomic<int> calls = 0;
  std::atomic<int64_t> shortest = INT64_MAX;
};

void countTask(void *const *args, int64_t begin, int64_t end) {
  auto &counts = *static_cast<Counts *>(args[0]);
  ++counts.calls;
  for (int64_t length = end - begin, seen = counts.shortest; length < seen;)
    if (counts.shortest.compare_exchange_weak(seen, length))
      break;
  for (int64_t i = begin; i < end; ++i)
    ++counts.visits[static_cast<size_t>(i)];
}

TEST(HdParallelFor, CoversEachIndexOnce) {
  for (int threads : {1, 2, 3, 8})
    for (int64_t count : {0, 1, 2, 7, 8, 9, 1000})
      for (int64_t grain : {0, 1, 3, 500, 5000}) {
        Counts counts{std::vector<std::atomic<int>>(static_cast<size_t>(count)), 0, INT64_MAX};
        hd_run run{.function = nullptr, .threads = threads};
        void *args[] = {&counts};
        hd_parallel_for(&run, countTask, args, count, grain, grain);
        for (auto &visits : counts.visits)
          ASSERT_EQ(visits, 1);
        EXPECT_LE(counts.calls == 1 ? 0 : grain * counts.calls, count);
        EXPECT_TRUE(threads > 1 || counts.calls <= 1);
        EXPECT_EQ(counts.calls == 0, count == 0);
        EXPECT_TRUE(counts.calls <= 1 || counts.shortest >= grain);
      }
}

TEST(HdParallelFor, MakesLongPartsOnlyWhereEachThreadHasOne) {
  auto run = [](int threads, int64_t count, int64_t grain, int64_t part) {
    auto counts = std::make_unique<Counts>(
        std::vector<std::atomic<int>>(static_cast<size_t>(count)), 0, INT64_MAX);
    hd_run call{.function = nullptr, .threads = threads};
    void *args[] = {counts.get()};
    hd_parallel_for(&call, countTask, args, count, grain, part);
    return counts;
  };
  EXPECT_GE(run(2, 1000, 1, 100)->shortest, 100);
  for (int threads : {6, 12}) { // 24 panels: four each would be enough for six threads only
    auto counts = run(threads, 24, 1, 4);
    EXPECT_EQ(counts->calls, threads);
    EXPECT_EQ(counts->shortest, 24 / threads);
  }
  EXPECT_EQ(run(12, 24, 3, 4)->calls, 8); // shorter parts would not pay
  EXPECT_EQ(run(2, 6, 1, 1)->calls, 6);   // which repeat nothing: one by one
}

TEST(HdParallelFor, CutsBetweenLongPartsWhereThereAreMany) {
  struct Ends {
    std::mutex mutex;
    std::set<int64_t> all;
  } ends;
  auto task = [](void *const *args, int64_t, int64_t end) {
    auto &seen = *static_cast<Ends *>(args[0]);
    const std::lock_guard lock(seen.mutex);
    seen.all.insert(end);
  };
  hd_run call{.function = nullptr, .threads = 3};
  void *args[] = {&ends};
  hd_parallel_for(&call, task, args, 1000, 1, 8);
  EXPECT_GT(ends.all.size(), 3);
  for (int64_t end : ends.all) // but for those of the ranges, a third each
    EXPECT_TRUE(end % 8 == 0 || end == 334 || end == 667 || end == 1000) << end;
}

class Pools : public testing::TestWithParam<Pool> {
protected:
  template <typename Body> static void loop(int threads, int64_t count, int64_t grain, Body body) {
    parallelFor(GetParam(), threads, count, {grain, grain}, body);
  }
};
INSTANTIATE_TEST_SUITE_P(, Pools, testing::Values(Pool::Own, Pool::OpenMp), [](const auto &info) {
  return info.param == Pool::Own ? "Own" : "OpenMp";
});

TEST_P(Pools, UseAllThreads) {
  for (int round = 0; round < 3; ++round) {
    std::atomic<int> inside = 0;
    loop(3, 3, 1, [&](int64_t, int64_t) {
      // Goes on only when all three are here.
      for (++inside; inside < 3;)
        std::this_thread::yield();
    });
    EXPECT_EQ(inside, 3);
    std::this_thread::sleep_for(std::chrono::milliseconds(20)); // threads of our own fall asleep
  }
}

TEST_P(Pools, SmallCountsRunInline) {
  const auto self = std::this_thread::get_id();
  loop(4, 10, 10, [&](int64_t begin, int64_t end) {
    EXPECT_EQ(std::this_thread::get_id(), self);
    EXPECT_EQ(begin, 0);
    EXPECT_EQ(end, 10);
  });
}

TEST_P(Pools, HugeCountsDoNotOverflow) {
  std::atomic<int64_t> total = 0;
  loop(3, INT64_MAX, 1, [&](int64_t begin, int64_t end) { total += end - begin; });
  EXPECT_EQ(total, INT64_MAX);
}

TEST_P(Pools, LoopsWithinPartsRunInline) {
  std::atomic<int> outer = 0, inner = 0;
  loop(4, 4, 1, [&](int64_t outerBegin, int64_t outerEnd) {
    outer += static_cast<int>(outerEnd - outerBegin);
    const auto self = std::this_thread::get_id();
    for (Pool pool : {Pool::Own, Pool::OpenMp})
      parallelFor(pool, 4, 100, {1, 1}, [&](int64_t begin, int64_t end) {
        EXPECT_EQ(std::this_thread::get_id(), self);
        EXPECT_EQ(end - begin, 100);
        inner += static_cast<int>(outerEnd - outerBegin);
      });
  });
  EXPECT_EQ(outer, 4);
  EXPECT_EQ(inner, 8);
}

TEST_P(Pools, LoopsInAParallelRegionRunInline) {
  std::atomic<int> calls = 0;
#pragma omp parallel num_threads(2)
  loop(4, 100, 1, [&](int64_t begin, int64_t end) {
    EXPECT_EQ(end - begin, 100);
    ++calls;
  });
  EXPECT_EQ(calls, 2);
}

// Neither atomic nor locked: what one loop writes, the next one and the caller must see.
TEST_P(Pools, ALoopSeesWhatTheOneBeforeWrote) {
  for (int threads : {1, 2, 3, 8, 2})
    for (int64_t round = 0; round < 500; ++round) {
      const int64_t count = round % 97, grain = 1 + round % 5;
      std::vector<int64_t> sums(static_cast<size_t>(count));
      for (int64_t step = 1; step <= 2; ++step)
        loop(threads, count, grain, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i)
            sums[static_cast<size_t>(i)] += step * round + sums[static_cast<size_t>(i)];
        });
      for (int64_t sum : sums)
        ASSERT_EQ(sum, 4 * round);
    }
}

TEST(ThreadTeam, GivesAThreadTheSameRangeAgain) {
  std::thread::id before[2] = {};
  for (int round = 0; round < 3; ++round) {
    std::thread::id now[2] = {};
    std::atomic<int> inside = 0;
    parallelFor(Pool::Own, 2, 2, {1, 1}, [&](int64_t begin, int64_t) {
      now[begin] = std::this_thread::get_id();
      for (++inside; inside < 2;) // or one of them could take both
        std::this_thread::yield();
    });
    EXPECT_NE(now[0], now[1]);
    EXPECT_TRUE(round == 0 || (now[0] == before[0] && now[1] == before[1]));
    std::copy(now, now + 2, before);
  }
}

TEST(ThreadTeam, CallersEachHaveTheirOwn) {
  auto call = [] {
    for (int round = 0; round < 200; ++round) {
      std::vector<int> visits(100);
      parallelFor(Pool::Own, 3, 100, {1, 1}, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
          ++visits[static_cast<size_t>(i)];
      });
      ASSERT_EQ(visits, std::vector<int>(100, 1));
    }
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i)
    callers.emplace_back(call);
  for (std::thread &caller : callers)
    caller.join();
}

// The child has a copy of the team, but only the thread that forked.
TEST(ThreadTeam, WorksAndEndsInAForkedChild) {
  auto team = std::make_unique<ThreadTeam>(3);
  auto isShared = [&] {
    std::vector<int> visits(1000);
    auto visit = [](void *context, int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        ++(*static_cast<std::vector<int> *>(context))[static_cast<size_t>(i)];
    };
    team->run(visit, &visits, {.count = 1000, .part = 1, .threads = 3, .inOneGo = false});
    return visits == std::vector<int>(1000, 1);
  };
  for (int milliseconds : {0, 20}) { // once with threads that spin, once with threads that sleep
    ASSERT_TRUE(isShared());
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    const pid_t child = fork();
    if (child == 0) {
      alarm(30); // waiting for threads that are not there would take forever
      const bool worked = isShared();
      team.reset();
      _exit(worked ? 7 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 7);
  }
}

TEST(ThreadCountScope, RestoresTheCallersCount) {
  const int before = omp_get_max_threads();
  {
    const ThreadCountScope scope(before + 2);
    EXPECT_EQ(omp_get_max_threads(), before + 2);
  }
  EXPECT_EQ(omp_get_max_threads(), before);
}

} // namespace
} // namespace heddle::runtime
