#include "Testing.h"

#include <cmath>
#include <limits>
#include <map>

namespace heddle::runtime {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

hd_sampling sampling(float temperature, int32_t topK = 0, float topP = 1) {
  return {sizeof(hd_sampling), temperature, topK, topP};
}

int32_t sample(const std::vector<float> &logits, hd_sampling how, uint64_t seed = 1,
               uint64_t position = 0) {
  int32_t token = -1;
  EXPECT_EQ(hd_sample(logits.data(), logits.size(), &how, seed, position, &token), HD_OK)
      << hd_error_message();
  return token;
}

std::map<int32_t, int> histogram(const std::vector<float> &logits, hd_sampling how, int draws) {
  std::map<int32_t, int> counts;
  for (int i = 0; i < draws; ++i)
    ++counts[sample(logits, how, 5, static_cast<uint64_t>(i))];
  return counts;
}

std::string sampleError(const std::vector<float> &logits, hd_sampling how) {
  int32_t token = -1;
  EXPECT_EQ(hd_sample(logits.data(), logits.size(), &how, 0, 0, &token), HD_INVALID_ARGUMENT);
  EXPECT_EQ(token, -1);
  return hd_error_message();
}

TEST(Sample, GreedyTakesTheFirstLargest) {
  EXPECT_EQ(sample({1, 3, 3, 2}, sampling(0)), 1);
  EXPECT_EQ(sample({-kInf, -5, -kInf}, sampling(0)), 1);
  EXPECT_EQ(sample({1, kInf, 3e38F}, sampling(0)), 1);
}

TEST(Sample, FrequenciesFollowSoftmax) {
  constexpr int draws = 40000;
  for (float temperature : {0.5F, 1.0F, 3.0F}) {
    const std::vector<float> logits = {1000, 1001, 999, -kInf};
    double total = 0;
    for (float logit : logits)
      total += std::exp((logit - 1001) / temperature);
    auto counts = histogram(logits, sampling(temperature), draws);
    EXPECT_EQ(counts.count(3), 0U);
    for (int32_t token = 0; token < 3; ++token) {
      const double p = std::exp((logits[static_cast<size_t>(token)] - 1001) / temperature) / total;
      EXPECT_NEAR(counts[token], draws * p, 5 * std::sqrt(draws * p * (1 - p)));
    }
  }
}

TEST(Sample, TheSamePairDrawsTheSame) {
  const std::vector<float> flat(1000, 0.0F);
  EXPECT_EQ(sample(flat, sampling(1), 3, 4), sample(flat, sampling(1), 3, 4));
  EXPECT_NE(sample(flat, sampling(1), 3, 4), sample(flat, sampling(1), 3, 5));
  EXPECT_NE(sample(flat, sampling(1), 3, 4), sample(flat, sampling(1), 4, 4));
}

TEST(Sample, TopKKeepsTheKLargest) {
  auto counts = histogram({0, 3, 1, 2, 3}, sampling(10, 3), 2000);
  EXPECT_EQ(counts.size(), 3U);
  EXPECT_TRUE(counts.count(1) && counts.count(3) && counts.count(4));
  // Ties go to the lower tokens.
  counts = histogram({1, 1, 1, 1}, sampling(1, 2), 500);
  EXPECT_EQ(counts.size(), 2U);
  EXPECT_TRUE(counts.count(0) && counts.count(1));
  EXPECT_EQ(histogram({1, 1}, sampling(1, 50), 500).size(), 2U);
}

TEST(Sample, TopPKeepsTheSmallestSetThatReachesP) {
  // Probabilities 0.5, 0.3, 0.2.
  const std::vector<float> logits = {std::log(0.3F), std::log(0.5F), std::log(0.2F)};
  EXPECT_EQ(histogram(logits, sampling(1, 0, 0.4F), 500).size(), 1U);
  EXPECT_EQ(histogram(logits, sampling(1, 0, 0.7F), 500).size(), 2U);
  EXPECT_EQ(histogram(logits, sampling(1, 0, 0.9F), 2000).size(), 3U);
  EXPECT_EQ(histogram(logits, sampling(1, 0, 1e-9F), 100).size(), 1U);
  // After top_k, of what it left: 0.5 and 0.3 become 0.625 and 0.375.
  EXPECT_EQ(histogram(logits, sampling(1, 2, 0.6F), 500).size(), 1U);
}

TEST(Sample, ExtremesStayFinite) {
  EXPECT_EQ(sample({-3e38F, 3e38F}, sampling(1e-30F)), 1);
  EXPECT_EQ(histogram({kInf, 0, kInf}, sampling(1), 500).count(1), 0U);
  EXPECT_EQ(sample({7}, sampling(1, 1, 0.5F)), 0);
}

TEST(Sample, SaysWhatIsWrong) {
  EXPECT_EQ(
      sampleError({0, NAN}, sampling(1)),
      "hd_sample: logit 1 of 2 is NaN; the model has diverged, or its weights are not loaded");
  EXPECT_EQ(
      sampleError({NAN, 0}, sampling(0)),
      "hd_sample: logit 0 of 2 is NaN; the model has diverged, or its weights are not loaded");
  EXPECT_EQ(sampleError({-kInf, -kInf}, sampling(1)),
            "hd_sample: all 2 logits are -inf; a mask leaves no token to draw");
  EXPECT_EQ(sampleError({1}, sampling(-1)),
            "hd_sample: temperature is -1, expected a finite number of at least 0");
  EXPECT_EQ(sampleError({1}, sampling(1, -1)),
            "hd_sample: top_k is -1, expected at least 0 (0: all tokens)");
  EXPECT_EQ(sampleError({1}, sampling(1, 0, 0)),
            "hd_sample: top_p is 0, expected above 0 and at most 1 (1: all tokens)");
  EXPECT_EQ(sampleError({1}, hd_sampling{}),
            "hd_sample: 'sampling->size' is 0, expected 24; set it to sizeof(hd_sampling)");
}

} // namespace
} // namespace heddle::runtime
