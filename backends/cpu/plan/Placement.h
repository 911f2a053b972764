//===- Placement.h - results that can be written where they must end -------===//

#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace heddle::cpu {

/// The argument whose new value result `index` is, if it is an update.
std::optional<unsigned> updatedArgument(mlir::func::FuncOp function, unsigned index);

/// Values that may be written straight into their destination: result i of the function (or, for an
/// update, the argument's own buffer), because nobody needs what is there any more.
llvm::DenseMap<mlir::Value, unsigned> directResults(mlir::func::FuncOp function);

/// Moves each op that gives new state up to where its operands are there and all others have read
/// the old state: a gradient then need not be kept until the end of the step.
void placeUpdatesEarly(mlir::func::FuncOp function);

} // namespace heddle::cpu
