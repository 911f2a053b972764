// MLIR's remarks as heddle::Remark.
#pragma once

#include "heddle/remarks.h"

#include "mlir/IR/MLIRContext.h"

#include <memory>
#include <mutex>
#include <source_location>
#include <vector>

namespace heddle {

/// Collects what the passes of a context say while it lives, if the options ask for it. Only one a
/// context at a time.
class RemarkCollector {
public:
  /// Throws Error if the options' regular expression is none.
  RemarkCollector(mlir::MLIRContext *context, RemarkOptions options, std::source_location where);
  ~RemarkCollector();
  RemarkCollector(const RemarkCollector &) = delete;
  RemarkCollector &operator=(const RemarkCollector &) = delete;

  /// Gives the caller what was collected, sorted, and equal ones as one.
  void report();

private:
  class Streamer;
  mlir::MLIRContext *context;
  RemarkOptions options;
  std::mutex mutex; // functions are compiled side by side
  std::vector<Remark> collected;
};

} // namespace heddle
