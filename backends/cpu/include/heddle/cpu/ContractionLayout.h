//===- ContractionLayout.h - a contraction as one strided product -----------===//

#pragma once

#include "heddle/cpu/Layout.h"
#include "heddle/ir/Ops.h"

namespace heddle::cpu {

/// c[batch, i, j] = sum_k a[batch, i, k] b[batch, k, j], every index group walked with one stride.
struct ContractionLayout {
  struct Operand {
    llvm::SmallVector<int64_t> batch;
    int64_t row = 0, column = 0;
    /// Not 0: the matrix lies in panels (StoredPanels.h) of so many of the lanes whose stride here
    /// is 1: at each position of the other dimension those lanes, then the next panel.
    int64_t panel = 0;
  };
  int64_t m = 1, n = 1, k = 1;
  llvm::SmallVector<int64_t> batch;
  Operand a, b, c;

  mlir::DictionaryAttr attribute(mlir::MLIRContext *context, bool bias) const;
  /// The same for a reader, in one line, and the key of a tuning file:
  /// "64x512x784 a[784,1] b[1,784] c[512,1] bias": m, n and k, then row and column strides; before
  /// them "12:" and the strides of batches where there are any.
  std::string key(bool bias) const;
};

/// What is in the way of a library call with the operands as they lie.
struct ContractionNeeds {
  bool copyX = false, copyY = false;
};

/// Brings a contraction into that form. On failure `needs` says which operand must first be copied
/// to the order (batch, free, contracting).
std::optional<ContractionLayout> layoutContraction(ir::ContractionOp op, const Layout &x,
                                                   const Layout &y, const Layout &result,
                                                   ContractionNeeds &needs);

/// Whether it is a matrix times a vector whose elements lie so that KernelLibrary::vectorProduct
/// can read it in order.
bool isVectorProduct(const ContractionLayout &product);

} // namespace heddle::cpu
