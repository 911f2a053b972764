//===- AttentionGradientKernel.cpp - the gradient of attention ---------------===//
//
// An iteration is one batch and head. For a block of keys, for a block of queries that see any of
// them: the weights P are computed again from the scores and logsumexp, then
//
//   dV += P^T dY    dS = P * (dY V^T - delta) * scale    dK += dS^T Q    dQ += dS K
//
// dV and dK of the block of keys are summed in scratch, dQ where it belongs.
//
//===----------------------------------------------------------------------===//

#include "AttentionBlocks.h"

#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

namespace {
class AttentionGradientKernel {
public:
  AttentionGradientKernel(Location loc, const VectorUnit &unit, const AttentionShape &shape,
                          ArrayRef<Layout> inputs, ArrayRef<Layout> outputs)
      : s(shape), k(loc, unit, shape, 96, 96), inputs(inputs), outputs(outputs) {}

  LogicalResult fit() {
    const int64_t depth = k.padded(s.depth), width = k.padded(s.width);
    return k.fit({s.depth + depth + s.width + width, s.depth + 2 * depth + s.width + width, 2});
  }

  void emit(OpBuilder &builder, const TaskFrame &frame) {
    k.start(builder);
    ElementEmitter e = k.emitter();
    pointers = frame.pointers;
    kRows = k.scratch(k.keyBlock * s.depth);
    vRows = k.scratch(k.keyBlock * s.width);
    kAlong = k.scratch(k.keyBlock * k.padded(s.depth));
    qColumns = k.scratch(k.queryBlock * s.depth);
    dyColumns = k.scratch(k.queryBlock * s.width);
    qAlong = k.scratch(k.queryBlock * k.padded(s.depth));
    dyAlong = k.scratch(k.queryBlock * k.padded(s.width));
    weights = k.scratch(k.keyBlock * k.queryBlock);
    dScores = k.scratch(k.keyBlock * k.queryBlock);
    edge = k.scratch(k.tiles.rows * k.tiles.columns);
    dK = k.scratch(k.keyBlock * k.padded(s.depth));
    dV = k.scratch(k.keyBlock * k.padded(s.width));
    emitLoop(builder, k.loc, frame.begin, frame.end, 1, [&](Value item) {
      batch = arith::DivUIOp::create(builder, k.loc, item, e.i64(s.heads));
      head = arith::RemUIOp::create(builder, k.loc, item, e.i64(s.heads));
      if (inputs.size() > Mask)
        k.setMask(pointers[Mask], inputs[Mask], batch, head);
      emitLoop(builder, k.loc, e.i64(0), e.i64(s.keys), k.keyBlock,
               [&](Value firstKey) { emitKeys(firstKey); });
    });
  }

private:
  enum { Q, K, V, LogSumExp, Delta, Dy, Mask };
  enum { DQ, DK, DV };

  AttentionBlocks::Rows input(unsigned index, Value first) {
    return k.rowsOf(pointers[index], inputs[index], batch, head, first);
  }
  AttentionBlocks::Rows output(unsigned index, Value first) {
    return k.rowsOf(pointers[inputs.size() + index], outputs[index], batch, head, first);
  }

  void emitKeys(Value firstKey) {
    ElementEmitter e = k.emitter();
    Value keyCount = k.minimum(e.i64(k.keyBlock), k.sub(e.i64(s.keys), firstKey));
    TiledOperand keys = k.packRows(input(K, firstKey), keyCount, s.keys, s.depth, kRows);
    TiledOperand values = k.packRows(input(V, firstKey), keyCount, s.keys, s.width, vRows);
    TiledOperand along = k.packAlongRows(input(K, firstKey), keyCount, k.keyBlock, s.depth, kAlong);
    auto clear = [&](Value target, int64_t columns) {
      emitLoop(*k.b, k.loc, e.i64(0), e.i64(k.keyBlock * k.padded(columns)), k.lanes(),
               [&](Value i) { k.store(k.constant(0.0), target, i); });
    };
    clear(dK, s.depth);
    clear(dV, s.width);
    // The first block of queries that sees the first key. With fewer keys than queries, some see
    // none, and the first block of keys begins their dQ too.
    Value first = e.i64(0);
    if (s.causal && s.causalOffset() >= 0) {
      first = k.maximum(first, k.sub(firstKey, e.i64(s.causalOffset())));
      first = e.mul(arith::DivUIOp::create(*k.b, k.loc, first, e.i64(k.queryBlock)), k.queryBlock);
    }
    emitLoop(*k.b, k.loc, first, e.i64(s.queries), k.queryBlock, [&](Value firstQuery) {
      emitPair(firstKey, keyCount, keys, values, along, firstQuery);
    });
    auto asTheyAre = [](Value, Value sums) { return sums; };
    k.writeRows(dK, output(DK, firstKey), keyCount, s.depth, asTheyAre);
    k.writeRows(dV, output(DV, firstKey), keyCount, s.width, asTheyAre);
  }

  void emitPair(Value firstKey, Value keyCount, const TiledOperand &keys,
                const TiledOperand &values, const TiledOperand &keysAlong, Value firstQuery) {
    ElementEmitter e = k.emitter();
    Value queryCount = k.minimum(e.i64(k.queryBlock), k.sub(e.i64(s.queries), firstQuery));
    TiledOperand q = k.packColumns(input(Q, firstQuery), queryCount, s.queries, s.depth, qColumns);
    TiledOperand dy =
        k.packColumns(input(Dy, firstQuery), queryCount, s.queries, s.width, dyColumns);
    TiledOperand qRows =
        k.packAlongRows(input(Q, firstQuery), queryCount, k.queryBlock, s.depth, qAlong);
    TiledOperand dyRows =
        k.packAlongRows(input(Dy, firstQuery), queryCount, k.queryBlock, s.width, dyAlong);
    k.scores(keys, keyCount, q, queryCount, s.depth, weights);
    k.scores(values, keyCount, dy, queryCount, s.width, dScores);
    k.forQueries(queryCount,
                 [&](Value first) { combine(first, firstKey, keyCount, firstQuery, queryCount); });
    accumulate(dV, {weights, k.queryBlock, k.queryBlock, 1}, keyCount, dyRows, s.width, queryCount);
    accumulate(dK, {dScores, k.queryBlock, k.queryBlock, 1}, keyCount, qRows, s.depth, queryCount);
    accumulateQueries(firstKey, keyCount, keysAlong, firstQuery, queryCount);
  }

  /// weights: from scores to P. dScores: from dP to dS.
  void combine(Value first, Value firstKey, Value keyCount, Value firstQuery, Value queryCount) {
    ElementEmitter e = k.emitter();
    OpBuilder &b = *k.b;
    Value mask = k.liveQueries(queryCount, first);
    auto line = [&](unsigned index) {
      const Layout &layout = inputs[index];
      Value pointer = k.linePointer(pointers[index], layout, batch, head);
      return e.load(pointer, k.f32(), e.mul(e.add(firstQuery, first), layout.strides[2]),
                    layout.strides[2], k.lanes(), mask);
    };
    Value logSumExp = line(LogSumExp), delta = line(Delta);
    if (inputs.size() > Mask || (s.causal && s.causalOffset() < 0)) {
      // A query that sees no key: e^(-inf - 0) is 0.
      Value none = arith::CmpFOp::create(b, k.loc, arith::CmpFPredicate::OEQ, logSumExp,
                                         k.constant(-std::numeric_limits<double>::infinity()));
      logSumExp = arith::SelectOp::create(b, k.loc, none, k.constant(0.0), logSumExp);
    }
    emitLoop(b, k.loc, e.i64(0), keyCount, 1, [&](Value key) {
      Value place = e.add(e.mul(key, k.queryBlock), first);
      Value score = k.maskedScore(weights, key, first, firstKey, firstQuery);
      Value weight =
          math::ExpOp::create(b, k.loc, arith::SubFOp::create(b, k.loc, score, logSumExp));
      k.store(weight, weights, place);
      Value change = arith::SubFOp::create(b, k.loc, k.load(dScores, place), delta);
      change = arith::MulFOp::create(b, k.loc, change, k.constant(s.scale));
      k.store(arith::MulFOp::create(b, k.loc, weight, change), dScores, place);
    });
  }

  /// sums [keys, columns] += a . rows
  void accumulate(Value sums, const TiledOperand &a, Value keyCount, const TiledOperand &rows,
                  int64_t columns, Value queryCount) {
    ProductBlock block;
    block.a = a;
    block.b = rows;
    block.rows = {keyCount};
    block.columns = {k.emitter().i64(columns)};
    block.depth = queryCount;
    block.anyDepth = s.queries % 4 != 0 || k.queryBlock % 4 != 0;
    block.c = sums;
    block.rowStride = k.padded(columns);
    emitProduct(*k.b, k.loc, k.tiles, block, [&](const ProductTile &tile) {
      SmallVector<Value> before;
      for (Value place : tile.places)
        before.push_back(k.load(place, k.emitter().i64(0)));
      return before;
    });
  }

  /// dQ += dS K, at its place in memory; the first block of keys begins it.
  void accumulateQueries(Value firstKey, Value keyCount, const TiledOperand &keysAlong,
                         Value firstQuery, Value queryCount) {
    ElementEmitter e = k.emitter();
    AttentionBlocks::Rows dq = output(DQ, firstQuery);
    ProductBlock block;
    block.a = {dScores, 1, 1, k.queryBlock};
    block.b = keysAlong;
    block.rows = {queryCount, s.queries % k.tiles.rows != 0};
    block.columns = {e.i64(s.depth), s.depth % k.lanes() != 0};
    block.depth = keyCount;
    block.anyDepth = s.keys % 4 != 0 || k.keyBlock % 4 != 0;
    block.c = dq.pointer;
    block.rowStride = dq.rowStride;
    block.edge = edge;
    Value begins = arith::CmpIOp::create(*k.b, k.loc, arith::CmpIPredicate::eq, firstKey, e.i64(0));
    emitProduct(*k.b, k.loc, k.tiles, block, [&](const ProductTile &tile) {
      SmallVector<Value> before;
      for (Value place : tile.places)
        before.push_back(
            arith::SelectOp::create(*k.b, k.loc, begins, k.constant(0.0), k.load(place, e.i64(0))));
      return before;
    });
  }

  AttentionShape s;
  AttentionBlocks k;
  SmallVector<Layout> inputs, outputs;
  SmallVector<Value> pointers;
  Value batch, head;
  Value kRows, vRows, kAlong, qColumns, dyColumns, qAlong, dyAlong, weights, dScores, dK, dV, edge;
};
} // namespace

FailureOr<Task> KernelLibrary::attentionGradient(Location loc, const AttentionShape &shape,
                                                 ArrayRef<Layout> inputs,
                                                 ArrayRef<Layout> outputs) {
  AttentionGradientKernel kernel(loc, unit, shape, inputs, outputs);
  if (failed(kernel.fit()))
    return failure();
  OpBuilder builder(module.getContext());
  TaskFrame frame = begin(builder, loc, inputs.size() + outputs.size());
  kernel.emit(builder, frame);
  return finish(frame, shape.batch * shape.heads,
                shape.queries * shape.keys * (3 * shape.depth + 2 * shape.width) / 16,
                "attention_gradient");
}
