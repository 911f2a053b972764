//===- Evaluate.h - what the ops' rules share -----------------------------===//

#pragma once

#include "heddle/ir/Interpreter.h"

#include "mlir/IR/Block.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>
#include <string>
#include <utility>

namespace heddle::ir {

using Dims = llvm::ArrayRef<int64_t>;
using DimVector = llvm::SmallVector<int64_t>;

/// `[4, 8]`, with `?` for a size that is not known.
std::string shapeText(Dims shape);
/// Sizes may be equal at run time.
bool compatibleSizes(int64_t a, int64_t b);
bool compatibleShapes(Dims a, Dims b);

DimVector rowMajorStrides(Dims shape);
int64_t offsetOf(Dims index, Dims strides);
/// The dimensions of `rank` that are not in `dimensions`, in order.
DimVector otherDims(int64_t rank, Dims dimensions);
/// The elements of `list` at `positions`.
DimVector pick(Dims list, Dims positions);

/// Calls `body(index)` for each index of `shape`, in row-major order.
template <typename Body> void forEachIndex(Dims shape, Body body) {
  for (int64_t size : shape)
    if (size == 0)
      return;
  DimVector index(shape.size(), 0);
  while (true) {
    body(Dims(index));
    int64_t dim = static_cast<int64_t>(shape.size()) - 1;
    while (dim >= 0 && ++index[dim] == shape[dim])
      index[dim--] = 0;
    if (dim < 0)
      return;
  }
}

/// The type of an operand whose type the verifier may not have seen yet; null, with an error, where
/// it is no tensor.
mlir::RankedTensorType operandTensor(std::optional<mlir::Location> location, llvm::StringRef op,
                                     mlir::Value value);
/// Rejects lists that are not strictly increasing dimensions of `rank`.
mlir::LogicalResult checkIncreasing(std::optional<mlir::Location> location, llvm::StringRef op,
                                    Dims dimensions, int64_t rank);
mlir::LogicalResult checkDimension(std::optional<mlir::Location> location, llvm::StringRef op,
                                   int64_t dimension, int64_t rank);

/// The dimension lists of a sum of products.
struct DotDims {
  Dims xBatch, yBatch, xContract, yContract;

  DimVector xFree(int64_t rank) const;
  DimVector yFree(int64_t rank) const;
};
mlir::FailureOr<mlir::RankedTensorType> inferDot(std::optional<mlir::Location> location,
                                                 llvm::StringRef op, mlir::RankedTensorType x,
                                                 mlir::RankedTensorType y, const DotDims &dims);
void evaluateDot(const HostTensor &x, const HostTensor &y, const DotDims &dims, HostTensor &result);

/// Replaces `size` elements, `stride` apart, by their softmax; returns ln sum e^(x - max) and max.
std::pair<double, double> softmaxLine(double *line, int64_t size, int64_t stride);

/// Evaluates the ops of `block` and returns the operands of its terminator.
mlir::FailureOr<llvm::SmallVector<HostTensor>>
evaluateBlock(mlir::Block &block, llvm::ArrayRef<const HostTensor *> arguments,
              OperandHook hook = nullptr);

} // namespace heddle::ir
