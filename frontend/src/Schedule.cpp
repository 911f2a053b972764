#include "heddle/schedule.h"

#include "OpBuilding.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace heddle {

Schedule::Schedule(double rate)
    : trace_([rate](Tensor) { return full({}, rate, f64); }),
      value_([rate](double) { return rate; }), constant_(true) {}

Schedule::Schedule(std::function<Tensor(Tensor)> trace, std::function<double(double)> value)
    : trace_(std::move(trace)), value_(std::move(value)) {}

namespace schedule {

static void checkSteps(std::string_view name, std::int64_t steps, std::source_location where) {
  if (steps < 1)
    fail(where, "schedule::{} is given {} steps; it needs at least 1", name, steps);
}

Schedule constant(double rate) { return rate; }

Schedule step(double rate, std::int64_t every, double factor, std::source_location where) {
  checkSteps("step", every, where);
  const auto period = static_cast<double>(every);
  return Schedule([=](Tensor s) { return rate * pow(factor, floor(s / period)); },
                  [=](double s) { return rate * std::pow(factor, std::floor(s / period)); });
}

Schedule cosine(double rate, std::int64_t steps, double low, std::source_location where) {
  checkSteps("cosine", steps, where);
  const auto period = static_cast<double>(steps);
  const double half = (rate - low) / 2, turn = std::numbers::pi / period;
  return Schedule(
      [=](Tensor s) { return low + half * (1.0 + cos(minimum(s, period) * turn)); },
      [=](double s) { return low + half * (1.0 + std::cos(std::min(s, period) * turn)); });
}

Schedule warmup(std::int64_t steps, Schedule then, std::source_location where) {
  checkSteps("warmup", steps, where);
  const auto rise = static_cast<double>(steps);
  return Schedule(
      [=](Tensor s) { return minimum((s + 1.0) / rise, 1.0) * then.trace(maximum(s - rise, 0.0)); },
      [=](double s) { return std::min((s + 1.0) / rise, 1.0) * then.at(std::max(s - rise, 0.0)); });
}

} // namespace schedule
} // namespace heddle
