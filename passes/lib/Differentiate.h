//===- Differentiate.h - gradients to ordinary ops ------------------------===//

#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace heddle::passes {

struct DifferentiateCounts {
  unsigned gradients = 0; ///< replaced
  unsigned rules = 0;     ///< applied
};

/// Replaces each gradient by the backward computation. Fails with an error at the op that stands in
/// its way.
llvm::FailureOr<DifferentiateCounts> differentiate(mlir::func::FuncOp function);

} // namespace heddle::passes
