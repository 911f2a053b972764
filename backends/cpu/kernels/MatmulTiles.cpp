//===- MatmulTiles.cpp - the block sizes of a matrix product -----------------===//

#include "MatmulTiles.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace heddle::cpu;

/// The size of equal parts of `extent`, as few as parts of at most `most` can be: none is left
/// short.
static int64_t evenPart(int64_t extent, int64_t most) {
  const int64_t parts = std::max<int64_t>(1, llvm::divideCeil(extent, most));
  return std::max<int64_t>(1, llvm::divideCeil(extent, parts));
}

MatmulTiles heddle::cpu::registerTile(const VectorUnit &unit) {
  // Two vectors wide, and as many rows as leave two registers for b and one for a: 6 x 16 with
  // AVX2, 6 x 8 with SSE, 14 x 32 with AVX-512. That many independent sums hide the latency of a
  // multiply-add.
  MatmulTiles tiles;
  tiles.columns = 2 * unit.vectorBits / 32;
  tiles.rows = std::min<int64_t>((unit.vectorRegisters - 3) / 2, 14);
  return tiles;
}

MatmulTiles heddle::cpu::matmulTiles(const VectorUnit &unit, int64_t m, int64_t n, int64_t k) {
  MatmulTiles tiles = registerTile(unit);
  if (n <= tiles.columns / 2) { // one vector, not half a tile of zeros
    tiles.columns /= 2;
    tiles.rows = std::min<int64_t>(unit.vectorRegisters - 3, 16);
  }
  // 64 rows are five tiles of 13, not four of 14 and a rest of 8.
  tiles.rows = evenPart(m, tiles.rows);
  // A panel of b is 24 KB with AVX2, in the first-level cache. With AVX-512 it is 96 KB and comes
  // from the second-level one, which the few bytes a cycle that a tile of 14 rows needs allow;
  // shorter ones would have c read and written more often. A multiple of the squares in which b is
  // packed.
  const bool isWide = unit.vectorBits >= 512;
  tiles.depth = llvm::alignTo(evenPart(k, isWide ? 768 : 384), isWide ? 16 : 8);
  // Where all rows of a make one block, that is packed once and b in smaller blocks.
  constexpr int64_t residentRows = 256;
  tiles.rowsResident = m <= residentRows;
  const int64_t blockRows = tiles.rowsResident ? m : 96,
                blockColumns = tiles.rowsResident ? 128 : 512;
  tiles.blockRows = llvm::alignTo(std::min(blockRows, m), tiles.rows);
  tiles.blockColumns = llvm::alignTo(std::min(blockColumns, n), tiles.columns);
  return tiles;
}
