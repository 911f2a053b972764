//===- MatmulTiles.cpp - the block sizes of a matrix product -----------------===//

#include "MatmulTiles.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace heddle::cpu;

MatmulTiles heddle::cpu::matmulTiles(const VectorUnit &unit, int64_t m, int64_t n, int64_t k) {
  MatmulTiles tiles;
  // Two vectors wide, and as many rows as leave two registers for b and one for a: 6 x 16 with
  // AVX2, 6 x 8 with SSE, 14 x 32 with AVX-512. That many independent sums hide the latency of a
  // multiply-add.
  tiles.columns = 2 * unit.vectorBits / 32;
  tiles.rows = std::min<int64_t>((unit.vectorRegisters - 3) / 2, 14);
  // A panel of b, depth x columns, fills half of a 32 KB cache; depths of one product are equal, so
  // that none is left short.
  const int64_t deepest = 384 * 16 / tiles.columns;
  const int64_t parts = std::max<int64_t>(1, (k + deepest - 1) / deepest);
  tiles.depth = std::max<int64_t>(8, llvm::alignTo((k + parts - 1) / parts, 8));
  tiles.blockRows = std::min(llvm::alignTo(96, tiles.rows), llvm::alignTo(m, tiles.rows));
  tiles.blockColumns = std::min(llvm::alignTo(512, tiles.columns), llvm::alignTo(n, tiles.columns));
  return tiles;
}
