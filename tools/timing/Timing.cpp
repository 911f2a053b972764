#include "Timing.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>

namespace heddle::timing {
namespace {

constexpr std::size_t kFewestCalls = 5, kMostCalls = 20000;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// For inputs that hold indices, by position: the bound that suits every use.
std::map<std::size_t, std::int64_t> index_limits(const Executable &executable,
                                                 const std::string &function) {
  std::map<std::size_t, std::int64_t> limits;
  const auto manifest = nlohmann::json::parse(executable.manifest());
  for (const auto &entry : manifest.at("functions")) {
    if (entry.at("name") != function)
      continue;
    for (const auto &check : entry.at("index_checks")) {
      const auto limit = check.at("limit").get<std::int64_t>();
      auto [known, isNew] = limits.try_emplace(check.at("input").get<std::size_t>(), limit);
      known->second = std::min(known->second, limit);
    }
  }
  return limits;
}

template <class T>
void fill_integers(HostArray &array, std::int64_t limit, std::mt19937_64 &random) {
  std::uniform_int_distribution<std::int64_t> value(0, std::max<std::int64_t>(limit, 1) - 1);
  std::ranges::generate(array.as<T>(), [&] { return static_cast<T>(value(random)); });
}

void fill(HostArray &array, std::int64_t limit, std::mt19937_64 &random) {
  std::normal_distribution<float> normal;
  switch (array.dtype()) {
  case DType::f32:
    std::ranges::generate(array.as<float>(), [&] { return normal(random); });
    break;
  case DType::f64:
    std::ranges::generate(array.as<double>(), [&] { return normal(random); });
    break;
  case DType::i32:
    fill_integers<std::int32_t>(array, limit, random);
    break;
  case DType::i64:
    fill_integers<std::int64_t>(array, limit, random);
    break;
  case DType::i8:
    fill_integers<std::int8_t>(array, limit, random);
    break;
  case DType::i1:
    fill_integers<bool>(array, 2, random);
    break;
  case DType::f16:
  case DType::bf16: // zeros
    break;
  }
}

} // namespace

std::vector<HostArray> random_inputs(const Executable &executable, const std::string &function,
                                     std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto limits = index_limits(executable, function);
  std::vector<HostArray> arrays;
  for (const TensorInfo &input : executable.inputs(function)) {
    const auto limit = limits.find(arrays.size());
    fill(arrays.emplace_back(input.dtype, input.shape), limit == limits.end() ? 2 : limit->second,
         random);
  }
  return arrays;
}

Call::Call(const Executable &executable, std::string name)
    : function(std::move(name)), inputs(random_inputs(executable, function)) {
  for (const TensorInfo &output : executable.outputs(function))
    outputs.emplace_back(output.dtype, output.shape);
  for (const HostArray &array : inputs)
    in.push_back(array.data());
  for (HostArray &array : outputs)
    out.push_back(array.data());
}

Timing time_calls(Executable &executable, const std::string &function, int warmup, double seconds) {
  Call call(executable, function);
  for (int i = 0; i < warmup; ++i)
    call.run(executable);
  std::vector<double> times;
  const auto start = Clock::now();
  while (times.size() < kFewestCalls ||
         (seconds_since(start) < seconds && times.size() < kMostCalls)) {
    const auto begin = Clock::now();
    call.run(executable);
    times.push_back(seconds_since(begin));
  }
  std::ranges::sort(times);
  const std::size_t middle = times.size() / 2;
  const double median = times.size() % 2 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
  return {median, times.front(), times.size()};
}

} // namespace heddle::timing
