// Curves of training runs, from their logs.
#pragma once

#include "LossCurve.h"

#include <heddle/training/log.h>

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::plot {

struct RunLog {
  std::string name; // for the legend
  std::vector<training::LogEntry> entries;
};

enum class RunAxis : std::uint8_t { step, seconds };

struct RunCurveOptions {
  // METRIC, in all phases, or PHASE/METRIC. Empty: loss, or all there are if no run has a loss.
  std::vector<std::string> metrics = {};
  RunAxis x = RunAxis::step;
  std::int64_t smooth = 1; // every value becomes the mean over so many steps around it
  bool log_y = false;
};

// A line for each run and metric, named by what tells them apart. Throws std::runtime_error, with
// those that there are, for a metric that no run has.
Figure run_curves(const std::vector<RunLog> &runs, const RunCurveOptions &options);

// A name for each path of a run: the folder's, or the paths themselves where two are the same.
std::vector<std::string> run_names(const std::vector<std::string> &paths);

} // namespace heddle::plot
