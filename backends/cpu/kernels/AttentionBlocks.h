//===- AttentionBlocks.h - what the two attention kernels share --------------===//
//
// Both walk the scores in blocks of queries and keys that stay in the cache, so that no T x S
// matrix is ever in memory (Dao, "FlashAttention-2", 2023). Scores are held transposed, [keys,
// queries]: the reductions over keys then run down the columns, a vector of queries at a time.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "ElementEmitter.h"
#include "Loops.h"
#include "PackedPanels.h"
#include "TiledProduct.h"
#include "heddle/cpu/AttentionShape.h"
#include "heddle/cpu/KernelLibrary.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace heddle::cpu {

/// Heads of which a thread's stack holds smaller blocks only.
inline bool wide(const AttentionShape &shape) { return shape.depth + shape.width > 512; }

/// Emits on blocks of `queryBlock` queries and `keyBlock` keys.
class AttentionBlocks {
public:
  using Value = mlir::Value;

  /// Blocks of about the given sizes: multiples of what the register tile needs.
  AttentionBlocks(mlir::Location loc, const VectorUnit &unit, const AttentionShape &shape,
                  int64_t queries, int64_t keys);

  void start(mlir::OpBuilder &builder) { b = &builder; }

  /// Some rows of one batch and head of an operand [batch, heads, rows, columns].
  struct Rows {
    Value pointer;
    int64_t rowStride, columnStride;
  };
  Rows rowsOf(Value pointer, const Layout &layout, Value batch, Value head, Value first);
  /// The place of element 0 of one batch and head of a [batch, heads, queries].
  Value linePointer(Value pointer, const Layout &layout, Value batch, Value head);

  Value scratch(int64_t elements);

  // Packed forms of `count` rows of at most `block`; `total` rows are in all of the operand.
  /// As lanes of a register tile's rows, or columns, along the operand's columns.
  TiledOperand packRows(const Rows &rows, Value count, int64_t total, int64_t columns,
                        Value target);
  TiledOperand packColumns(const Rows &rows, Value count, int64_t total, int64_t columns,
                           Value target);
  /// With the operand's columns as the lanes of a tile's columns, along `block` rows.
  TiledOperand packAlongRows(const Rows &rows, Value count, int64_t block, int64_t columns,
                             Value target);

  /// scores [keys, queries] = a . b along `depth` (constant).
  void scores(const TiledOperand &a, Value keyCount, const TiledOperand &b, Value queryCount,
              int64_t depth, Value target);
  /// For each vector of queries, from `first` of the block on.
  void forQueries(Value queryCount, llvm::function_ref<void(Value first)> body);
  /// scale * the score of key `key` for a vector of queries; -inf where the query does not see it.
  Value maskedScore(Value scores, Value key, Value first, Value firstKey, Value firstQuery);
  /// Lanes of queries that there are: for loads and stores of the caller's memory.
  Value liveQueries(Value queryCount, Value first);

  int64_t lanes() const { return tiles.columns; }
  /// `columns` rounded up to whole tiles.
  int64_t padded(int64_t columns) const {
    return (columns + tiles.columns - 1) / tiles.columns * tiles.columns;
  }
  Value minimum(Value x, Value y) { return mlir::arith::MinSIOp::create(*b, loc, x, y); }
  Value maximum(Value x, Value y) { return mlir::arith::MaxSIOp::create(*b, loc, x, y); }
  Value sub(Value x, Value y) { return mlir::arith::SubIOp::create(*b, loc, x, y); }
  Value at(Value pointer, Value offset) { return emitter().address(pointer, f32(), offset); }
  Value load(Value pointer, Value offset, Value mask = {}) {
    return emitter().load(pointer, f32(), offset, 1, lanes(), mask);
  }
  void store(Value value, Value pointer, Value offset, Value mask = {}) {
    emitter().store(pointer, f32(), offset, 1, lanes(), mask, value);
  }
  Value constant(double value) { return emitter().fill(b->getF32FloatAttr(value), lanes()); }
  mlir::Type f32() { return b->getF32Type(); }
  ElementEmitter emitter() { return {*b, loc}; }

  mlir::OpBuilder *b = nullptr;
  mlir::Location loc;
  AttentionShape shape;
  MatmulTiles tiles;
  int64_t queryBlock, keyBlock;
};

} // namespace heddle::cpu
