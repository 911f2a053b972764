//===- Reductions.h - ways to make a module smaller -----------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace heddle::reduce {

/// A module has places where it can be made smaller, numbered from 0 in an order of their own.
struct Reduction {
  llvm::StringRef what; ///< that there is less of, for a reader
  unsigned (*count)(mlir::ModuleOp module);
  /// Makes the module smaller at places `from` to `to`, this one excluded.
  void (*apply)(mlir::ModuleOp module, unsigned from, unsigned to);
};

/// In the order in which they pay: functions, results, ops, arguments, attributes.
llvm::ArrayRef<Reduction> allReductions();

/// Removes the ops whose results nobody uses.
void removeUnused(mlir::ModuleOp module);

/// How large a module is: its ops come first, without functions and terminators; then arguments,
/// results and attributes of functions.
std::pair<size_t, size_t> sizeOf(mlir::ModuleOp module);

} // namespace heddle::reduce
