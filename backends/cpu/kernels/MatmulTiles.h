//===- MatmulTiles.h - the block sizes of a matrix product -------------------===//
//
// The blocking of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication"
// (2008): a tile of c in registers; a panel of b in the first-level cache, a block of a in the
// second, a block of b behind them.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "heddle/cpu/VectorUnit.h"

namespace heddle::cpu {

/// Elements of f32 of a cache line.
inline constexpr int64_t kLineElements = 16;

/// In elements of f32. Rows are a's, columns b's.
struct MatmulTiles {
  int64_t rows = 6, columns = 16; // of the register tile
  int64_t depth = 384;            // of a packed block, along the contracted dimension
  int64_t blockRows = 96;         // of the packed block of a: a multiple of `rows`
  int64_t blockColumns = 512;     // of the packed block of b: a multiple of `columns`
  bool rowsResident = false;      // all rows of a make one block
};

/// The largest register tile of `unit`.
MatmulTiles registerTile(const VectorUnit &unit);

/// Tiles for c [m, n] = a [m, k] . b [k, n] on `unit`.
MatmulTiles matmulTiles(const VectorUnit &unit, int64_t m, int64_t n, int64_t k);

} // namespace heddle::cpu
