#include "Best.h"

#include "Failures.h"

#include <fmt/ranges.h>

#include <cmath>

namespace heddle::training {

Best::Best(const std::string &name, bool higherIsBetter) : higherIsBetter_(higherIsBetter) {
  if (name.empty())
    return;
  const std::size_t slash = name.find('/');
  if (slash == 0 || slash == std::string::npos || slash + 1 == name.size())
    fail("the best weights are told by PHASE/METRIC, as validation/loss; got '{}'", name);
  phase_ = name.substr(0, slash);
  metric_ = name.substr(slash + 1);
}

bool Best::offer(const LogEntry &entry) {
  if (phase_.empty() || entry.phase != phase_)
    return false;
  const std::optional<double> value = entry.find(metric_);
  if (!value) {
    std::vector<std::string> names;
    for (const Metric &metric : entry.metrics)
      names.push_back(metric.name);
    fail("the best weights are told by {}/{}, and step {} has no '{}' in phase '{}'; it has: {}",
         phase_, metric_, entry.step, metric_, phase_, fmt::join(names, ", "));
  }
  const bool better = !std::isnan(*value) &&
                      (!best_ || (higherIsBetter_ ? *value > best_->value : *value < best_->value));
  if (better)
    best_ = BestValue{entry.step, *value};
  since_ = better ? 0 : since_ + 1;
  return better;
}

} // namespace heddle::training
