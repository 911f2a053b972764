//===- AttentionBlocks.h - what the two attention kernels share --------------===//
//
// Both walk the scores in blocks of queries and keys that stay in the cache, so that no T x S
// matrix is ever in memory (Dao, "FlashAttention-2", 2023). The forward kernel holds scores
// transposed, [keys, queries]: its reductions over keys then run down the columns, a vector of
// queries at a time. The gradient has none, and holds them as [queries, keys].
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

/// Elements of scratch that a kernel takes for each query and each key of its blocks, for each pair
/// of a query and a key, and once.
struct BlockScratch {
  int64_t query = 0, key = 0, pair = 0, once = 0;
};

/// What the lanes of a vector of scores are.
enum class ScoreLanes { Queries, Keys };

/// The block of scores at hand.
struct BlockPair {
  mlir::Value firstQuery, queryCount, firstKey, keyCount;
};

/// Emits on blocks of `queryBlock` queries and `keyBlock` keys.
class AttentionBlocks {
public:
  using Value = mlir::Value;

  /// Blocks of about the given sizes: multiples of what the register tile needs, and smaller ones
  /// where the scratch would be too much for a thread's stack.
  AttentionBlocks(mlir::Location loc, const VectorUnit &unit, const AttentionShape &shape,
                  ScoreLanes scoreLanes, int64_t queries, int64_t keys);

  /// Chooses the blocks. An error at `loc`, if the smallest are still too much.
  llvm::LogicalResult fit(const BlockScratch &each);

  /// The pointers and layouts of all operands; a position is the last.
  void start(mlir::OpBuilder &builder, llvm::ArrayRef<Value> pointers,
             llvm::ArrayRef<Layout> inputs);

  /// Some rows of one batch and head of an operand [batch, heads, rows, columns].
  struct Rows {
    Value pointer;
    int64_t rowStride, columnStride;
  };
  Rows rowsOf(Value pointer, const Layout &layout, Value batch, Value head, Value first);
  /// The place of element 0 of one batch and head of a [batch, heads, queries].
  Value linePointer(Value pointer, const Layout &layout, Value batch, Value head);

  Value scratch(int64_t elements);

  /// Rows one after the other in scratch, their columns filled up with zeros to whole tiles. What
  /// follows the last row is anything: it goes into results that nobody reads. As an operand of a
  /// product, the lanes are the rows (of a, along the columns) or the columns (of b, along the
  /// rows).
  struct RowCopy {
    Value pointer;
    int64_t stride;
    TiledOperand rows() const { return {pointer, stride, stride, 1}; }
    TiledOperand columns() const { return {pointer, 1, 1, stride}; }
  };
  /// From one row of a copy to the next: an odd number of cache lines, so that the same columns of
  /// the rows do not compete for a few sets of the cache.
  int64_t copyStride(int64_t columns) const {
    constexpr int64_t line = 16;
    return (llvm::divideCeil(padded(columns), line) | 1) * line;
  }
  /// scale * `count` rows.
  RowCopy copyRows(const Rows &rows, Value count, int64_t columns, double scale, Value target);
  /// Rows as the lanes of a register tile's columns, along the operand's columns: at most as many
  /// as a block has, `total` in all of the operand.
  TiledOperand packColumns(const Rows &rows, Value count, int64_t total, int64_t columns,
                           Value target);

  /// rows = finish(row, sums), for `count` rows of sums [.., padded(columns)].
  void writeRows(Value sums, const Rows &rows, Value count, int64_t columns,
                 llvm::function_ref<Value(Value row, Value lanes)> finish);
  /// For each vector of queries, from `first` of the block on.
  void forQueries(Value queryCount, llvm::function_ref<void(Value first)> body);
  /// From here on, queries see what this batch and head of a mask shows: [batch, heads, queries,
  /// keys] of booleans, or with 1 in place of any of these.
  void setMask(Value pointer, const Layout &layout, Value batch, Value head);
  /// Whether the lanes of scores from query and key (of all) on are seen: booleans, or null where
  /// all are. `causally`: as far as what is after a query is concerned; else by the mask only.
  Value seen(Value query, Value key, bool causally);
  /// Where causal: how many keys of the block one of its queries sees, from the first on; and how
  /// many of its queries, from the first on, do not see one of its keys.
  Value keysSeen(const BlockPair &pair, Value query);
  Value queriesBefore(const BlockPair &pair, Value key);
  /// Scores are read up to so many keys after the last one that a query sees, because of the tiles.
  int64_t margin() const { return tiles.rows + 3; }
  /// Lanes of queries that there are: for loads and stores of the caller's memory.
  Value liveQueries(Value queryCount, Value first);

  int64_t lanes() const { return tiles.columns; }
  /// `columns` rounded up to whole tiles.
  int64_t padded(int64_t columns) const {
    return static_cast<int64_t>(llvm::alignTo(columns, tiles.columns));
  }
  Value minimum(Value x, Value y) { return mlir::arith::MinSIOp::create(*b, loc, x, y); }
  Value maximum(Value x, Value y) { return mlir::arith::MaxSIOp::create(*b, loc, x, y); }
  /// Rounded to a multiple of 4, as products want a depth to be.
  Value floor4(Value x) { return mlir::arith::AndIOp::create(*b, loc, x, emitter().i64(-4)); }
  Value ceil4(Value x) { return floor4(emitter().add(x, emitter().i64(3))); }
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
  Value position; // of query 0 among the keys, where causal
  MatmulTiles tiles;
  int64_t queryBlock, keyBlock;

private:
  Value shown(Value query, Value key);
  std::optional<Rows> mask;
  ScoreLanes scoreLanes;
  int64_t queryStep, keyStep; // of the blocks' sizes
};

} // namespace heddle::cpu
