//===- Layout.h - how a tensor lies in its buffer --------------------------===//

#pragma once

#include "mlir/IR/BuiltinTypes.h"

#include <optional>

namespace heddle::cpu {

/// Element (i0, i1, ...) is at `offset + i0 * strides[0] + i1 * strides[1] + ...`, in elements from
/// the start of the buffer. Views (transpose, slice, most reshapes) are other layouts of the same
/// buffer.
struct Layout {
  mlir::Type element;
  llvm::SmallVector<int64_t> shape, strides;
  int64_t offset = 0;

  static Layout dense(mlir::RankedTensorType type);
  mlir::RankedTensorType type() const { return mlir::RankedTensorType::get(shape, element); }
  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
  int64_t count() const;
  /// Row-major without gaps (dimensions of size 1 do not count).
  bool isDense() const;

  Layout transposed(llvm::ArrayRef<int64_t> permutation) const;
  Layout sliced(llvm::ArrayRef<int64_t> starts, llvm::ArrayRef<int64_t> limits,
                llvm::ArrayRef<int64_t> steps) const;
  /// The same elements under another shape, if strides can express it.
  std::optional<Layout> reshaped(llvm::ArrayRef<int64_t> newShape) const;
};

/// Bytes of one element in memory; a boolean takes one byte.
int64_t elementBytes(mlir::Type element);

} // namespace heddle::cpu
