//===- Epilogues.h - fusions that are computed with a product ----------------===//

#pragma once

#include "heddle/ir/Ops.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

#include <string>

namespace heddle::cpu {

/// A fusion that reads a product, and why the product's kernel does not compute it; null if it may.
struct ProductReader {
  ir::FusionOp fusion;
  const char *obstacle = nullptr;
};

/// Of each contraction that is read by a fusion of kind rows first: that fusion.
llvm::DenseMap<mlir::Operation *, ProductReader> findEpilogues(mlir::func::FuncOp function);

/// How many tensors the fusion moves, beside the product and what is broadcast.
int64_t otherTensors(ir::FusionOp fusion);

/// The op of the fusion's body that reads `product`, for users, who do not know of fusions.
mlir::Operation *opThatReads(ir::FusionOp fusion, mlir::Value product);

/// The fusion's body and the types of its arguments; equal texts, equal computations.
std::string textOf(ir::FusionOp fusion);

/// Whether nothing but `fusion` reads `product`.
bool isOnlyReader(ir::FusionOp fusion, mlir::Value product);

} // namespace heddle::cpu
