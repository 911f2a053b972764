//===- PanelsOfB.cpp - a product's second operand, as its tiles read it ------===//

#include "PanelsOfB.h"

#include "ElementEmitter.h"
#include "Loops.h"
#include "PackedPanels.h"
#include "heddle/cpu/KernelLibrary.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace heddle::cpu;

PackedForm PanelsOfB::packedForm(const ContractionLayout &p, const MatmulTiles &tiles) {
  return {p.k, p.n, p.b.row, p.b.column, tiles.columns, tiles.depth};
}

void PanelsOfB::start(OpBuilder &builder, Location where, Value memory) {
  b = &builder;
  loc = where;
  matrix = memory;
}

Value PanelsOfB::pointerAt(Value offset) const {
  return ElementEmitter(*b, *loc).address(matrix, b->getF32Type(), offset);
}

TiledOperand PanelsOfB::inMemory(Value column, Value k) const {
  ElementEmitter e(*b, *loc);
  const int64_t perLane = isPacked ? tiles.depth : p.k,
                perPosition =
                    isPacked ? packedForm(p, tiles).blockStride() / tiles.depth : p.b.panel;
  return {pointerAt(e.add(e.mul(k, perPosition), e.mul(column, perLane))), perLane, 1,
          tiles.columns};
}

LineFetch PanelsOfB::nextInMemory(const TiledOperand &block, int64_t tileCount) const {
  const int64_t steps = fetchSteps(tiles);
  const int64_t lines =
      llvm::divideCeil(tiles.columns * tiles.depth, tileCount * steps * kLineElements);
  const int64_t count = lines * steps;
  auto from = [this, block, count](Value row, Value column) {
    ElementEmitter e(*b, *loc);
    Value tile = arith::DivUIOp::create(*b, *loc, row, e.i64(tiles.rows));
    Value panel = e.mul(e.add(column, e.i64(tiles.columns)), block.perLane);
    return SmallVector{e.address(block.pointer, b->getF32Type(),
                                 e.add(panel, e.mul(tile, count * kLineElements)))};
  };
  return {from, count, count, kLineElements, 0};
}

Value PanelsOfB::source(Value column, Value k) const {
  ElementEmitter e(*b, *loc);
  const int64_t perLane = packsSquares() ? p.b.panel : p.b.column,
                perPosition = packsSquares() ? p.n : p.b.row;
  return pointerAt(e.add(e.mul(column, perLane), e.mul(k, perPosition)));
}

void PanelsOfB::pack(Value column, Value lanes, Value k, Value length, Value target) const {
  ElementEmitter e(*b, *loc);
  const bool anyLanes = p.n % tiles.columns != 0;
  const PanelShape shape{tiles.columns, tiles.depth};
  if (!packsSquares())
    return packPanels(*b, *loc, {source(column, k), p.b.column, p.b.row}, shape, lanes, anyLanes,
                      length, lengthUnitOf(p.k), target);
  const int64_t panel = p.b.panel;
  emitLoop(*b, *loc, e.i64(0), length, panel, [&](Value position) {
    packPanels(*b, *loc, {source(column, e.add(k, position)), panel, 1}, shape, lanes, anyLanes,
               e.i64(panel), lengthUnitOf(panel),
               e.address(target, b->getF32Type(), e.mul(position, tiles.columns)));
  });
}

LineFetch PanelsOfB::sourceOf(int64_t length, std::function<Value(Value)> source) const {
  auto at = [source = std::move(source)](Value row, Value) { return SmallVector{source(row)}; };
  if (packsSquares()) {
    const int64_t square = p.b.panel * tiles.columns / kLineElements;
    return {at, length / p.b.panel * square, square, kLineElements, p.b.panel * p.n};
  }
  if (p.b.column == 1) {
    const int64_t row = std::max<int64_t>(tiles.columns / kLineElements, 1);
    return {at, length * row, row, kLineElements, p.b.row};
  }
  const int64_t lines = (length + kLineElements - 1) / kLineElements;
  return {at, tiles.columns * lines, tiles.columns, p.b.column, kLineElements * p.b.row};
}
