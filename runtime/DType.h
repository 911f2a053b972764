// Element types: names, sizes, and conversion between floating-point ones.
#pragma once

#include "heddle/runtime.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::runtime {

std::optional<hd_dtype> dtypeFromName(std::string_view name);
// The names of the safetensors format: "F32", "BOOL", ...
const char *safetensorsName(hd_dtype dtype);
std::optional<hd_dtype> dtypeFromSafetensorsName(std::string_view name);

bool isFloat(hd_dtype dtype);

float f16ToF32(uint16_t bits);
float bf16ToF32(uint16_t bits);
// Round to nearest, ties to even; NaN stays NaN. From double in one step: by way of f32 it would
// round twice.
uint16_t f64ToF16(double value);
uint16_t f64ToBf16(double value);

double loadFloat(hd_dtype dtype, const void *data, int64_t index);
void storeFloat(hd_dtype dtype, void *data, int64_t index, double value);
// Both must be floating-point. The source may be unaligned.
void convertFloats(hd_dtype from, const void *source, hd_dtype to, void *target, int64_t count);

// "[64, 784]"
std::string formatShape(const std::vector<int64_t> &shape);

} // namespace heddle::runtime
