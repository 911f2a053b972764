//===- Reductions.h - sums, maxima and minima --------------------------------===//

#pragma once

#include "mlir/IR/Builders.h"

namespace heddle::cpu {

bool isReduction(mlir::Operation *op);
mlir::TypedAttr neutralElement(mlir::Operation *reduction);
/// One step of a reduction.
mlir::Value combine(mlir::OpBuilder &b, mlir::Location loc, mlir::Operation *reduction,
                    mlir::Value x, mlir::Value y);

/// What a loop keeps of a reduction along its lanes: a vector of partial results. A maximum or
/// minimum of floats is NaN if an element is. Comparisons that say so at each step take twice the
/// time of those that do not, so which are NaN is kept apart: the largest bit pattern but for the
/// sign, which is above infinity's then. A maximum that may leave NaN out has no need of it.
class PartialReduction {
public:
  PartialReduction(mlir::Operation *reduction, int64_t width);

  /// How many values the loop carries.
  size_t size() const { return watchesNaN ? 2 : 1; }
  llvm::SmallVector<mlir::Value> start(mlir::OpBuilder &b, mlir::Location loc) const;
  /// With the elements `x`, or those of them that `mask` has (null: all).
  llvm::SmallVector<mlir::Value> add(mlir::OpBuilder &b, mlir::Location loc,
                                     llvm::ArrayRef<mlir::Value> partial, mlir::Value x,
                                     mlir::Value mask) const;
  llvm::SmallVector<mlir::Value> merge(mlir::OpBuilder &b, mlir::Location loc,
                                       llvm::ArrayRef<mlir::Value> x,
                                       llvm::ArrayRef<mlir::Value> y) const;
  mlir::Value finish(mlir::OpBuilder &b, mlir::Location loc,
                     llvm::ArrayRef<mlir::Value> partial) const;

  mlir::Operation *reduction;

private:
  int64_t width;
  bool watchesNaN;
};

} // namespace heddle::cpu
