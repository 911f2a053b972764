//===- FusionForm.h - the three forms of a fusion -------------------------===//
//
// What the phase `fuse` promises about each heddle.fusion, and what a backend may rely on.
//
// rows     attributes `domain` = D and `row_rank` = P. Values have the shape D ("full") or D[0..P)
// ("row").
//          Body: elementwise ops, splat constants, iota; random_uniform whose key is a block
//          argument; gather of full shape whose operands are block arguments; reductions of a full
//          value over the dimensions P.. of D; broadcasts of block arguments, or of row values to
//          full along the dimensions 0..P-1. Without a reduction or a row value P = rank - 1 (0 for
//          rank 0).
// columns  the same without row values; yields only reductions over the dimensions 0..P-1.
// single   one op that `isSingleKernel` allows, whose results are yielded, all and in order.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "heddle/ir/Ops.h"

namespace heddle::passes {

enum class FusionKind { rows, columns, single };

constexpr llvm::StringLiteral kFusionKindAttr = "kind";
constexpr llvm::StringLiteral kFusionDomainAttr = "domain";
constexpr llvm::StringLiteral kFusionRowRankAttr = "row_rank";

/// Block arguments and results of one fusion of kind rows or columns together stay below this.
constexpr unsigned kFusionValueLimit = 64;

/// The op's form, checked against the above; emits an error at the op, or at the op in its body,
/// that breaks it.
llvm::LogicalResult verifyFusionForm(ir::FusionOp fusion);

/// Whether the op is other strides on its operand's memory, where it stands outside of a fusion.
inline bool isView(mlir::Operation *op) {
  return llvm::isa<ir::ReshapeOp, ir::TransposeOp, ir::SliceOp>(op);
}
/// The value that holds the same elements in the same order before they were reshaped.
inline mlir::Value withoutReshapes(mlir::Value value) {
  while (auto reshape = value.getDefiningOp<ir::ReshapeOp>())
    value = reshape.getX();
  return value;
}
/// The value whose memory a view of a view ... looks at; itself, if it is no view.
inline mlir::Value withoutViews(mlir::Value value) {
  while (mlir::Operation *op = value.getDefiningOp()) {
    if (!isView(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}
/// Of all elements in memory; a boolean takes a byte.
int64_t bytesOf(mlir::Value value);

/// Whether the op may be a kernel by itself: it moves data, or has no other form, or is a composite
/// that stayed whole. Views are copies then.
bool isSingleKernel(mlir::Operation *op);
/// Whether the op reads its operands at places that it computes, so that they are memory and not
/// values of a loop.
bool readsMemory(mlir::Operation *op);

/// Whether `op` is a reduction (sum, max, min), and the dimensions it reduces.
bool isReduction(mlir::Operation *op);
llvm::ArrayRef<int64_t> reducedDimensions(mlir::Operation *op);
/// Of x, a reduction that differs from `reduction` in its dimensions alone.
mlir::Value reduceLike(mlir::OpBuilder &builder, mlir::Location loc, mlir::Operation *reduction,
                       mlir::Value x, llvm::ArrayRef<int64_t> dimensions);
/// Whether a reduction's dimensions are the last (the first) ones of its operand.
bool reducesTrailing(mlir::Operation *op);
bool reducesLeading(mlir::Operation *op);
/// Whether the fusion is of kind rows, and every value in it has an element for each of its domain:
/// no reductions.
bool isElementwise(ir::FusionOp fusion);
/// A constant with the same value everywhere.
bool isSplatConstant(mlir::Operation *op);

} // namespace heddle::passes
