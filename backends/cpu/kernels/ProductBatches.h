//===- ProductBatches.h - the iterations of a product's task -----------------===//

#pragma once

#include "mlir/IR/Builders.h"

namespace heddle::cpu {

/// A task of a matrix product has panels, or parts of them, as its iterations: those of the first
/// batch, then those of the next.
class ProductBatches {
public:
  /// `sizes` of the batches' dimensions, none for a single product.
  explicit ProductBatches(llvm::ArrayRef<int64_t> sizes) : sizes(sizes) {}

  int64_t count() const;

  /// `body(batch, from, to)` for each batch that has some of the iterations [begin, end), of which
  /// each batch has `panels`: its own from `from` to `to`.
  using Body = llvm::function_ref<void(mlir::Value batch, mlir::Value from, mlir::Value to)>;
  void forEach(mlir::OpBuilder &b, mlir::Location loc, mlir::Value begin, mlir::Value end,
               int64_t panels, Body body) const;

  /// Where an operand's matrix of this batch begins, in f32.
  mlir::Value pointer(mlir::OpBuilder &b, mlir::Location loc, mlir::Value operand,
                      llvm::ArrayRef<int64_t> strides, mlir::Value batch) const;

private:
  llvm::SmallVector<int64_t> sizes;
};

} // namespace heddle::cpu
