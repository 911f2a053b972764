//===- Codegen.h - the phase `codegen`: to the LLVM dialect ------------------===//
//
// In: the module after `plan`, of ops of func, scf, memref, vector, arith, math and llvm. Out: only
// the LLVM dialect; memref arguments are bare pointers; everything with a body is internal.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "heddle/cpu/VectorUnit.h"

#include "mlir/IR/BuiltinOps.h"

namespace heddle::cpu {

mlir::LogicalResult lowerToLLVM(mlir::ModuleOp planned, const VectorUnit &unit);

} // namespace heddle::cpu
