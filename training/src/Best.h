// Which value of a metric is the best so far.
#pragma once

#include "heddle/training/run.h"

namespace heddle::training {

class Best {
public:
  /// `name` is PHASE/METRIC, or empty: then nothing is ever best. Throws Error for another.
  Best(const std::string &name, bool higherIsBetter);

  /// Whether this line of the log has a better value than all before. Throws Error for a line of
  /// the phase without the metric.
  bool offer(const LogEntry &entry);

  const std::optional<BestValue> &value() const { return best_; }
  std::int64_t since() const { return since_; }

private:
  std::string phase_, metric_;
  bool higherIsBetter_;
  std::optional<BestValue> best_;
  std::int64_t since_ = 0;
};

} // namespace heddle::training
