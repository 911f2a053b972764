//===- PlanReport.h - launches and buffers of a planned function ------------===//
//
// What the phase `plan` decided, read off the planned module: for tools that show it.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace heddle::cpu {

struct LaunchReport {
  std::string kernel; // "contraction": by the library
  mlir::Location loc; // of the op that became it
  int64_t bytes, ops; // what it cannot do with less of
};

/// A piece of the arena.
struct BufferReport {
  int64_t offset, bytes;
  llvm::SmallVector<int64_t> launches; // that use it, in order; the first writes it
};

struct PlanReport {
  std::string function; // the model's name for it
  int64_t arenaBytes;
  std::vector<LaunchReport> launches; // in order
  std::vector<BufferReport> buffers;
};

/// One for each function, in the module's order.
std::vector<PlanReport> reportPlan(mlir::ModuleOp planned);

} // namespace heddle::cpu
