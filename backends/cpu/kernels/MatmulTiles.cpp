//===- MatmulTiles.cpp - the block sizes of a matrix product -----------------===//

#include "MatmulTiles.h"

#include <algorithm>

using namespace heddle::cpu;

static int64_t roundedUp(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

MatmulTiles heddle::cpu::matmulTiles(const VectorUnit &target, int64_t m, int64_t n, int64_t k) {
  MatmulTiles tiles;
  // Two vectors wide, and as many rows as leave two registers for b and one for a: 6 x 16 with
  // AVX2, 6 x 8 with SSE, 14 x 32 with AVX-512. That many independent sums hide the latency of a
  // multiply-add.
  tiles.columns = 2 * target.vectorBits / 32;
  tiles.rows = std::min<int64_t>((target.vectorRegisters - 3) / 2, 14);
  // A panel of b, depth x columns, fills half of a 32 KB cache; depths of one product are equal, so
  // that none is left short.
  const int64_t deepest = 384 * 16 / tiles.columns;
  const int64_t parts = std::max<int64_t>(1, (k + deepest - 1) / deepest);
  tiles.depth = std::max<int64_t>(8, roundedUp((k + parts - 1) / parts, 8));
  tiles.blockRows = std::min(roundedUp(96, tiles.rows), roundedUp(m, tiles.rows));
  tiles.blockColumns = std::min(roundedUp(512, tiles.columns), roundedUp(n, tiles.columns));
  return tiles;
}
