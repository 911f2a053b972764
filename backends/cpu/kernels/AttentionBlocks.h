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
#include "llvm/Support/MathExtras.h"

#include <numeric>
#include <optional>

namespace heddle::cpu {

/// Elements of scratch that a kernel takes for each query and each key of its blocks, and for each
/// pair of a query and a key.
struct BlockScratch {
  int64_t query = 0, key = 0, pair = 0;
};

/// Emits on blocks of `queryBlock` queries and `keyBlock` keys.
class AttentionBlocks {
public:
  using Value = mlir::Value;

  /// Blocks of about the given sizes: multiples of what the register tile needs, and smaller ones
  /// where the scratch would be too much for a thread's stack.
  AttentionBlocks(mlir::Location loc, const VectorUnit &unit, const AttentionShape &shape,
                  int64_t queries, int64_t keys);

  /// Chooses the blocks. An error at `loc`, if the smallest are still too much.
  llvm::LogicalResult fit(const BlockScratch &each);

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
  /// rows = finish(row, sums), for `count` rows of sums [.., padded(columns)].
  void writeRows(Value sums, const Rows &rows, Value count, int64_t columns,
                 llvm::function_ref<Value(Value row, Value lanes)> finish);
  /// For each vector of queries, from `first` of the block on.
  void forQueries(Value queryCount, llvm::function_ref<void(Value first)> body);
  /// From here on, queries see what this batch and head of a mask shows: [batch, heads, queries,
  /// keys] of booleans, or with 1 in place of any of these.
  void setMask(Value pointer, const Layout &layout, Value batch, Value head);
  /// scale * the score of key `key` for a vector of queries; -inf where the query does not see it.
  Value maskedScore(Value scores, Value key, Value first, Value firstKey, Value firstQuery);
  /// Lanes of queries that there are: for loads and stores of the caller's memory.
  Value liveQueries(Value queryCount, Value first);

  int64_t lanes() const { return tiles.columns; }
  /// `columns` rounded up to whole tiles.
  int64_t padded(int64_t columns) const {
    return static_cast<int64_t>(llvm::alignTo(columns, tiles.columns));
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

private:
  /// A boolean for each lane of queries.
  Value causallySeen(Value key, Value first, Value firstKey, Value firstQuery);
  Value shown(Value key, Value first, Value firstKey, Value firstQuery);
  std::optional<Rows> mask;

  int64_t queryStep() const { return std::lcm(tiles.rows, tiles.columns); }
};

} // namespace heddle::cpu
