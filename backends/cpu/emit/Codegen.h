//===- Codegen.h - the phase `codegen`: to the LLVM dialect ------------------===//
//
// In: the module after `plan`, of ops of func, scf, memref, vector, arith, math and llvm. Out: only the LLVM
// dialect; memref arguments are bare pointers; everything with a body is internal; an entry NAME is "fn.NAME".
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace heddle::cpu {

struct CodegenOptions {
  /// Whether the target has fused multiply-add: without it, LLVM would call libm's fmaf for every math.fma.
  bool fma = true;
};

/// Replaces math ops on f32 (and, by way of f32, on f16 and bf16) by straight-line code that vectorises, and
/// allows multiply-adds to be contracted.
std::unique_ptr<mlir::Pass> createMathApproximationPass(const CodegenOptions &options = {});

mlir::LogicalResult lowerToLLVM(mlir::ModuleOp planned, const CodegenOptions &options);

/// What lowerToLLVM calls the function that the model calls `name`: no libm or runtime symbol has a dot in it.
std::string entryFunctionName(llvm::StringRef name);

} // namespace heddle::cpu
