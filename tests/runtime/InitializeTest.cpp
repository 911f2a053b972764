#include "Initialize.h"

#include "DType.h"
#include "Testing.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace heddle::runtime {
namespace {

StateSpec vectorOf(int64_t count, Initializer init, hd_dtype dtype = HD_F32) {
  StateSpec spec;
  spec.dtype = dtype;
  spec.shape = {count};
  spec.elements = count;
  spec.bytes = static_cast<size_t>(count) * hd_dtype_size(dtype);
  spec.init = init;
  return spec;
}

std::vector<float> initialized(const StateSpec &spec, uint32_t number, uint64_t seed, int threads) {
  std::vector<float> values(static_cast<size_t>(spec.elements));
  initializeTensor(spec, number, seed, values.data(), threads);
  return values;
}

constexpr Initializer kNormal{Initializer::Kind::Normal, 0.5, 2.0};
constexpr Initializer kUniform{Initializer::Kind::Uniform, -0.25, 0.75};

TEST(Initialize, SameSeedSameValuesOnAnyThreads) {
  const StateSpec spec = vectorOf(100001, kNormal);
  const auto values = initialized(spec, 3, 42, 1);
  EXPECT_EQ(values, initialized(spec, 3, 42, 4));
  EXPECT_NE(values, initialized(spec, 3, 43, 1));
  EXPECT_NE(values, initialized(spec, 3, uint64_t{42} | uint64_t{1} << 40, 1));
  EXPECT_NE(values, initialized(spec, 4, 42, 1));
}

// The other rows are what they are without it.
TEST(Initialize, ARowMayBeZeros) {
  StateSpec spec = vectorOf(12, kNormal);
  spec.shape = {4, 3};
  std::vector<float> expected = initialized(spec, 0, 7, 1);
  std::fill_n(expected.begin() + 6, 3, 0.0F);
  spec.init.zeroRow = 2;
  EXPECT_EQ(initialized(spec, 0, 7, 1), expected);
}

// Pinned: a release that changed them would change every user's runs.
TEST(Initialize, ValuesArePinned) {
  const auto values = initialized(vectorOf(3, {Initializer::Kind::Uniform, 0, 1}), 0, 0, 1);
  EXPECT_FLOAT_EQ(values[0], 0.228415600F);
  EXPECT_FLOAT_EQ(values[1], 0.706145113F);
  EXPECT_FLOAT_EQ(values[2], 0.938849616F);
}

// Mean, variance and tails within five standard errors of what they should be.
TEST(Initialize, NormalHasItsMoments) {
  constexpr int64_t count = 400000;
  double sum = 0, squares = 0;
  int64_t beyondTwo = 0;
  for (float value : initialized(vectorOf(count, kNormal), 0, 7, 2)) {
    const double z = (value - kNormal.first) / kNormal.second;
    ASSERT_TRUE(std::isfinite(z));
    sum += z;
    squares += z * z;
    beyondTwo += std::fabs(z) > 2;
  }
  EXPECT_NEAR(sum / count, 0, 5 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 1, 5 * std::sqrt(2.0 / count));
  const double tail = std::erfc(2 / std::sqrt(2.0));
  EXPECT_NEAR(static_cast<double>(beyondTwo) / count, tail, 5 * std::sqrt(tail / count));
}

TEST(Initialize, UniformFillsItsRangeEvenly) {
  constexpr int64_t count = 400000;
  std::vector<int> bins(10);
  for (float value : initialized(vectorOf(count, kUniform), 0, 7, 2)) {
    ASSERT_GE(value, -0.25F);
    ASSERT_LE(value, 0.75F);
    ++bins[std::min<size_t>(9, static_cast<size_t>((value + 0.25F) * 10))];
  }
  for (int bin : bins)
    EXPECT_NEAR(bin, count / 10, 5 * std::sqrt(count / 10.0));
}

TEST(Initialize, EveryRoleThroughTheModel) {
  const std::string manifest = testing::tensorsManifest(R"(
      {"name": "w", "role": "parameter", "dtype": "f32", "shape": [3], "init": {"kind": "ones"}},
      {"name": "b", "role": "buffer", "dtype": "i32", "shape": [2], "init": {"kind": "constant", "value": -7}},
      {"name": "mask", "role": "buffer", "dtype": "i1", "shape": [2], "init": {"kind": "ones"}},
      {"name": "half", "role": "parameter", "dtype": "bf16", "shape": [1], "init": {"kind": "constant", "value": 0.5}},
      {"name": "m", "role": "optimizer", "dtype": "f32", "shape": [3]},
      {"name": "rng", "role": "rng", "dtype": "i64", "shape": [2]},
      {"name": "step", "role": "step", "dtype": "i64", "shape": []})");
  auto model = testing::makeModel(manifest, {});
  EXPECT_EQ(testing::tensorData<float>(model, "w")[0], 0);
  testing::tensorData<float>(model, "m")[1] = 5;
  *testing::tensorData<int64_t>(model, "step") = 9;
  ASSERT_EQ(hd_model_initialize(model.get(), 0xFEDCBA9876543210), HD_OK);
  EXPECT_EQ(testing::tensorData<float>(model, "w")[2], 1);
  EXPECT_EQ(testing::tensorData<int32_t>(model, "b")[1], -7);
  EXPECT_EQ(testing::tensorData<int8_t>(model, "mask")[1], 1);
  EXPECT_EQ(testing::tensorData<uint16_t>(model, "half")[0], 0x3f00);
  EXPECT_EQ(testing::tensorData<float>(model, "m")[1], 0);
  EXPECT_EQ(testing::tensorData<uint64_t>(model, "rng")[0], 0xFEDCBA9876543210);
  EXPECT_EQ(testing::tensorData<uint64_t>(model, "rng")[1], 0U);
  EXPECT_EQ(*testing::tensorData<int64_t>(model, "step"), 0);
}

} // namespace
} // namespace heddle::runtime
