//===- MemoryPlanTest.cpp - no two live buffers overlap --------------------===//

#include "MemoryPlan.h"

#include "gtest/gtest.h"

#include <random>
#include <vector>

using heddle::cpu::Lifetime;
using heddle::cpu::planArena;

namespace {
TEST(MemoryPlan, BuffersThatDoNotMeetShareTheirPlace) {
  std::vector<Lifetime> buffers{{1000, 0, 1}, {1000, 2, 3}, {64, 0, 3}};
  EXPECT_EQ(planArena(buffers), 1024 + 64);
  EXPECT_EQ(buffers[0].offset, buffers[1].offset);
}

TEST(MemoryPlan, TheStepThatReadsOneAndWritesTheOtherKeepsThemApart) {
  std::vector<Lifetime> buffers{{64, 0, 1}, {64, 1, 2}};
  EXPECT_EQ(planArena(buffers), 128);
}

TEST(MemoryPlan, AnUnusedBufferTakesNoPlaceOfOthers) {
  std::vector<Lifetime> buffers{{64, 0, 5}, {0, 6, -1}};
  EXPECT_EQ(planArena(buffers), 64);
}

TEST(MemoryPlan, RandomLivesNeverOverlap) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<Lifetime> buffers(60);
    int64_t sum = 0;
    for (Lifetime &b : buffers) {
      b.bytes = 1 + random() % 5000;
      b.first = random() % 40;
      b.last = b.first + random() % 10;
    }
    int64_t total = planArena(buffers);
    for (const Lifetime &b : buffers) {
      sum += b.bytes;
      EXPECT_EQ(b.offset % 64, 0);
      EXPECT_LE(b.offset + b.bytes, total);
    }
    EXPECT_LE(total, sum);
    for (size_t i = 0; i < buffers.size(); ++i)
      for (size_t j = 0; j < i; ++j) {
        const Lifetime &x = buffers[i], &y = buffers[j];
        bool meet = x.first <= y.last && y.first <= x.last;
        bool overlap = x.offset < y.offset + y.bytes && y.offset < x.offset + x.bytes;
        EXPECT_FALSE(meet && overlap) << i << " and " << j;
      }
  }
}
} // namespace
