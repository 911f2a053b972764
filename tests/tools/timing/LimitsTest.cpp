#include "Limits.h"

#include <gtest/gtest.h>

#include <vector>

using namespace heddle;
using namespace heddle::timing;

namespace {

constexpr Limits kLimits{.flops = 100, .bytes = 10};

Launch launch(std::int64_t bytes, std::int64_t ops) {
  return {"kernel", "a.cpp:1", "", bytes, ops, 0};
}

TEST(LeastSeconds, IsThatOfTheNearerLimit) {
  EXPECT_DOUBLE_EQ(least_seconds(launch(20, 100), kLimits), 2);
  EXPECT_DOUBLE_EQ(least_seconds(launch(20, 500), kLimits), 5);
  EXPECT_DOUBLE_EQ(least_seconds(launch(0, 0), kLimits), 0);
}

// One launch of memory and one of arithmetic take the time of both: they do not overlap.
TEST(LeastSeconds, AddsUpLaunchByLaunch) {
  const std::vector<Launch> launches{launch(20, 0), launch(0, 500)};
  EXPECT_DOUBLE_EQ(least_seconds(launches, kLimits), 7);
  EXPECT_DOUBLE_EQ(least_seconds(std::vector<Launch>{}, kLimits), 0);
}

} // namespace
