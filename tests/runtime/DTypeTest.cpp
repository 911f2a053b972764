#include "DType.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace heddle::runtime {
namespace {

TEST(DType, NamesAndSizes) {
  EXPECT_STREQ(hd_dtype_name(HD_F32), "f32");
  EXPECT_STREQ(hd_dtype_name(HD_I1), "i1");
  EXPECT_EQ(hd_dtype_name(static_cast<hd_dtype>(8)), nullptr);
  EXPECT_EQ(hd_dtype_size(HD_F64), 8U);
  EXPECT_EQ(hd_dtype_size(HD_BF16), 2U);
  EXPECT_EQ(hd_dtype_size(static_cast<hd_dtype>(99)), 0U);
  for (int i = 0; i < 8; ++i) {
    const auto dtype = static_cast<hd_dtype>(i);
    EXPECT_EQ(dtypeFromName(hd_dtype_name(dtype)), dtype);
    EXPECT_EQ(dtypeFromSafetensorsName(safetensorsName(dtype)), dtype);
  }
}

TEST(DType, EveryHalfRoundTrips) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    if (std::isnan(f16ToF32(half))) {
      EXPECT_TRUE(std::isnan(f16ToF32(f64ToF16(f16ToF32(half)))));
    } else {
      ASSERT_EQ(f64ToF16(f16ToF32(half)), half);
    }
    if (std::isnan(bf16ToF32(half))) {
      EXPECT_TRUE(std::isnan(bf16ToF32(f64ToBf16(bf16ToF32(half)))));
    } else {
      ASSERT_EQ(f64ToBf16(bf16ToF32(half)), half);
    }
  }
}

TEST(DType, RoundsToNearestEven) {
  EXPECT_EQ(f64ToF16(1.0 + 0x1p-11), 0x3c00);           // a tie, down to even
  EXPECT_EQ(f64ToF16(1.0 + 0x3p-11), 0x3c02);           // a tie, up to even
  EXPECT_EQ(f64ToF16(1.0 + 0x1p-11 + 0x1p-40), 0x3c01); // by way of f32 this would tie
  EXPECT_EQ(f64ToF16(65519.0), 0x7bff);
  EXPECT_EQ(f64ToF16(65520.0), 0x7c00); // infinity
  EXPECT_EQ(f64ToF16(-1e300), 0xfc00);
  EXPECT_EQ(f64ToF16(0x1p-24), 0x0001);
  EXPECT_EQ(f64ToF16(0x1p-25), 0x0000);
  EXPECT_EQ(f64ToF16(0x1.ffcp-15), 0x0400); // rounds up into the normal numbers
  EXPECT_EQ(f64ToBf16(1.0 + 0x1p-8), 0x3f80);
  EXPECT_EQ(f64ToBf16(1.0 + 0x3p-8), 0x3f82);
  EXPECT_EQ(f64ToBf16(-0.0), 0x8000);
}

TEST(DType, ConvertsFromUnalignedSources) {
  char bytes[9];
  const double value = 0.1;
  std::memcpy(bytes + 1, &value, sizeof value);
  float result = 0;
  convertFloats(HD_F64, bytes + 1, HD_F32, &result, 1);
  EXPECT_EQ(result, 0.1F);
}

} // namespace
} // namespace heddle::runtime
