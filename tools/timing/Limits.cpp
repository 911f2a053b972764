#include "Limits.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

namespace heddle::timing {
namespace {

using Clock = std::chrono::steady_clock;
using Vector = float __attribute__((vector_size(32)));

/// Of trying each way, the best of which counts: two threads may begin on one core, and share it
/// for a while.
constexpr double kSeconds = 0.25;
constexpr std::int64_t kRounds = 4'000'000;
constexpr std::int64_t kVectors = 4 << 20; // 128 MB
constexpr int kLine = 4;                   // vectors read of a stream at a time

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Enough independent sums to hide the latency of a multiply-add.
constexpr int kSums = 12;

template <class V> [[gnu::always_inline]] inline float multiply_add(std::int64_t rounds) {
  V sums[kSums]; // different ones, or the compiler would compute one for all
  for (int k = 0; k < kSums; ++k)
    sums[k] = V{} + static_cast<float>(k);
  const V x = V{} + 1.000001F, y = V{} + 0.999999F;
  for (std::int64_t i = 0; i < rounds; ++i)
    for (int k = 0; k < kSums; ++k)
      sums[k] = sums[k] * x + y;
  float total = 0;
  for (const V &sum : sums)
    total += sum[0];
  return total;
}

struct MultiplyAdd {
  float (*run)(std::int64_t rounds);
  int lanes;
};

#if defined(__x86_64__) && defined(__GNUC__)
using Wide = float __attribute__((vector_size(64)));
[[gnu::target("avx512f")]] float multiply_add_avx512(std::int64_t rounds) {
  return multiply_add<Wide>(rounds);
}
[[gnu::target("avx2,fma")]] float multiply_add_avx2(std::int64_t rounds) {
  return multiply_add<Vector>(rounds);
}
#endif

/// By the widest vectors that this machine has: the compiled models use them too.
MultiplyAdd widest() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx512f"))
    return {multiply_add_avx512, 16};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {multiply_add_avx2, 8};
#endif
  return {multiply_add<Vector>, 8};
}

volatile float sink; // keeps the work from being left out

double least_seconds_of(auto &&attempt, auto &&prepare) {
  double least = std::numeric_limits<double>::infinity();
  for (const auto first = Clock::now(); seconds_since(first) < kSeconds;) {
    prepare();
    const auto start = Clock::now();
    attempt();
    least = std::min(least, seconds_since(start));
  }
  return least;
}

double best_flops() {
  const MultiplyAdd unit = widest();
  const double each = 2.0 * unit.lanes * kSums * kRounds;
  return each * omp_get_max_threads() /
         least_seconds_of(
             [&] {
#pragma omp parallel
               {
                 const float value = unit.run(kRounds);
#pragma omp critical
                 sink = value;
               }
             },
             [] {});
}

/// Of `streams` runs that lie one after the other, read side by side.
#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target_clones("avx2", "default")))
#endif
float sum_of(const Vector *data, std::int64_t count, std::int64_t streams) {
  Vector sums[kLine] = {};
  const std::int64_t each = count / streams;
  for (std::int64_t i = 0; i + kLine <= each; i += kLine)
    for (std::int64_t stream = 0; stream < streams; ++stream)
      for (int k = 0; k < kLine; ++k)
        sums[k] += data[stream * each + i + k];
  for (int k = 1; k < kLine; ++k)
    sums[0] += sums[k];
  return sums[0][0];
}

/// Out of all caches, which may be larger than what is read: some processors have several of the
/// third level, and threads move from one to the other.
#if defined(__x86_64__) && defined(__GNUC__)
[[gnu::target("clflushopt")]] void flush_in_any_order(const Vector *data, std::int64_t count) {
  for (std::int64_t i = 0; i < count; i += 2) // of 32 bytes
    __builtin_ia32_clflushopt(data + i);
  __builtin_ia32_mfence();
}
void flush(const Vector *data, std::int64_t count) {
  if (__builtin_cpu_supports("clflushopt"))
    return flush_in_any_order(data, count);
  for (std::int64_t i = 0; i < count; i += 2)
    __builtin_ia32_clflush(data + i);
  __builtin_ia32_mfence();
}
#else
void flush(const Vector *, std::int64_t) {}
#endif

double best_bytes() {
  std::vector<Vector> data(kVectors, Vector{} + 1.0F);
  auto in_parts = [&](auto &&body) {
#pragma omp parallel
    {
      const std::int64_t part = kVectors / omp_get_num_threads();
      body(data.data() + part * omp_get_thread_num(), part);
    }
  };
  auto seconds = [&](std::int64_t streams) {
    return least_seconds_of(
        [&] {
          in_parts([&](const Vector *part, std::int64_t count) {
            const float value = sum_of(part, count, streams);
#pragma omp critical
            sink = value;
          });
        },
        [&] { in_parts(flush); });
  };
  // Some processors fetch ahead of each of several streams, and of one alone too little.
  return static_cast<double>(sizeof(Vector) * kVectors) / std::min(seconds(1), seconds(8));
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
