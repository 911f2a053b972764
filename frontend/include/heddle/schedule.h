// Learning rates that change with the step. They are compiled into the training step as scalar
// arithmetic on its counter, so nothing needs to be passed in while training, and resuming goes on
// where it stopped.
#pragma once

#include <heddle/tensor.h>

#include <functional>
#include <memory>

namespace heddle {

/// A learning rate as a function of s, the number of updates done before this one (0 at the first).
/// A plain number converts to a constant one.
class Schedule {
public:
  Schedule(double rate);
  /// A schedule of one's own: `trace` describes it in ops on the scalar f64 step, `value` computes
  /// the same.
  Schedule(std::function<Tensor(Tensor step)> trace, std::function<double(double step)> value);

  /// The rate of update `step`, computed here: for plots and logs.
  double value(std::int64_t step) const { return value_(static_cast<double>(step)); }
  double at(double step) const { return value_(step); }
  /// The rate as an f64 scalar of the function being described; `step` is an f64 scalar.
  Tensor trace(Tensor step) const { return trace_(step); }
  /// Whether it does not depend on the step; trace() may then be given a Tensor that is none.
  bool is_constant() const { return constant_; }

private:
  std::function<Tensor(Tensor)> trace_;
  std::function<double(double)> value_;
  bool constant_ = false;
};

namespace schedule {

/// rate(s) = rate.
Schedule constant(double rate);
/// rate(s) = rate factor^floor(s / every). every >= 1.
Schedule step(double rate, std::int64_t every, double factor = 0.1,
              std::source_location where = std::source_location::current());
/// rate(s) = low + (rate - low) (1 + cos(pi min(s, steps) / steps)) / 2 (Loshchilov and Hutter,
/// 2017). steps >= 1.
Schedule cosine(double rate, std::int64_t steps, double low = 0,
                std::source_location where = std::source_location::current());
/// A linear rise over `steps` updates, then `then` from its own beginning:
/// rate(s) = min(1, (s + 1) / steps) then(max(0, s - steps)). steps >= 1.
Schedule warmup(std::int64_t steps, Schedule then,
                std::source_location where = std::source_location::current());

} // namespace schedule
} // namespace heddle
