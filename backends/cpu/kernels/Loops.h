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

/// for (i = from; i < to; i = body(i))
template <typename Body>
void emitLoopTo(mlir::OpBuilder &b, mlir::Location loc, mlir::Value from, mlir::Value to,
                Body &&body) {
  mlir::scf::WhileOp::create(
      b, loc, from.getType(), from,
      [&](mlir::OpBuilder &, mlir::Location, mlir::ValueRange at) {
        mlir::Value goesOn =
            mlir::arith::CmpIOp::create(b, loc, mlir::arith::CmpIPredicate::slt, at.front(), to);
        mlir::scf::ConditionOp::create(b, loc, goesOn, at);
      },
      [&](mlir::OpBuilder &, mlir::Location, mlir::ValueRange at) {
        mlir::Value next = body(at.front());
        mlir::scf::YieldOp::create(b, loc, next);
      });
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
