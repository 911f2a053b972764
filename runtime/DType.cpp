#include "DType.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace heddle::runtime {
namespace {

struct DTypeRow {
  const char *name;
  const char *safetensors;
  size_t size;
};

// In the order of hd_dtype.
constexpr std::array<DTypeRow, 8> kRows = {{{"f32", "F32", 4},
                                            {"f64", "F64", 8},
                                            {"f16", "F16", 2},
                                            {"bf16", "BF16", 2},
                                            {"i8", "I8", 1},
                                            {"i32", "I32", 4},
                                            {"i64", "I64", 8},
                                            {"i1", "BOOL", 1}}};

const DTypeRow *rowOf(hd_dtype dtype) {
  auto index = static_cast<size_t>(dtype);
  return index < kRows.size() ? &kRows[index] : nullptr;
}

// Rounds to a 16-bit float with `mantissaBits` and the given exponent range, by scaling so that one
// unit of the last place is 1 and letting nearbyint round (default mode: nearest, ties to even).
uint16_t roundTo16(double value, int mantissaBits, int minExponent, int maxExponent) {
  const int exponentBits = 15 - mantissaBits;
  const auto sign = static_cast<uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const auto infinity = static_cast<uint16_t>(((1 << exponentBits) - 1) << mantissaBits);
  if (std::isnan(value))
    return static_cast<uint16_t>(sign | infinity | (1 << (mantissaBits - 1)));
  const double magnitude = std::fabs(value);
  if (std::isinf(value))
    return static_cast<uint16_t>(sign | infinity);
  if (magnitude == 0)
    return sign;
  // Below minExponent the format is subnormal: the unit of the last place no longer shrinks.
  const int exponent = std::max(std::ilogb(magnitude), minExponent);
  const double units = std::nearbyint(std::ldexp(magnitude, mantissaBits - exponent));
  // A carry out of the mantissa runs into the exponent field, which is what rounding up a binade
  // means.
  const int64_t bits =
      (int64_t{exponent - minExponent} << mantissaBits) + static_cast<int64_t>(units);
  if (exponent > maxExponent || bits >= infinity)
    return static_cast<uint16_t>(sign | infinity);
  return static_cast<uint16_t>(sign | bits);
}

} // namespace

std::optional<hd_dtype> dtypeFromName(std::string_view name) {
  for (size_t i = 0; i < kRows.size(); ++i)
    if (name == kRows[i].name)
      return static_cast<hd_dtype>(i);
  return std::nullopt;
}

const char *safetensorsName(hd_dtype dtype) { return rowOf(dtype)->safetensors; }

std::optional<hd_dtype> dtypeFromSafetensorsName(std::string_view name) {
  for (size_t i = 0; i < kRows.size(); ++i)
    if (name == kRows[i].safetensors)
      return static_cast<hd_dtype>(i);
  return std::nullopt;
}

bool isFloat(hd_dtype dtype) { return dtype <= HD_BF16; }

float f16ToF32(uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int mantissa = bits & 1023;
  const float sign = (bits & 0x8000) ? -1.0F : 1.0F;
  if (exponent == 31)
    return mantissa ? std::bit_cast<float>(0x7fc00000U | (uint32_t{bits & 0x8000U} << 16))
                    : sign * HUGE_VALF;
  if (exponent == 0)
    return sign * std::ldexp(static_cast<float>(mantissa), -24);
  return sign * std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
}

float bf16ToF32(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }

uint16_t f64ToF16(double value) { return roundTo16(value, 10, -14, 15); }
uint16_t f64ToBf16(double value) { return roundTo16(value, 7, -126, 127); }

double loadFloat(hd_dtype dtype, const void *data, int64_t index) {
  const char *at =
      static_cast<const char *>(data) + index * static_cast<int64_t>(hd_dtype_size(dtype));
  float f32 = 0;
  double f64 = 0;
  uint16_t half = 0;
  switch (dtype) {
  case HD_F32:
    std::memcpy(&f32, at, sizeof f32);
    return f32;
  case HD_F64:
    std::memcpy(&f64, at, sizeof f64);
    return f64;
  case HD_F16:
    std::memcpy(&half, at, sizeof half);
    return f16ToF32(half);
  case HD_BF16:
    std::memcpy(&half, at, sizeof half);
    return bf16ToF32(half);
  default:
    return NAN;
  }
}

void storeFloat(hd_dtype dtype, void *data, int64_t index, double value) {
  switch (dtype) {
  case HD_F32:
    static_cast<float *>(data)[index] = static_cast<float>(value);
    break;
  case HD_F64:
    static_cast<double *>(data)[index] = value;
    break;
  case HD_F16:
    static_cast<uint16_t *>(data)[index] = f64ToF16(value);
    break;
  case HD_BF16:
    static_cast<uint16_t *>(data)[index] = f64ToBf16(value);
    break;
  default:
    break;
  }
}

void convertFloats(hd_dtype from, const void *source, hd_dtype to, void *target, int64_t count) {
  if (from == to) {
    std::memcpy(target, source, static_cast<size_t>(count) * hd_dtype_size(from));
    return;
  }
  for (int64_t i = 0; i < count; ++i)
    storeFloat(to, target, i, loadFloat(from, source, i));
}

std::string formatShape(const std::vector<int64_t> &shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

} // namespace heddle::runtime

size_t hd_dtype_size(hd_dtype dtype) {
  const auto *row = heddle::runtime::rowOf(dtype);
  return row ? row->size : 0;
}

const char *hd_dtype_name(hd_dtype dtype) {
  const auto *row = heddle::runtime::rowOf(dtype);
  return row ? row->name : nullptr;
}
