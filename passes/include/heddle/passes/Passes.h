//===- Passes.h - passes over the heddle dialect --------------------------===//

#pragma once

#include "heddle/ir/Dialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace heddle::passes {

#define GEN_PASS_DECL
#include "heddle/passes/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "heddle/passes/Passes.h.inc"

} // namespace heddle::passes
