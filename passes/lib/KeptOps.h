//===- KeptOps.h - composite ops that a backend has kernels for ------------===//

#pragma once

#include "heddle/ir/Ops.h"

namespace heddle::passes {

/// Whether `op` is one of `kept`, in a form that backends have kernels for: operands of f32 (and
/// booleans, for a mask), the first not a single row, since products with a vector are as fast as
/// memory when decomposed.
inline bool staysWhole(mlir::Operation *op, llvm::ArrayRef<std::string> kept) {
  if (!llvm::is_contained(kept, op->getName().getStringRef()))
    return false;
  auto first = llvm::cast<mlir::RankedTensorType>(op->getOperand(0).getType());
  if (first.getRank() >= 2 && first.getDimSize(first.getRank() - 2) == 1)
    return false;
  return llvm::all_of(op->getOperandTypes(), [](mlir::Type type) {
    mlir::Type element = mlir::getElementTypeOrSelf(type);
    return element.isF32() || element.isInteger(1);
  });
}

} // namespace heddle::passes
