#include "Threads.h"

#include "Model.h"
#include "ThreadTeam.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
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

TEST(ParallelFor, CoversEachIndexOnce) {
  for (int threads : {1, 2, 3, 8})
    for (int64_t count : {0, 1, 2, 7, 8, 9, 1000})
      for (int64_t grain : {0, 1, 3, 500, 5000}) {
        Counts counts{std::vector<std::atomic<int>>(static_cast<size_t>(count)), 0, INT64_MAX};
        hd_run run{.function = nullptr, .threads = threads};
        void *args[] = {&counts};
        hd_parallel_for(&run, countTask, args, count, grain);
        for (auto &visits : counts.visits)
          ASSERT_EQ(visits, 1);
        EXPECT_LE(counts.calls == 1 ? 0 : grain * counts.calls, count);
        EXPECT_TRUE(threads > 1 || counts.calls <= 1);
        EXPECT_EQ(counts.calls == 0, count == 0);
        EXPECT_TRUE(counts.calls <= 1 || counts.shortest >= grain);
      }
}

TEST(ParallelFor, UsesAllThreads) {
  std::atomic<int> most = 0;
  parallelFor(3, 3, 1,
              [&](int64_t, int64_t) { most = std::max(most.load(), omp_get_num_threads()); });
  EXPECT_EQ(most, 3);
}

TEST(ParallelFor, SmallCountsRunInline) {
  const auto self = std::this_thread::get_id();
  parallelFor(4, 10, 10, [&](int64_t begin, int64_t end) {
    EXPECT_EQ(std::this_thread::get_id(), self);
    EXPECT_EQ(begin, 0);
    EXPECT_EQ(end, 10);
  });
}

TEST(ParallelFor, HugeCountsDoNotOverflow) {
  std::atomic<int64_t> total = 0;
  parallelFor(3, INT64_MAX, 1, [&](int64_t begin, int64_t end) { total += end - begin; });
  EXPECT_EQ(total, INT64_MAX);
}

TEST(ParallelFor, NestedCallsRunInline) {
  std::atomic<int> outer = 0, inner = 0;
  parallelFor(4, 4, 1, [&](int64_t, int64_t) {
    ++outer;
    const auto self = std::this_thread::get_id();
    parallelFor(4, 100, 1, [&](int64_t begin, int64_t end) {
      EXPECT_EQ(std::this_thread::get_id(), self);
      EXPECT_EQ(end - begin, 100);
      ++inner;
    });
  });
  EXPECT_EQ(outer, 4);
  EXPECT_EQ(inner, 4);
}

TEST(ThreadTeam, SharesEachOfManyLoops) {
  for (int threads : {1, 2, 3, 8})
    withTeam(threads, [&] {
      for (int64_t round = 0; round < 2000; ++round) {
        const int64_t count = round % 97, grain = 1 + round % 5;
        // Neither atomic nor zeroed elsewhere: what one loop writes, the next one must see.
        std::vector<int64_t> sums(static_cast<size_t>(count));
        for (int64_t loop = 1; loop <= 2; ++loop)
          parallelFor(threads, count, grain, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i)
              sums[static_cast<size_t>(i)] += loop * round + sums[static_cast<size_t>(i)];
          });
        for (int64_t sum : sums)
          ASSERT_EQ(sum, 4 * round);
      }
    });
}

TEST(ThreadTeam, UsesAllThreads) {
  std::atomic<int> inside = 0;
  withTeam(3, [&] {
    parallelFor(3, 3, 1, [&](int64_t, int64_t) {
      // Goes on only when all three are here.
      for (++inside; inside < 3;)
        std::this_thread::yield();
    });
  });
  EXPECT_EQ(inside, 3);
}

TEST(ThreadTeam, GivesAThreadTheSameRangeAgain) {
  withTeam(2, [] {
    std::thread::id before[2] = {};
    for (int round = 0; round < 3; ++round) {
      std::thread::id now[2] = {};
      std::atomic<int> inside = 0;
      parallelFor(2, 2, 1, [&](int64_t begin, int64_t) {
        now[begin] = std::this_thread::get_id();
        for (++inside; inside < 2;) // or one of them could take both
          std::this_thread::yield();
      });
      EXPECT_NE(now[0], now[1]);
      EXPECT_TRUE(round == 0 || (now[0] == before[0] && now[1] == before[1]));
      std::copy(now, now + 2, before);
    }
  });
}

TEST(ThreadTeam, DoesNotWaitForThreadsThatDoNotCome) {
  ThreadTeam team(4); // and nobody serves
  std::vector<int> visits(1000);
  auto visit = [](void *context, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      ++(*static_cast<std::vector<int> *>(context))[static_cast<size_t>(i)];
  };
  team.run(visit, &visits, 1000, 1, 4);
  EXPECT_EQ(visits, std::vector<int>(1000, 1));
}

TEST(ThreadTeam, LoopsWithinLoopsRunInline) {
  withTeam(4, [] {
    std::atomic<int> inner = 0;
    parallelFor(4, 4, 1, [&](int64_t, int64_t) {
      const auto self = std::this_thread::get_id();
      parallelFor(4, 100, 1, [&](int64_t begin, int64_t end) {
        EXPECT_EQ(std::this_thread::get_id(), self);
        EXPECT_EQ(end - begin, 100);
        ++inner;
      });
    });
    EXPECT_EQ(inner, 4);
  });
}

TEST(ThreadTeam, WithinAParallelRegionThereIsNone) {
  std::atomic<int> calls = 0;
#pragma omp parallel num_threads(2)
  withTeam(4, [&] {
    parallelFor(4, 100, 1, [&](int64_t begin, int64_t end) {
      EXPECT_EQ(end - begin, 100);
      ++calls;
    });
  });
  EXPECT_EQ(calls, 2);
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
