//===- RandomTest.cpp - random_uniform draws Philox numbers ----------------===//
//
// The runtime's generator is proved by Random123's known answers in tests/runtime; here, that the
// op fills counter and key as its description says.
//
//===----------------------------------------------------------------------===//

#include "Philox.h"
#include "ValueCases.h"

using namespace heddle::test;

namespace {
double uniform(uint32_t element, uint32_t stream, uint32_t step, uint64_t seed) {
  auto word =
      heddle::runtime::philox({element, 0, stream, step}, heddle::runtime::philoxKey(seed))[0];
  return (word >> 8) * 0x1p-24;
}

TEST(Random, CounterAndKeyAreElementStreamStepAndSeed) {
  // Seeds and steps beyond 32 bits, negative ones, and the largest that the interpreter holds.
  for (double seed : {0.0, 1.0, 4294967296.0, -1.0, 9007199254740992.0})
    for (double step : {0.0, 7.0, 4294967295.0, 4294967297.0})
      for (int stream : {0, 3, -1}) {
        Session session;
        auto results =
            session.interpret("heddle.random_uniform %0 {stream = " + std::to_string(stream) +
                                  " : i64} : tensor<2x3xf32>",
                              {{"2xi64", {seed, step}}});
        std::vector<double> want;
        for (uint32_t i = 0; i < 6; ++i)
          want.push_back(uniform(i, static_cast<uint32_t>(stream),
                                 static_cast<uint32_t>(static_cast<uint64_t>(step)),
                                 static_cast<uint64_t>(static_cast<int64_t>(seed))));
        ASSERT_EQ(results.size(), 1U);
        EXPECT_EQ(results[0], want) << seed << " " << step << " " << stream;
      }
}

// Random123 1.14, tests/kat_vectors, philox4x32 10: counter and key of zeroes.
TEST(Random, KnownAnswerOfZeroes) {
  Session session;
  auto results = session.interpret("heddle.random_uniform %0 {stream = 0 : i64} : tensor<1xf32>",
                                   {{"2xi64", {0, 0}}});
  EXPECT_EQ(results.at(0).at(0), (0x6627e8d5 >> 8) * 0x1p-24);
}

TEST(Random, NumbersLieInTheUnitIntervalAndFillIt) {
  Session session;
  auto results = session.interpret(
      "heddle.random_uniform %0 {stream = 5 : i64} : tensor<100x100xf32>", {{"2xi64", {1, 2}}});
  double sum = 0.0;
  for (double u : results.at(0)) {
    ASSERT_TRUE(u >= 0.0 && u < 1.0);
    sum += u;
  }
  // Standard deviation of the mean of 10^4: sqrt(1/12)/100 = 0.0029.
  EXPECT_NEAR(sum / 1e4, 0.5, 4 * 0.0029);
}

// The mask of dropout is that of random_uniform with the same key and stream.
TEST(Random, DropoutKeepsWhereTheNumberIsNotBelowP) {
  Session session;
  auto results =
      session.interpret("heddle.dropout %0, %1 {p = 0.75 : f64, stream = 9 : i64} : tensor<64xf32>",
                        {{"64xf32", std::vector<double>(64, 1.0)}, {"2xi64", {3, 4}}});
  std::vector<double> want;
  for (uint32_t i = 0; i < 64; ++i)
    want.push_back(uniform(i, 9, 4, 3) >= 0.75 ? 4.0 : 0.0);
  EXPECT_EQ(results.at(0), want);
}
} // namespace
