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
                                 ScoreLanes scoreLanes, int64_t queries, int64_t keys)
    : loc(loc), shape(shape), tiles(registerTile(unit)), scoreLanes(scoreLanes) {
  // The lanes of scores are columns of one product and rows of another: 12 rows instead of 14 with
  // AVX-512.
  while (std::lcm(tiles.rows, tiles.columns) > 96)
    --tiles.rows;
  queryStep = keyStep = tiles.rows;
  (scoreLanes == ScoreLanes::Queries ? queryStep : keyStep) = std::lcm(tiles.rows, tiles.columns);
  queryBlock = llvm::alignTo(std::min(queries, shape.queries), queryStep);
  keyBlock = llvm::alignTo(std::min(keys, shape.keys), keyStep);
}

LogicalResult AttentionBlocks::fit(const BlockScratch &each) {
  auto bytes = [&] {
    return 4 * (queryBlock * each.query + keyBlock * each.key + queryBlock * keyBlock * each.pair +
                each.once);
  };
  auto halve = [](int64_t &block, int64_t step) { block = llvm::alignTo(block / 2, step); };
  while (bytes() > kPreferredBytes) {
    if (queryBlock > queryStep && (queryBlock >= keyBlock || keyBlock == keyStep))
      halve(queryBlock, queryStep);
    else if (keyBlock > keyStep)
      halve(keyBlock, keyStep);
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

void AttentionBlocks::start(OpBuilder &builder, ArrayRef<Value> pointers, ArrayRef<Layout> inputs) {
  b = &builder;
  ElementEmitter e = emitter();
  position = e.i64(shape.lastPosition());
  if (shape.positioned) {
    Value given = e.load(pointers[inputs.size() - 1], inputs.back().element, e.i64(0), 0, 1, {});
    position = e.clamp(given, shape.lastPosition() + 1);
  }
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

AttentionBlocks::RowCopy AttentionBlocks::copyRows(const Rows &rows, Value count, int64_t columns,
                                                   double scale, Value target) {
  ElementEmitter e = emitter();
  const int64_t stride = copyStride(columns);
  emitLoop(*b, loc, e.i64(0), count, 1, [&](Value row) {
    for (int64_t column = 0; column < columns; column += lanes()) {
      const int64_t live = std::min(lanes(), columns - column);
      Value from = e.add(e.mul(row, rows.rowStride), e.i64(column * rows.columnStride));
      Value values = e.load(rows.pointer, f32(), from, rows.columnStride, lanes(),
                            live < lanes() ? e.mask(e.i64(live), lanes()) : Value());
      if (scale != 1.0)
        values = arith::MulFOp::create(*b, loc, values, constant(scale));
      store(values, target, e.add(e.mul(row, stride), e.i64(column)));
    }
  });
  return {target, stride};
}

TiledOperand AttentionBlocks::packColumns(const Rows &rows, Value count, int64_t total,
                                          int64_t columns, Value target) {
  packPanels(*b, loc, {rows.pointer, rows.rowStride, rows.columnStride}, {tiles.columns, columns},
             count, total % tiles.columns != 0, emitter().i64(columns), lengthUnitOf(columns),
             target);
  return {target, columns, 1, tiles.columns};
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

Value AttentionBlocks::seen(Value query, Value key, bool causally) {
  Value result = mask ? shown(query, key) : Value();
  if (!causally)
    return result;
  // In i32, of which a vector holds as many as of f32.
  ElementEmitter e = emitter();
  SmallVector<int32_t> steps(lanes());
  std::iota(steps.begin(), steps.end(), 0);
  Value lane = arith::ConstantOp::create(
      *b, loc,
      DenseElementsAttr::get(VectorType::get({lanes()}, b->getI32Type()), ArrayRef(steps)));
  Value last = e.add(query, position);
  const bool queries = scoreLanes == ScoreLanes::Queries;
  Value distance =
      arith::TruncIOp::create(*b, loc, b->getI32Type(), queries ? sub(key, last) : sub(last, key));
  Value causal = arith::CmpIOp::create(
      *b, loc, queries ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sle, lane,
      e.splat(distance, lanes()));
  return result ? Value(arith::AndIOp::create(*b, loc, result, causal)) : causal;
}

Value AttentionBlocks::shown(Value query, Value key) {
  ElementEmitter e = emitter();
  const bool queries = scoreLanes == ScoreLanes::Queries;
  const int64_t stride = queries ? mask->rowStride : mask->columnStride;
  const int64_t end = queries ? shape.queries : shape.keys;
  Value first = queries ? query : key;
  Value other = queries ? e.mul(key, mask->columnStride) : e.mul(query, mask->rowStride);
  auto load = [&] {
    return e.load(mask->pointer, b->getI1Type(), e.add(other, e.mul(first, stride)), stride,
                  lanes(), {});
  };
  // Lanes beyond the last one read that one's: a gather without a mask has no branches.
  auto gather = [&] {
    Value lane = minimum(e.lanes(first, 1, lanes()), e.splat(e.i64(end - 1), lanes()));
    Value offsets = arith::MulIOp::create(*b, loc, lane, e.splat(e.i64(stride), lanes()));
    offsets = arith::AddIOp::create(*b, loc, offsets, e.splat(other, lanes()));
    return e.gather(mask->pointer, b->getI1Type(), offsets, lanes(), {});
  };
  if (stride == 0 || (stride == 1 && end % lanes() == 0))
    return load();
  if (stride != 1)
    return gather();
  Value whole = arith::CmpIOp::create(*b, loc, arith::CmpIPredicate::sle,
                                      e.add(first, e.i64(lanes())), e.i64(end));
  return emitChoice(*b, loc, whole, load, gather);
}

Value AttentionBlocks::keysSeen(const BlockPair &pair, Value query) {
  ElementEmitter e = emitter();
  Value end = e.add(e.add(pair.firstQuery, query), e.add(position, e.i64(1)));
  return maximum(e.i64(0), minimum(sub(end, pair.firstKey), pair.keyCount));
}

Value AttentionBlocks::queriesBefore(const BlockPair &pair, Value key) {
  ElementEmitter e = emitter();
  Value first = sub(e.add(pair.firstKey, key), position);
  return maximum(e.i64(0), minimum(sub(first, pair.firstQuery), pair.queryCount));
}

Value AttentionBlocks::liveQueries(Value queryCount, Value first) {
  return emitter().mask(sub(queryCount, first), lanes());
}
