#include "RunCurves.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>
#include <stdexcept>

namespace heddle::plot {
namespace {

using training::LogEntry;

// One metric in one phase of one run.
struct Curve {
  std::size_t run;
  std::string phase, metric;
  std::vector<std::int64_t> steps;
  std::vector<double> seconds, values;
  std::string full() const { return phase + "/" + metric; }
};

std::vector<Curve> curves_of(const std::vector<RunLog> &runs) {
  std::vector<Curve> curves;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    const std::size_t first = curves.size();
    for (const LogEntry &entry : runs[run].entries)
      for (const training::Metric &metric : entry.metrics) {
        auto found =
            std::find_if(curves.begin() + static_cast<std::ptrdiff_t>(first), curves.end(),
                         [&](const Curve &curve) {
                           return curve.metric == metric.name && curve.phase == entry.phase;
                         });
        if (found == curves.end())
          found = curves.insert(curves.end(), Curve{run, entry.phase, metric.name, {}, {}, {}});
        found->steps.push_back(entry.step);
        found->seconds.push_back(entry.seconds);
        found->values.push_back(metric.value);
      }
  }
  return curves;
}

bool is_asked_for(const Curve &curve, const std::string &metric) {
  return curve.metric == metric || curve.full() == metric;
}

// The names of the curves, for a message.
std::string names_of(const std::vector<Curve> &curves, std::optional<std::size_t> run = {}) {
  std::set<std::string> names;
  for (const Curve &curve : curves)
    if (!run || curve.run == *run)
      names.insert(curve.full());
  return names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", "));
}

std::vector<Curve> select(const std::vector<RunLog> &runs, const std::vector<Curve> &curves,
                          std::vector<std::string> metrics) {
  for (const std::string &metric : metrics)
    if (std::ranges::none_of(curves, [&](const Curve &c) { return is_asked_for(c, metric); }))
      throw std::runtime_error(
          fmt::format("there is no metric '{}'; there is {}", metric, names_of(curves)));
  if (metrics.empty() &&
      std::ranges::any_of(curves, [](const Curve &curve) { return curve.metric == "loss"; }))
    metrics = {"loss"};
  std::vector<Curve> selected = curves;
  if (!metrics.empty())
    std::erase_if(selected, [&](const Curve &curve) {
      return std::ranges::none_of(metrics, [&](auto &m) { return is_asked_for(curve, m); });
    });
  for (std::size_t run = 0; run < runs.size(); ++run)
    if (std::ranges::none_of(selected, [&](const Curve &curve) { return curve.run == run; }))
      throw std::runtime_error(
          fmt::format("run '{}' has nothing to draw{}; its log has {}", runs[run].name,
                      metrics.empty() ? "" : fmt::format(" of {}", fmt::join(metrics, ", ")),
                      names_of(curves, run)));
  return selected;
}

// The mean over the points whose steps are within half of `width`. A value that is not finite stays
// as it is, and counts for no other.
std::vector<double> smoothed(const Curve &curve, std::int64_t width) {
  std::vector<double> means(curve.values.size());
  double sum = 0;
  std::int64_t count = 0;
  std::size_t begin = 0, end = 0;
  const auto take = [&](double value, int sign) {
    if (std::isfinite(value)) {
      sum += sign * value;
      count += sign;
    }
  };
  for (std::size_t i = 0; i < means.size(); ++i) {
    const std::int64_t step = curve.steps[i];
    for (; end < means.size() && curve.steps[end] - step <= width / 2; ++end)
      take(curve.values[end], 1);
    for (; step - curve.steps[begin] > (width - 1) / 2; ++begin)
      take(curve.values[begin], -1);
    means[i] = std::isfinite(curve.values[i]) ? sum / static_cast<double>(count) : curve.values[i];
  }
  return means;
}

} // namespace

Figure run_curves(const std::vector<RunLog> &runs, const RunCurveOptions &options) {
  const std::vector<Curve> curves = select(runs, curves_of(runs), options.metrics);

  std::set<std::string> metrics, kinds;
  for (const Curve &curve : curves) {
    metrics.insert(curve.metric);
    kinds.insert(curve.full());
  }
  Figure figure;
  figure.title = runs.size() == 1
                     ? runs[0].name
                     : fmt::format("{}", fmt::join(kinds.size() == 1 ? kinds : metrics, ", "));
  figure.x_label = options.x == RunAxis::step ? "step" : "seconds";
  figure.y_label = metrics.size() == 1 ? *metrics.begin() : "value";
  figure.log_y = options.log_y;
  for (const Curve &curve : curves) {
    Series series;
    if (runs.size() == 1)
      series.name = curve.full();
    else
      series.name =
          kinds.size() == 1 ? runs[curve.run].name : runs[curve.run].name + " " + curve.full();
    if (options.x == RunAxis::step)
      series.x.assign(curve.steps.begin(), curve.steps.end());
    else
      series.x = curve.seconds;
    series.y = smoothed(curve, options.smooth);
    figure.series.push_back(std::move(series));
  }
  return figure;
}

std::vector<std::string> run_names(const std::vector<std::string> &paths) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  for (const std::string &path : paths) {
    fs::path folder = fs::absolute(path).lexically_normal();
    if (folder.filename().empty()) // "runs/first/"
      folder = folder.parent_path();
    if (folder.filename() == "log.jsonl")
      folder = folder.parent_path();
    names.push_back(folder.filename().empty() ? path : folder.filename().string());
  }
  std::vector<std::string> result = names;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (std::ranges::count(names, names[i]) > 1)
      result[i] = paths[i];
  return result;
}

} // namespace heddle::plot
