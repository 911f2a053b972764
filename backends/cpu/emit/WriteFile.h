//===- WriteFile.h - a file on disk, or why not ----------------------------===//

#pragma once

#include "mlir/IR/Diagnostics.h"
#include "mlir/Support/LLVM.h"

namespace heddle::cpu {

/// Errors: whatever the system says, with the path.
mlir::LogicalResult writeFile(mlir::StringRef path, mlir::StringRef bytes, mlir::Location where);

} // namespace heddle::cpu
