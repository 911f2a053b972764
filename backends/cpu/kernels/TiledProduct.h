//===- TiledProduct.h - a block of a matrix product, from cached operands ----===//

#pragma once

#include "ElementEmitter.h"
#include "MatmulTiles.h"

#include "mlir/IR/Builders.h"

#include <functional>

namespace heddle::cpu {

/// An operand of a block, of lanes (rows of a, columns of b) at each contracted position k. The
/// tile of the lanes from l on begins at `pointer + l * perLane`; its element (lane, k) is `lane *
/// laneStride + k * depthStride` further on. Packed panels of width w and depth d have perLane d,
/// lane stride 1, depth stride w. Columns of b must have a lane stride of 1.
struct TiledOperand {
  mlir::Value pointer;
  int64_t perLane = 0, laneStride = 1, depthStride = 1;
};

/// How many rows or columns. Unless `exact`, a last tile that begins before `count` and ends beyond
/// it is computed and written as a whole; else what is beyond is left alone.
struct TiledExtent {
  mlir::Value count;
  bool exact = false;
};

struct TiledRange {
  mlir::Value from, to;
};

/// Steps of a tile's inner loop, at each of which it can fetch lines.
int64_t fetchSteps(const MatmulTiles &tiles);

/// Lines of memory that a tile fetches while it computes, in the unrolled steps of its inner loop:
/// `count` of them from each of the places `from(row, column)`, at best a multiple of fetchSteps.
/// Line i is at `place + i % inner * innerStride + i / inner * outerStride`, in elements.
struct LineFetch {
  std::function<llvm::SmallVector<mlir::Value>(mlir::Value row, mlir::Value column)> from;
  int64_t count = 0, inner = 1, innerStride = 0, outerStride = 0;
  Fetch what = Fetch::ReadLater;
};

struct ProductBlock {
  TiledOperand a, b;
  TiledExtent rows, columns;
  /// How many rows the last tile has, where it has fewer than the others. It then has code of its
  /// own and reads no row of a beyond. 0: none is known to have fewer.
  int64_t lastRows = 0;
  mlir::Value depth;
  bool anyDepth = false; // else the depth is a multiple of 4
  /// Null, or the rows that are wanted of the tiles that begin at `column`, from a multiple of
  /// tiles.rows on.
  std::function<TiledRange(mlir::Value column)> rowsAt;
  /// Null, or the depths that tiles beginning at `row` need: elsewhere their rows of a are zero.
  /// As long as `anyDepth` says.
  std::function<TiledRange(mlir::Value row)> depthAt;
  /// Element (i, j) is at `c + i * rowStride + j` or, where a tile's columns are a panel of memory,
  /// at `c + i * rowStride + j' * perColumn + (j - j')` with j' the tile's first column.
  mlir::Value c;
  int64_t rowStride = 0, perColumn = 1;
  bool prefetched = false; // c is not in the cache: its lines are fetched in the inner loop
  /// Null, or what happens before each tile from `row` on. Gives a condition: where it is false the
  /// tile is left out.
  std::function<mlir::Value(mlir::Value row)> beforeTile;
  /// Null, or what happens after all tiles that begin at `column`.
  std::function<void(mlir::Value column)> afterColumn;
  std::optional<LineFetch> fetch;
  mlir::Value edge; // memory for a tile, where an extent is exact
};

/// A tile of c, or of a copy of it where a whole tile would not do.
struct ProductTile {
  mlir::Value row, column;               // in the block
  mlir::Value liveColumns;               // a mask; null: all are live
  llvm::SmallVector<mlir::Value> places; // where each row begins
};

/// What is added to each row of a tile, vectors of tiles.columns. Asked for after the inner loop,
/// so that what it loads has had the time of the loop to come.
using Addends = llvm::function_ref<llvm::SmallVector<mlir::Value>(const ProductTile &)>;

/// Other addends where the i1 `condition` is true.
struct OtherAddends {
  mlir::Value condition;
  Addends addends;
};

/// c = a . b + addends; null: none.
void emitProduct(mlir::OpBuilder &b, mlir::Location loc, const MatmulTiles &tiles,
                 const ProductBlock &block, Addends addends = nullptr, OtherAddends other = {});

} // namespace heddle::cpu
