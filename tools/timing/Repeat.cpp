#include "Repeat.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <span>

namespace heddle::timing {
namespace {

constexpr std::size_t kFewestCalls = 5, kMostCalls = 20000;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// For inputs that hold indices, by position: the bound that suits every use.
std::map<std::size_t, std::int64_t> index_limits(const runtime::FunctionSpec &function) {
  std::map<std::size_t, std::int64_t> limits;
  for (const runtime::IndexCheckSpec &check : function.indexChecks) {
    auto [known, isNew] = limits.try_emplace(check.input, check.limit);
    known->second = std::min(known->second, check.limit);
  }
  return limits;
}

template <class T> std::span<T> elements(std::vector<std::byte> &bytes) {
  return {reinterpret_cast<T *>(bytes.data()), bytes.size() / sizeof(T)};
}

template <class T> void fill_floats(std::vector<std::byte> &bytes, std::mt19937_64 &random) {
  std::normal_distribution<float> normal;
  std::ranges::generate(elements<T>(bytes), [&] { return normal(random); });
}

template <class T>
void fill_integers(std::vector<std::byte> &bytes, std::int64_t limit, std::mt19937_64 &random) {
  std::uniform_int_distribution<std::int64_t> value(0, std::max<std::int64_t>(limit, 1) - 1);
  std::ranges::generate(elements<T>(bytes), [&] { return static_cast<T>(value(random)); });
}

void fill(std::vector<std::byte> &bytes, hd_dtype dtype, std::int64_t limit,
          std::mt19937_64 &random) {
  switch (dtype) {
  case HD_F32:
    return fill_floats<float>(bytes, random);
  case HD_F64:
    return fill_floats<double>(bytes, random);
  case HD_I32:
    return fill_integers<std::int32_t>(bytes, limit, random);
  case HD_I64:
    return fill_integers<std::int64_t>(bytes, limit, random);
  case HD_I8:
    return fill_integers<std::int8_t>(bytes, limit, random);
  case HD_I1:
    return fill_integers<bool>(bytes, 2, random);
  case HD_F16:
  case HD_BF16: // zeros
    return;
  }
}

} // namespace

std::string time_text(double seconds) {
  if (seconds < 1e-3)
    return fmt::format("{:.2f} us", seconds * 1e6);
  return seconds < 1 ? fmt::format("{:.3f} ms", seconds * 1e3) : fmt::format("{:.3f} s", seconds);
}

std::string describe(const Timing &timing) {
  return fmt::format("median {}, min {} over {} calls", time_text(timing.median_seconds),
                     time_text(timing.min_seconds), timing.calls);
}

Timing time_repeated(const std::function<void()> &call, int warmup, double seconds) {
  for (int i = 0; i < warmup; ++i)
    call();
  std::vector<double> times;
  const auto start = Clock::now();
  while (times.size() < kFewestCalls ||
         (seconds_since(start) < seconds && times.size() < kMostCalls)) {
    const auto begin = Clock::now();
    call();
    times.push_back(seconds_since(begin));
  }
  std::ranges::sort(times);
  const std::size_t middle = times.size() / 2;
  const double median = times.size() % 2 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
  return {median, times.front(), times.size()};
}

std::vector<std::vector<std::byte>> random_data(const runtime::FunctionSpec &function,
                                                std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto limits = index_limits(function);
  std::vector<std::vector<std::byte>> arrays;
  for (const runtime::TensorSpec &input : function.inputs) {
    const auto limit = limits.find(arrays.size());
    fill(arrays.emplace_back(input.bytes), input.dtype, limit == limits.end() ? 2 : limit->second,
         random);
  }
  return arrays;
}

} // namespace heddle::timing
