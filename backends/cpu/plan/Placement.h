//===- Placement.h - results that can be written where they must end -------===//

#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace heddle::cpu {

/// Values that may be written straight into their destination: result i of the function (or, for an
/// update, the argument's own buffer), because nobody needs what is there any more.
llvm::DenseMap<mlir::Value, unsigned> directResults(mlir::func::FuncOp function);

} // namespace heddle::cpu
