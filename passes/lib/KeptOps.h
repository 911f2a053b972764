//===- KeptOps.h - composite ops that a backend has kernels for ------------===//

#pragma once

#include "heddle/ir/Ops.h"

namespace heddle::passes {

/// A scalar that says at run time how much of the other operands counts.
inline bool isPosition(mlir::Type type) {
  auto tensor = llvm::cast<mlir::RankedTensorType>(type);
  mlir::Type element = tensor.getElementType();
  return tensor.getRank() == 0 && (element.isInteger(32) || element.isInteger(64));
}

/// Why backends have no kernel for `op` in this form; null if they have. Kernels take operands of
/// f32 (beside booleans, for a mask, and a position), the first not a single row, since products
/// with a vector are as fast as memory when decomposed; but then they read what is beyond a
/// position too.
inline const char *obstacleToKernel(mlir::Operation *op) {
  auto first = llvm::cast<mlir::RankedTensorType>(op->getOperand(0).getType());
  if (first.getRank() >= 2 && first.getDimSize(first.getRank() - 2) == 1 &&
      llvm::none_of(op->getOperandTypes(), isPosition))
    return "with a single query there is nothing to gain";
  for (mlir::Type type : op->getOperandTypes())
    if (mlir::Type element = mlir::getElementTypeOrSelf(type);
        !element.isF32() && !element.isInteger(1) && !isPosition(type))
      return "the kernel for it takes f32 only";
  return nullptr;
}

/// Whether `op` is one of `kept`, in a form that backends have kernels for.
inline bool staysWhole(mlir::Operation *op, llvm::ArrayRef<std::string> kept) {
  return llvm::is_contained(kept, op->getName().getStringRef()) && !obstacleToKernel(op);
}

} // namespace heddle::passes
