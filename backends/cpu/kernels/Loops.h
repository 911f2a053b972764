//===- Loops.h - short ways to write loops and branches ----------------------===//

#pragma once

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace heddle::cpu {

/// for (i = from; i < to; i += step) body(i)
template <typename Body>
void emitLoop(mlir::OpBuilder &b, mlir::Location loc, mlir::Value from, mlir::Value to,
              int64_t step, Body &&body) {
  auto loop = mlir::scf::ForOp::create(b, loc, from, to,
                                       mlir::arith::ConstantIntOp::create(b, loc, step, 64));
  mlir::OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

/// if (condition) body()
template <typename Body>
void emitIf(mlir::OpBuilder &b, mlir::Location loc, mlir::Value condition, Body &&body) {
  auto branch = mlir::scf::IfOp::create(b, loc, condition, /*withElse=*/false);
  mlir::OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&branch.getThenRegion().front());
  body();
}

/// if (condition) then() else otherwise()
template <typename Then, typename Otherwise>
void emitIfElse(mlir::OpBuilder &b, mlir::Location loc, mlir::Value condition, Then &&then,
                Otherwise &&otherwise) {
  auto branch = mlir::scf::IfOp::create(b, loc, condition, /*withElse=*/true);
  mlir::OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&branch.getThenRegion().front());
  then();
  b.setInsertionPointToStart(&branch.getElseRegion().front());
  otherwise();
}

/// condition ? then() : otherwise()
template <typename Then, typename Otherwise>
mlir::Value emitChoice(mlir::OpBuilder &b, mlir::Location loc, mlir::Value condition, Then &&then,
                       Otherwise &&otherwise) {
  auto branch = mlir::scf::IfOp::create(
      b, loc, condition,
      [&](mlir::OpBuilder &, mlir::Location) { mlir::scf::YieldOp::create(b, loc, then()); },
      [&](mlir::OpBuilder &, mlir::Location) { mlir::scf::YieldOp::create(b, loc, otherwise()); });
  return branch.getResult(0);
}

} // namespace heddle::cpu
