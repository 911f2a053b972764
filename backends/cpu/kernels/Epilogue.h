//===- Epilogue.h - a fusion, computed a block of a matrix at a time ---------===//

#pragma once

#include "FusionBody.h"

namespace heddle::cpu {

/// A fusion without reductions over a matrix, done on the blocks of a product as these are
/// finished: what it reads of the product is still in the cache.
class Epilogue {
public:
  /// The last dimension of the fusion's domain is the matrix's columns, the others are its rows.
  /// `isInPanels`: the matrix and all that is elementwise with it lie in panels, in one order, and
  /// blocks are ranges of it: of a single row with all elements. `inScratch`: the inputs that are
  /// the matrix, where only a block of it is kept, in scratch.
  Epilogue(ir::FusionOp fusion, llvm::ArrayRef<Layout> inputs, llvm::ArrayRef<Layout> outputs,
           bool isInPanels, llvm::ArrayRef<unsigned> inScratch);

  /// `pointers`: the fusion's inputs and outputs.
  void start(mlir::OpBuilder &builder, llvm::ArrayRef<mlir::Value> pointers);

  struct Range {
    mlir::Value first, count;
  };
  /// The inputs in f32 that have an element for each of the matrix, which is one of them unless it
  /// is in scratch.
  llvm::SmallVector<mlir::Value> streams() const;
  bool readsScratch() const { return !inScratch.empty(); }
  /// Where the matrix would begin for its next block to be the one in scratch.
  void setScratch(mlir::Value matrix);
  /// Emits the fusion on a block. The columns begin at a multiple of `columnStep`.
  void emit(Range rows, Range columns, int64_t columnStep);

private:
  void emitPoint(Point &point);

  FusionBody body;
  llvm::SmallVector<Layout> inputs, outputs;
  llvm::SmallVector<unsigned> inScratch;
  size_t inputCount;
  mlir::Location loc;
  int64_t width;
  mlir::OpBuilder *b = nullptr;
  llvm::SmallVector<mlir::Value> pointers;
};

} // namespace heddle::cpu
