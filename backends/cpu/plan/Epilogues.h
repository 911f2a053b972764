//===- Epilogues.h - fusions that are computed with a product ----------------===//

#pragma once

#include "heddle/ir/Ops.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

#include <string>

namespace heddle::cpu {

/// The fusion that each contraction may be computed with: what is launched next, if it reads the
/// product, and that element by element.
llvm::DenseMap<mlir::Operation *, ir::FusionOp> findEpilogues(mlir::func::FuncOp function);

/// The fusion's body and the types of its arguments; equal texts, equal computations.
std::string textOf(ir::FusionOp fusion);

/// Whether nothing but `fusion` reads `product`.
bool isOnlyReader(ir::FusionOp fusion, mlir::Value product);

} // namespace heddle::cpu
