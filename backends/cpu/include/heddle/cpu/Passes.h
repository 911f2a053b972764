//===- Passes.h - passes of the CPU backend ---------------------------------===//

#pragma once

#include "heddle/cpu/VectorUnit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace heddle::cpu {

#define GEN_PASS_DECL
#include "heddle/cpu/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "heddle/cpu/Passes.h.inc"

} // namespace heddle::cpu
