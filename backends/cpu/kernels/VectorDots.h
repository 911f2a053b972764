//===- VectorDots.h - rows of a matrix times one vector ---------------------===//

#pragma once

#include "mlir/IR/Builders.h"

namespace heddle::cpu {

/// A row at a time would wait for its additions; so many at once hide what they take.
inline constexpr int64_t kDotRows = 4;

/// For each row, the sum over k < depth of row[k * stride] * vector[k], by vectors of `width`.
llvm::SmallVector<mlir::Value> emitDots(mlir::OpBuilder &b, mlir::Location loc, int64_t width,
                                        llvm::ArrayRef<mlir::Value> rows, int64_t stride,
                                        mlir::Value vector, int64_t depth);

} // namespace heddle::cpu
