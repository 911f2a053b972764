// The log of a training run: a JSON object a line.
//
//   {"step":200,"seconds":3.512,"phase":"train","loss":2.31,"lr":0.001}
//   {"step":200,"seconds":3.604,"phase":"validation","loss":2.38,"accuracy":0.52}
//
// JSON has no numbers that are not finite; they are the texts "NaN", "Infinity" and "-Infinity",
// which Python's float() takes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::training {

/// A named number: {"loss", 2.31}.
struct Metric {
  std::string name;
  double value = 0;
  bool operator==(const Metric &) const = default;
};
using Metrics = std::vector<Metric>;

/// A line of a log.
struct LogEntry {
  std::int64_t step = 0; ///< steps done
  double seconds = 0;    ///< of training until then, over all sessions
  std::string phase;     ///< "train", "validation", ...
  Metrics metrics;

  /// The value of a metric; none if the line does not have it.
  std::optional<double> find(std::string_view metric) const;
};

/// The lines of a log; `path` is the file or the folder of its run. A last line without a line end
/// is left out: it is being written, or its program was killed. Throws Error, naming file and line,
/// for what is no log.
std::vector<LogEntry> read_log(const std::filesystem::path &path);

} // namespace heddle::training
