#include "Limits.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

namespace heddle::timing {
namespace {

using Clock = std::chrono::steady_clock;
using Vector = float __attribute__((vector_size(32)));

constexpr int kTimes = 5; // the best of them counts
constexpr std::int64_t kRounds = 4'000'000;
constexpr std::int64_t kVectors = 4 << 20; // 128 MB: more than any cache

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Enough independent sums to hide the latency of a multiply-add: 12 sums of 8 floats.
constexpr int kSums = 12;

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target_clones("avx2,fma", "default")))
#endif
float multiply_add(std::int64_t rounds) {
  Vector sums[kSums] = {};
  const Vector x = Vector{} + 1.000001F, y = Vector{} + 0.999999F;
  for (std::int64_t i = 0; i < rounds; ++i)
    for (int k = 0; k < kSums; ++k)
      sums[k] = sums[k] * x + y;
  float total = 0;
  for (const Vector &sum : sums)
    total += sum[0];
  return total;
}

volatile float sink; // keeps the work from being left out

double best_flops() {
  double best = 0;
  for (int i = 0; i < kTimes; ++i) {
    const auto start = Clock::now();
#pragma omp parallel
    {
      const float value = multiply_add(kRounds);
#pragma omp critical
      sink = value;
    }
    best = std::max(best, 2.0 * 8 * kSums * kRounds * omp_get_max_threads() / seconds_since(start));
  }
  return best;
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target_clones("avx2", "default")))
#endif
float sum_of(const Vector *data, std::int64_t count) {
  Vector sums[kSums] = {};
  for (std::int64_t i = 0; i + kSums <= count; i += kSums)
    for (int k = 0; k < kSums; ++k)
      sums[k] += data[i + k];
  for (int k = 1; k < kSums; ++k)
    sums[0] += sums[k];
  return sums[0][0];
}

double best_bytes() {
  std::vector<Vector> data(kVectors, Vector{} + 1.0F);
  double best = 0;
  for (int i = 0; i < kTimes; ++i) {
    const auto start = Clock::now();
#pragma omp parallel
    {
      const std::int64_t part = kVectors / omp_get_num_threads();
      const float value = sum_of(data.data() + part * omp_get_thread_num(), part);
#pragma omp critical
      sink = value;
    }
    best = std::max(best, static_cast<double>(sizeof(Vector) * kVectors) / seconds_since(start));
  }
  return best;
}

} // namespace

Limits measure_limits() { return {best_flops(), best_bytes()}; }

double least_seconds(const Launch &launch, const Limits &limits) {
  return std::max(static_cast<double>(launch.ops) / limits.flops,
                  static_cast<double>(launch.bytes) / limits.bytes);
}

double least_seconds(std::span<const Launch> launches, const Limits &limits) {
  double seconds = 0;
  for (const Launch &launch : launches)
    seconds += least_seconds(launch, limits);
  return seconds;
}

} // namespace heddle::timing
