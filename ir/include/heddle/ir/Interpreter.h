//===- Interpreter.h - the reference meaning of a heddle function ---------===//

#pragma once

#include "heddle/ir/HostTensor.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir::func {
class FuncOp;
}

namespace heddle::ir {

/// Sees, and may change, what an op of the function is about to be evaluated on.
using OperandHook =
    llvm::function_ref<void(mlir::Operation *op, llvm::MutableArrayRef<HostTensor> operands)>;

/// Evaluates `function` op by op in float64 on `arguments` (one an argument, of its type) and
/// returns its results. Fails with a diagnostic on an op that cannot be interpreted, or on values
/// that an op does not allow. `hook` is not called for the ops inside a fusion.
mlir::FailureOr<llvm::SmallVector<HostTensor>> interpret(mlir::func::FuncOp function,
                                                         llvm::ArrayRef<HostTensor> arguments,
                                                         OperandHook hook = nullptr);

} // namespace heddle::ir
