//===- Placement.h - results that can be written where they must end -------===//

#pragma once

#include "heddle/passes/Remarks.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace heddle::cpu {

/// Values that may be written straight into their destination: result i of the function (or, for an
/// update, the argument's own buffer), because nobody needs what is there any more. Of updates,
/// remarks say which are and why the others are not.
llvm::DenseMap<mlir::Value, unsigned> directResults(mlir::func::FuncOp function,
                                                    const passes::Remarks &remarks);

} // namespace heddle::cpu
