// Signals: the first one is kept for the loop, the second one ends the program.
#include "heddle/training/interrupt.h"

#include <gtest/gtest.h>

namespace heddle::training {
namespace {

TEST(Interrupt, KeepsTheFirstSignal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Interrupt interrupt;
    EXPECT_FALSE(interrupt);
    raise(signal);
    EXPECT_TRUE(interrupt);
    EXPECT_EQ(interrupt.signal(), signal);
  }
  EXPECT_FALSE(Interrupt()) << "the signal of an earlier loop is still there";
}

TEST(Interrupt, TheSecondSignalEndsTheProgram) {
  const auto twice = [](int first, int second) {
    Interrupt interrupt;
    raise(first);
    raise(second);
  };
  EXPECT_EXIT(twice(SIGINT, SIGINT), ::testing::KilledBySignal(SIGINT), "");
  EXPECT_EXIT(twice(SIGINT, SIGTERM), ::testing::KilledBySignal(SIGTERM), "");
  EXPECT_EXIT(twice(SIGTERM, SIGINT), ::testing::KilledBySignal(SIGINT), "");
}

TEST(Interrupt, PutsBackWhatWasThere) {
  static int calls = 0;
  calls = 0;
  std::signal(SIGINT, [](int) { ++calls; });
  {
    Interrupt interrupt;
    raise(SIGINT);
    EXPECT_EQ(calls, 0);
  }
  raise(SIGINT);
  EXPECT_EQ(calls, 1);
  std::signal(SIGINT, SIG_DFL);
}

TEST(Interrupt, LeavesAnIgnoredSignalIgnored) {
  std::signal(SIGTERM, SIG_IGN);
  {
    Interrupt interrupt;
    raise(SIGTERM);
    EXPECT_FALSE(interrupt);
    raise(SIGINT);
    EXPECT_TRUE(interrupt);
    raise(SIGTERM); // would end this program
  }
  std::signal(SIGTERM, SIG_DFL);
}

TEST(Interrupt, AnInnerOneSharesTheSignal) {
  Interrupt outer;
  raise(SIGINT);
  {
    Interrupt inner;
    EXPECT_TRUE(inner);
  }
  EXPECT_TRUE(outer);
}

} // namespace
} // namespace heddle::training
