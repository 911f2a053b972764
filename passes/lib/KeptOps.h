//===- KeptOps.h - composite ops that a backend has kernels for ------------===//

#pragma once

#include "heddle/ir/Ops.h"

namespace heddle::passes {

/// Whether `op` is one of `kept`, in a form that backends have kernels for: operands of f32 (and
/// booleans, for a mask), with more than one row in the first. Products with a single row are as
/// fast as memory when decomposed.
inline bool staysWhole(mlir::Operation *op, llvm::ArrayRef<std::string> kept) {
  if (!llvm::is_contained(kept, op->getName().getStringRef()))
    return false;
  auto rows = [](mlir::Type type) {
    auto tensor = llvm::cast<mlir::RankedTensorType>(type);
    return tensor.getRank() < 2 ? 1 : tensor.getDimSize(tensor.getRank() - 2);
  };
  return rows(op->getOperand(0).getType()) != 1 &&
         llvm::all_of(op->getOperandTypes(), [](mlir::Type type) {
           mlir::Type element = mlir::getElementTypeOrSelf(type);
           return element.isF32() || element.isInteger(1);
         });
}

} // namespace heddle::passes
