//===- CentralDifferences.h - a gradient and the slope that is seen --------===//

#pragma once

#include "heddle/ir/Interpreter.h"
#include "heddle/ir/Ops.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace heddle::passes {

/// The slope of a loss along a direction.
struct Slope {
  double claimed = 0;    ///< by the gradient
  double seen = 0;       ///< by central differences
  double truncation = 0; ///< what the length of the step may explain of their distance
  double rounding = 0;   ///< what rounding may
  double size = 0;       ///< the gradient's norm: a slope along such a direction is near it

  double tolerance() const { return truncation + rounding; }
  bool agrees() const;
  /// Whether a gradient that is wrong would have shown: the loss is smooth at the scale of the
  /// step.
  bool isConclusive() const;
};

/// A gradient of a function in float64, held against the function's loss.
class CentralDifferences {
public:
  /// `gradient` is in the block of a function, all of whose floats are float64.
  CentralDifferences(ir::GradientOp gradient, llvm::ArrayRef<ir::HostTensor> arguments,
                     uint64_t seed);

  /// Evaluates the gradient. Fails with an error where an op has no derivative or no value; returns
  /// false where a result is not a number.
  llvm::FailureOr<bool> evaluate();

  /// The slope along a random direction of one of what the gradient is with respect to. After
  /// `evaluate`.
  llvm::FailureOr<Slope> slope(unsigned wrt);

  /// Calls `use` with each op that the loss depends on and the values of its operands.
  llvm::LogicalResult forEachOp(ir::OperandHook use);

private:
  ir::GradientOp gradient;
  mlir::func::FuncOp function;
  llvm::ArrayRef<ir::HostTensor> arguments;
  uint64_t seed;
  llvm::SmallVector<mlir::Value> held; // results of stop_gradient
  llvm::SmallVector<ir::HostTensor> heldValues, wrtValues, gradients;
  llvm::SmallVector<double> gradientErrors; // by rounding, of an element
  double lossError = 0;
};

} // namespace heddle::passes
