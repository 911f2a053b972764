//===- Interpreter.h - the reference meaning of a heddle function ---------===//

#pragma once

#include "heddle/ir/HostTensor.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir::func {
class FuncOp;
}

namespace heddle::ir {

/// Evaluates `function` op by op in float64 on `arguments` (one an argument, of its type) and
/// returns its results. Fails with a diagnostic on an op that cannot be interpreted, or on values
/// that an op does not allow.
mlir::FailureOr<llvm::SmallVector<HostTensor>> interpret(mlir::func::FuncOp function,
                                                         llvm::ArrayRef<HostTensor> arguments);

} // namespace heddle::ir
