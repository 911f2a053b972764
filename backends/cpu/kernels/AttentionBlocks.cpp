//===- AttentionBlocks.cpp - what the two attention kernels share ------------===//

#include "AttentionBlocks.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/MathExtras.h"

#include <limits>
#include <numeric>

using namespace mlir;
using namespace heddle::cpu;

/// Of scratch. Beyond the first blocks are made smaller; threads have 8 MB of stack as a rule.
static constexpr int64_t kPreferredBytes = 1 << 20, kMostBytes = 4 << 20;

AttentionBlocks::AttentionBlocks(Location loc, const VectorUnit &unit, const AttentionShape &shape,
                                 int64_t queries, int64_t keys)
    : loc(loc), shape(shape), tiles(registerTile(unit)) {
  // Queries are columns of one tile and rows of another: 12 rows instead of 14 with AVX-512.
  while (std::lcm(tiles.rows, tiles.columns) > 96)
    --tiles.rows;
  queryBlock = llvm::alignTo(std::min(queries, shape.queries), queryStep());
  keyBlock = llvm::alignTo(std::min(keys, shape.keys), tiles.rows);
}

LogicalResult AttentionBlocks::fit(const BlockScratch &each) {
  auto bytes = [&] {
    return 4 * (queryBlock * each.query + keyBlock * each.key + queryBlock * keyBlock * each.pair);
  };
  auto halve = [](int64_t &block, int64_t step) { block = llvm::alignTo(block / 2, step); };
  while (bytes() > kPreferredBytes) {
    if (queryBlock > queryStep() && (queryBlock >= keyBlock || keyBlock == tiles.rows))
      halve(queryBlock, queryStep());
    else if (keyBlock > tiles.rows)
      halve(keyBlock, tiles.rows);
    else
      break;
  }
  if (bytes() <= kMostBytes)
    return success();
  return emitError(loc) << "attention on heads of " << shape.depth << " and " << shape.width
                        << " elements would take " << bytes()
                        << " bytes of each thread's stack, more than the " << kMostBytes
                        << " that the CPU backend allows; use more and narrower heads";
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

void AttentionBlocks::writeRows(Value sums, const Rows &rows, Value count, int64_t columns,
                                function_ref<Value(Value, Value)> finish) {
  ElementEmitter e = emitter();
  const int64_t whole = columns / lanes() * lanes();
  emitLoop(*b, loc, e.i64(0), count, 1, [&](Value row) {
    auto write = [&](Value column, Value mask) {
      Value sum = load(sums, e.add(e.mul(row, padded(columns)), column));
      e.store(rows.pointer, f32(),
              e.add(e.mul(row, rows.rowStride), e.mul(column, rows.columnStride)),
              rows.columnStride, lanes(), mask, finish(row, sum));
    };
    emitLoop(*b, loc, e.i64(0), e.i64(whole), lanes(), [&](Value column) { write(column, {}); });
    if (whole < columns)
      write(e.i64(whole), e.mask(e.i64(columns - whole), lanes()));
  });
}

void AttentionBlocks::forQueries(Value queryCount, function_ref<void(Value)> body) {
  emitLoop(*b, loc, emitter().i64(0), queryCount, lanes(), body);
}

void AttentionBlocks::setMask(Value pointer, const Layout &layout, Value batch, Value head) {
  ElementEmitter e = emitter();
  auto stride = [&](unsigned d) { return layout.shape[d] == 1 ? 0 : layout.strides[d]; };
  Value offset = e.add(e.mul(batch, stride(0)), e.mul(head, stride(1)));
  mask = {e.address(pointer, b->getI1Type(), offset), stride(2), stride(3)};
}

Value AttentionBlocks::maskedScore(Value scores, Value key, Value first, Value firstKey,
                                   Value firstQuery) {
  ElementEmitter e = emitter();
  Value score = load(scores, e.add(e.mul(key, queryBlock), first));
  score = arith::MulFOp::create(*b, loc, score, constant(shape.scale));
  Value hidden = constant(-std::numeric_limits<double>::infinity());
  if (shape.causal)
    score = arith::SelectOp::create(*b, loc, causallySeen(key, first, firstKey, firstQuery), score,
                                    hidden);
  if (mask)
    score =
        arith::SelectOp::create(*b, loc, shown(key, first, firstKey, firstQuery), score, hidden);
  return score;
}

// In i32, of which a vector holds as many as of f32: the distance from the block's first key.
Value AttentionBlocks::causallySeen(Value key, Value first, Value firstKey, Value firstQuery) {
  ElementEmitter e = emitter();
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
  return arith::CmpIOp::create(*b, loc, arith::CmpIPredicate::sle, narrow(key), last);
}

Value AttentionBlocks::shown(Value key, Value first, Value firstKey, Value firstQuery) {
  ElementEmitter e = emitter();
  Value column = e.mul(e.add(firstKey, key), mask->columnStride);
  if (mask->rowStride == 0)
    return e.load(mask->pointer, b->getI1Type(), column, 0, lanes(), {});
  // Lanes beyond the last query read the last one's: a gather without a mask has no branches.
  Value query = e.lanes(e.add(firstQuery, first), 1, lanes());
  query = minimum(query, e.splat(e.i64(shape.queries - 1), lanes()));
  Value stride = e.splat(e.i64(mask->rowStride), lanes());
  Value offsets = arith::AddIOp::create(*b, loc, arith::MulIOp::create(*b, loc, query, stride),
                                        e.splat(column, lanes()));
  return e.gather(mask->pointer, b->getI1Type(), offsets, lanes(), {});
}

Value AttentionBlocks::liveQueries(Value queryCount, Value first) {
  return emitter().mask(sub(queryCount, first), lanes());
}
