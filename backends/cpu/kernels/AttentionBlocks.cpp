//===- AttentionBlocks.cpp - what the two attention kernels share ------------===//

#include "AttentionBlocks.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>
#include <numeric>

using namespace mlir;
using namespace heddle::cpu;

static int64_t roundedUp(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

AttentionBlocks::AttentionBlocks(Location loc, const VectorUnit &unit, const AttentionShape &shape,
                                 int64_t queries, int64_t keys)
    : loc(loc), shape(shape), tiles(matmulTiles(unit, shape.queries, shape.keys, shape.depth)) {
  const int64_t both = std::lcm(tiles.rows, tiles.columns);
  queryBlock = roundedUp(std::min(queries, shape.queries), both);
  keyBlock = roundedUp(std::min(keys, shape.keys), tiles.rows);
}

AttentionBlocks::Rows AttentionBlocks::rowsOf(Value pointer, const Layout &layout, Value batch,
                                              Value head, Value first) {
  ElementEmitter e = emitter();
  Value offset = e.add(e.mul(batch, layout.strides[0]), e.mul(head, layout.strides[1]));
  return {at(pointer, e.add(offset, e.mul(first, layout.strides[2]))), layout.strides[2],
          layout.strides[3]};
}

Value AttentionBlocks::linePointer(Value pointer, const Layout &layout, Value batch, Value head) {
  ElementEmitter e = emitter();
  return at(pointer, e.add(e.mul(batch, layout.strides[0]), e.mul(head, layout.strides[1])));
}

Value AttentionBlocks::scratch(int64_t elements) {
  return LLVM::AllocaOp::create(*b, loc, LLVM::LLVMPointerType::get(b->getContext()), f32(),
                                emitter().i64(elements), 64);
}

TiledOperand AttentionBlocks::packRows(const Rows &rows, Value count, int64_t total,
                                       int64_t columns, Value target) {
  packPanels(*b, loc, {rows.pointer, rows.rowStride, rows.columnStride}, {tiles.rows, columns},
             count, total % tiles.rows != 0, emitter().i64(columns), columns % 8 != 0, target);
  return {target, columns, 1, tiles.rows};
}

TiledOperand AttentionBlocks::packColumns(const Rows &rows, Value count, int64_t total,
                                          int64_t columns, Value target) {
  packPanels(*b, loc, {rows.pointer, rows.rowStride, rows.columnStride}, {tiles.columns, columns},
             count, total % tiles.columns != 0, emitter().i64(columns), columns % 8 != 0, target);
  return {target, columns, 1, tiles.columns};
}

TiledOperand AttentionBlocks::packAlongRows(const Rows &rows, Value count, int64_t block,
                                            int64_t columns, Value target) {
  packPanels(*b, loc, {rows.pointer, rows.columnStride, rows.rowStride}, {tiles.columns, block},
             emitter().i64(columns), columns % tiles.columns != 0, count, /*anyLength=*/true,
             target);
  return {target, block, 1, tiles.columns};
}

void AttentionBlocks::scores(const TiledOperand &a, Value keyCount, const TiledOperand &bOperand,
                             Value queryCount, int64_t depth, Value target) {
  ProductBlock block;
  block.a = a;
  block.b = bOperand;
  block.rows = {keyCount};
  block.columns = {queryCount};
  block.depth = emitter().i64(depth);
  block.anyDepth = depth % 4 != 0;
  block.c = target;
  block.rowStride = queryBlock;
  emitProduct(*b, loc, tiles, block);
}

void AttentionBlocks::forQueries(Value queryCount, function_ref<void(Value)> body) {
  emitLoop(*b, loc, emitter().i64(0), queryCount, lanes(), body);
}

Value AttentionBlocks::maskedScore(Value scores, Value key, Value first, Value firstKey,
                                   Value firstQuery) {
  ElementEmitter e = emitter();
  Value score = load(scores, e.add(e.mul(key, queryBlock), first));
  score = arith::MulFOp::create(*b, loc, score, constant(shape.scale));
  if (!shape.causal)
    return score;
  // In i32, of which a vector holds as many as of f32: the distance from the block's first key.
  auto narrow = [&](Value index) {
    return e.splat(arith::TruncIOp::create(*b, loc, b->getI32Type(), index), lanes());
  };
  SmallVector<int32_t> steps(lanes());
  std::iota(steps.begin(), steps.end(), 0);
  Value lane = arith::ConstantOp::create(
      *b, loc,
      DenseElementsAttr::get(VectorType::get({lanes()}, b->getI32Type()), ArrayRef(steps)));
  Value query = e.add(e.add(firstQuery, first), e.i64(shape.causalOffset()));
  Value last = arith::AddIOp::create(*b, loc, narrow(sub(query, firstKey)), lane);
  Value seen = arith::CmpIOp::create(*b, loc, arith::CmpIPredicate::sle, narrow(key), last);
  return arith::SelectOp::create(*b, loc, seen, score,
                                 constant(-std::numeric_limits<double>::infinity()));
}

Value AttentionBlocks::liveQueries(Value queryCount, Value first) {
  return emitter().mask(sub(queryCount, first), lanes());
}
