//===- FusionBody.h - the values of a fusion, at a point of its loops ------===//

#pragma once

#include "AccessPattern.h"
#include "ElementEmitter.h"
#include "heddle/cpu/KernelLibrary.h"
#include "heddle/ir/Ops.h"

#include "llvm/ADT/DenseMap.h"

namespace heddle::cpu {

/// Where values are computed: an index for each loop of the nest, the last one the first lane's.
struct Point {
  llvm::SmallVector<mlir::Value> indices;
  int64_t width = 1;
  mlir::Value mask; // null: every lane is live
};

/// Analyses a fusion's body against its loops and emits its values.
///
/// A value is *full* (one element a loop position) or *row* (one a row). A full value's *stage* is
/// the number of reductions, one after the other, that must be finished before it can be computed.
class FusionBody {
public:
  FusionBody(ir::FusionOp fusion, llvm::ArrayRef<Layout> inputs, llvm::ArrayRef<Layout> outputs);

  /// Merges loops; `free` as for cpu::collapse.
  void collapseLoops(bool free) { collapse(nest, patterns, free); }
  /// Cuts the one inner loop in parts of `chunk` under a new row loop.
  void splitInner(int64_t chunk);

  bool isFull(mlir::Value value) const { return info.lookup(value).full; }
  int stage(mlir::Value value) const { return info.lookup(value).stage; }
  /// Whether computing the value again costs more than reading it back.
  bool isExpensive(mlir::Value value, int belowStage) const;
  const Strides &outputPattern(size_t output) const { return patterns[outputPatterns[output]]; }

  /// Begins emission, with the pointers of inputs and outputs.
  void start(mlir::OpBuilder &builder, llvm::ArrayRef<mlir::Value> given) {
    b = &builder;
    pointers.assign(given.begin(), given.end());
  }
  /// Reads an input at another place from here on.
  void setPointer(unsigned input, mlir::Value pointer) { pointers[input] = pointer; }
  /// The point of row number `row`, counted through all row loops.
  Point pointOfRow(mlir::Value row);
  mlir::Value full(mlir::Value value, Point &point, llvm::DenseMap<mlir::Value, mlir::Value> &memo);
  mlir::Value row(mlir::Value value, Point &rowPoint);
  mlir::Value offset(const Strides &pattern, const Point &point, size_t first = 0);

  /// Row values known so far (reductions put theirs here); cleared at every row.
  llvm::DenseMap<mlir::Value, mlir::Value> rowValues;
  /// Full values to be read back: pointer and pattern.
  struct Stored {
    mlir::Value pointer;
    Strides pattern;
  };
  llvm::DenseMap<mlir::Value, Stored> stored;
  /// What the row's loops have read of inputs along the lanes so far: the input, and where.
  struct Stream {
    unsigned input;
    size_t pattern;
    bool operator==(const Stream &) const = default;
  };
  llvm::SmallVector<Stream> streams;
  const Strides &patternOf(const Stream &stream) const { return patterns[stream.pattern]; }
  mlir::Type elementOf(const Stream &stream) const { return inputs[stream.input].element; }
  /// Set while inner loops are emitted: the outermost of them and the row's point.
  mlir::Operation *hoistBefore = nullptr;
  Point *rowPoint = nullptr;

  ir::FusionOp fusion;
  LoopNest nest;
  llvm::SmallVector<int64_t> domain;
  int64_t rowRank;
  llvm::SmallVector<mlir::Value> yields;
  llvm::SmallVector<mlir::Operation *> reductions;

private:
  struct Info {
    bool full = false;
    int stage = 0;
  };
  size_t addPattern(Strides strides);
  void addAccess(mlir::OpOperand &operand, llvm::ArrayRef<int64_t> dimensions);
  void analyse(mlir::Operation &op);
  mlir::Value operandValue(mlir::OpOperand &operand, Point &point,
                           llvm::DenseMap<mlir::Value, mlir::Value> &memo, bool isRow);
  mlir::Value loadOperand(mlir::OpOperand &operand, Point &point);
  mlir::Value compute(mlir::Operation *op, Point &point,
                      llvm::DenseMap<mlir::Value, mlir::Value> &memo, bool isRow);

  mlir::OpBuilder *b = nullptr;
  llvm::SmallVector<mlir::Value> pointers;
  llvm::SmallVector<Layout> inputs;
  llvm::SmallVector<Strides> patterns;
  llvm::DenseMap<mlir::OpOperand *, size_t> accesses;
  llvm::DenseMap<mlir::Operation *, size_t>
      positions; // iota and random ops, and a gather's trailing dimensions
  llvm::SmallVector<size_t> outputPatterns;
  llvm::DenseMap<mlir::Value, Info> info;
  llvm::DenseMap<std::pair<mlir::OpOperand *, int64_t>, mlir::Value> hoistedLoads;

public:
  void clearRow() {
    rowValues.clear();
    hoistedLoads.clear();
    streams.clear();
  }
};

/// Lanes of a vector of the widest element that the body holds: 16 of 4 bytes, two AVX2 registers.
int64_t vectorWidth(ir::FusionOp fusion);

} // namespace heddle::cpu
