//===- Evaluation.h - a function on random arguments ----------------------===//
//
// What checks by the reference interpreter (`ir/Interpreter.h`) have in common: arguments to run a
// function on, the part of it that can be run, and how far rounding may move its results.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "heddle/ir/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/BitVector.h"

namespace heddle::passes {

/// From which numbers floating-point arguments are drawn.
struct RealRange {
  double low = -1.0, high = 1.0;
};

/// The same numbers for the same seed. Floating-point arguments are in `range`, an optimiser's
/// state in [0, 1): it holds means of squares. An integer that leads to the index of a gather or
/// scatter_add, or to a label, is below the smallest size that it indexes; others are in [0, 4).
/// Fails with an error at the function where an argument is no tensor of known sizes.
mlir::FailureOr<llvm::SmallVector<ir::HostTensor>>
randomArguments(mlir::func::FuncOp function, uint64_t seed, RealRange range = {});

/// Removes from the function the ops that the interpreter does not know, what depends on them, and
/// the results that do. Returns which results these were.
llvm::BitVector keepInterpretable(mlir::func::FuncOp function);

/// Makes every floating-point type of the function float64, its constants' too.
void widenFloats(mlir::func::FuncOp function);

/// How far rounding moves each result, by Monte Carlo arithmetic (Parker, 1997): the function is
/// run some times with the operands of its arithmetic moved by a rounding of float64 for each term
/// of a sum, up or down at random. Constants, and the operands of composite ops, whose
/// decompositions hold constants, are moved by a rounding of their own type: passes round constants
/// to it. The largest move of an element, or 0 where nothing is rounded.
mlir::FailureOr<llvm::SmallVector<double>> roundingSpread(mlir::func::FuncOp function,
                                                          llvm::ArrayRef<ir::HostTensor> arguments,
                                                          llvm::ArrayRef<ir::HostTensor> results);

} // namespace heddle::passes
