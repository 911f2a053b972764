// MLIR's diagnostics as heddle::Error.
#pragma once

#include "mlir/IR/Diagnostics.h"

#include <optional>
#include <source_location>
#include <string>

namespace heddle {

/// Collects the errors (with their notes) of a context while it lives.
class DiagnosticCollector {
public:
  explicit DiagnosticCollector(mlir::MLIRContext *context);
  /// Throws Error with what was collected, at the line of the first error's location; `otherwise`
  /// if nothing was.
  [[noreturn]] void raise(std::source_location where, const std::string &otherwise);

private:
  std::string text;
  std::optional<mlir::FileLineColLoc> first;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace heddle
