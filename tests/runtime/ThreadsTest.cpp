#include "Threads.h"

#include "Model.h"

#include <gtest/gtest.h>
#include <omp.h>

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
