//===- KeptOps.h - composite ops that a backend has kernels for ------------===//

#pragma once

#include "heddle/ir/Ops.h"

namespace heddle::passes {

/// Whether `op` is one of `kept`, in the one type that backends have kernels for: every operand a
/// tensor of f32, so that an op with a boolean mask does not stay either.
inline bool staysWhole(mlir::Operation *op, llvm::ArrayRef<std::string> kept) {
  return llvm::is_contained(kept, op->getName().getStringRef()) &&
         llvm::all_of(op->getOperandTypes(),
                      [](mlir::Type type) { return mlir::getElementTypeOrSelf(type).isF32(); });
}

} // namespace heddle::passes
