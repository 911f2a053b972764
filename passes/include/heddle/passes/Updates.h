//===- Updates.h - results of a function that are new state ----------------===//

#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <optional>

namespace heddle::passes {

/// The argument whose new value result `index` is, if it is an update.
std::optional<unsigned> updatedArgument(mlir::func::FuncOp function, unsigned index);

/// What the returned value is put together of, where it is a concatenation of rows; else it alone.
llvm::SmallVector<mlir::Value> partsOf(mlir::Value returned);

} // namespace heddle::passes
