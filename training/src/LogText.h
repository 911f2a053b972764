// Lines of a log as text.
#pragma once

#include "heddle/training/log.h"

namespace heddle::training {

/// With its line end. Throws Error for a phase or a metric that cannot be written.
std::string formatLine(const LogEntry &entry);

/// Goes through the lines of a log.
class LogReader {
public:
  /// `text` outlives the reader; `file` is its name in messages.
  LogReader(std::string_view text, std::string file) : rest_(text), file_(std::move(file)) {}

  /// The next line; none at the end, and for a last line that has no line end. Throws Error, naming
  /// file and line, for one that is no line of a log, or goes back in steps.
  std::optional<LogEntry> next();
  /// The same, but none for such a line too.
  std::optional<LogEntry> nextIfWhole();
  /// Lines that next() gave, and their bytes.
  std::size_t lines() const { return lines_; }
  std::size_t bytes() const { return bytes_; }

private:
  std::string_view rest_;
  std::string file_;
  std::size_t lines_ = 0, bytes_ = 0;
  std::int64_t step_ = 0;
};

} // namespace heddle::training
