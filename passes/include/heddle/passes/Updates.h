//===- Updates.h - results of a function that are new state ----------------===//

#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <optional>

namespace heddle::passes {

/// The argument whose new value result `index` is, if it is an update.
std::optional<unsigned> updatedArgument(mlir::func::FuncOp function, unsigned index);

} // namespace heddle::passes
