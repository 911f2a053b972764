//===- AttentionGradientKernel.cpp - the gradient of attention ---------------===//
//
// An iteration is one batch and head. For a block of keys, for a block of queries that see any of
// them: the weights P are computed again from the scores and logsumexp, then
//
//   dV += P^T dY    dS = P * (dY V^T - delta)    dK += scale dS^T Q    dQ += scale dS K
//
// dV and dK of the block of keys are summed in scratch, dQ where it belongs. The copies of q and k
// are scaled already. Of blocks that are partly hidden only the tiles with seen scores are done.
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
      : s(shape), k(loc, unit, shape, ScoreLanes::Keys, 96, 96), inputs(inputs), outputs(outputs) {}

  LogicalResult fit() {
    const int64_t depth = k.copyStride(s.depth), width = k.copyStride(s.width);
    return k.fit({.query = depth + width,
                  .key = s.depth + s.width + depth + k.padded(s.depth) + k.padded(s.width),
                  .pair = 2});
  }

  void emit(OpBuilder &builder, const TaskFrame &frame) {
    pointers = frame.pointers;
    k.start(builder, pointers, inputs);
    ElementEmitter e = k.emitter();
    packedK = k.scratch(k.keyBlock * s.depth);
    packedV = k.scratch(k.keyBlock * s.width);
    copiedK = k.scratch(k.keyBlock * k.copyStride(s.depth));
    copiedQ = k.scratch(k.queryBlock * k.copyStride(s.depth));
    copiedDy = k.scratch(k.queryBlock * k.copyStride(s.width));
    weights = k.scratch(k.keyBlock * k.queryBlock);
    dScores = k.scratch(k.keyBlock * k.queryBlock);
    edge = k.scratch(k.tiles.rows * k.tiles.columns);
    dK = k.scratch(k.keyBlock * k.padded(s.depth));
    dV = k.scratch(k.keyBlock * k.padded(s.width));
    emitLoop(builder, k.loc, frame.begin, frame.end, 1, [&](Value item) {
      batch = arith::DivUIOp::create(builder, k.loc, item, e.i64(s.heads));
      head = arith::RemUIOp::create(builder, k.loc, item, e.i64(s.heads));
      if (s.masked)
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
    keyColumns = k.packColumns(input(K, firstKey), keyCount, s.keys, s.depth, packedK);
    valueColumns = k.packColumns(input(V, firstKey), keyCount, s.keys, s.width, packedV);
    keys = k.copyRows(input(K, firstKey), keyCount, s.depth, s.scale, copiedK);
    auto clear = [&](Value target, int64_t columns) {
      emitLoop(*k.b, k.loc, e.i64(0), e.i64(k.keyBlock * k.padded(columns)), k.lanes(),
               [&](Value i) { k.store(k.constant(0.0), target, i); });
    };
    clear(dK, s.depth);
    clear(dV, s.width);
    // The first block of queries that sees the first key. With fewer keys than queries, some see
    // none, and the first block of keys begins their dQ too.
    Value first = e.i64(0);
    if (s.causal && s.lastPosition() >= 0) {
      first = k.maximum(first, k.sub(firstKey, k.position));
      first = e.mul(arith::DivUIOp::create(*k.b, k.loc, first, e.i64(k.queryBlock)), k.queryBlock);
    }
    emitLoop(*k.b, k.loc, first, e.i64(s.queries), k.queryBlock, [&](Value firstQuery) {
      Value queryCount = k.minimum(e.i64(k.queryBlock), k.sub(e.i64(s.queries), firstQuery));
      emitPair({firstQuery, queryCount, firstKey, keyCount});
    });
    auto asTheyAre = [](Value, Value sums) { return sums; };
    k.writeRows(dK, output(DK, firstKey), keyCount, s.depth, asTheyAre);
    k.writeRows(dV, output(DV, firstKey), keyCount, s.width, asTheyAre);
  }

  void emitPair(const BlockPair &pair) {
    ElementEmitter e = k.emitter();
    AttentionBlocks::RowCopy q =
        k.copyRows(input(Q, pair.firstQuery), pair.queryCount, s.depth, s.scale, copiedQ);
    AttentionBlocks::RowCopy dy =
        k.copyRows(input(Dy, pair.firstQuery), pair.queryCount, s.width, 1.0, copiedDy);
    multiplyRows(q.rows(), keyColumns, s.depth, weights, pair);
    multiplyRows(dy.rows(), valueColumns, s.width, dScores, pair);
    emitLoop(*k.b, k.loc, e.i64(0), pair.queryCount, 1, [&](Value query) { combine(query, pair); });
    accumulateKeys(dV, weights, dy.columns(), s.width, pair);
    accumulateKeys(dK, dScores, q.columns(), s.depth, pair);
    accumulateQueries(pair);
  }

  /// target [queries, keys] = rows . columns
  void multiplyRows(const TiledOperand &rows, const TiledOperand &columns, int64_t depth,
                    Value target, const BlockPair &pair) {
    ProductBlock block;
    block.a = rows;
    block.b = columns;
    block.rows = {pair.queryCount};
    block.columns = {pair.keyCount};
    block.depth = k.emitter().i64(depth);
    block.anyDepth = depth % 4 != 0;
    block.c = target;
    block.rowStride = k.keyBlock;
    if (s.causal)
      block.rowsAt = [&](Value key) -> TiledRange {
        Value before = k.queriesBefore(pair, key);
        Value rest = arith::RemUIOp::create(*k.b, k.loc, before, k.emitter().i64(k.tiles.rows));
        return {k.sub(before, rest), pair.queryCount};
      };
    emitProduct(*k.b, k.loc, k.tiles, block);
  }

  /// weights: from scores to P. dScores: from dP to dS.
  void combine(Value query, const BlockPair &pair) {
    ElementEmitter e = k.emitter();
    OpBuilder &b = *k.b;
    Value row = e.add(pair.firstQuery, query);
    auto line = [&](unsigned index) {
      const Layout &layout = inputs[index];
      Value pointer = k.linePointer(pointers[index], layout, batch, head);
      return e.load(pointer, k.f32(), e.mul(row, layout.strides[2]), 0, k.lanes(), {});
    };
    Value logSumExp = line(LogSumExp), delta = line(Delta);
    if (s.maySeeNone()) {
      // A query that sees no key: e^(-inf - 0) is 0.
      Value none = arith::CmpFOp::create(b, k.loc, arith::CmpFPredicate::OEQ, logSumExp,
                                         k.constant(-std::numeric_limits<double>::infinity()));
      logSumExp = arith::SelectOp::create(b, k.loc, none, k.constant(0.0), logSumExp);
    }
    Value end = pair.keyCount;
    if (s.causal)
      end = k.minimum(end, e.add(k.keysSeen(pair, query), e.i64(k.margin())));
    emitLoop(b, k.loc, e.i64(0), end, k.lanes(), [&](Value key) {
      Value place = e.add(e.mul(query, k.keyBlock), key);
      Value score = arith::SubFOp::create(b, k.loc, k.load(weights, place), logSumExp);
      Value change = arith::SubFOp::create(b, k.loc, k.load(dScores, place), delta);
      if (Value seen = k.seen(row, e.add(pair.firstKey, key), s.causal)) {
        score = arith::SelectOp::create(b, k.loc, seen, score,
                                        k.constant(-std::numeric_limits<double>::infinity()));
        // What is not seen may not have been computed.
        change = arith::SelectOp::create(b, k.loc, seen, change, k.constant(0.0));
      }
      Value weight = math::ExpOp::create(b, k.loc, score);
      k.store(weight, weights, place);
      k.store(arith::MulFOp::create(b, k.loc, weight, change), dScores, place);
    });
  }

  /// sums [keys, columns] += a^T . rows, for a [queries, keys]
  void accumulateKeys(Value sums, Value a, const TiledOperand &rows, int64_t columns,
                      const BlockPair &pair) {
    ProductBlock block;
    block.a = {a, 1, 1, k.keyBlock};
    block.b = rows;
    block.rows = {pair.keyCount};
    block.columns = {k.emitter().i64(columns)};
    block.depth = pair.queryCount;
    block.anyDepth = s.queries % 4 != 0 || k.queryBlock % 4 != 0;
    if (s.causal)
      block.depthAt = [&](Value key) -> TiledRange {
        Value before = k.queriesBefore(pair, key);
        return {block.anyDepth ? before : k.floor4(before), pair.queryCount};
      };
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
  void accumulateQueries(const BlockPair &pair) {
    ElementEmitter e = k.emitter();
    AttentionBlocks::Rows dq = output(DQ, pair.firstQuery);
    ProductBlock block;
    block.a = {dScores, k.keyBlock, k.keyBlock, 1};
    block.b = keys.columns();
    block.rows = {pair.queryCount, s.queries % k.tiles.rows != 0};
    block.columns = {e.i64(s.depth), s.depth % k.lanes() != 0};
    block.depth = pair.keyCount;
    block.anyDepth = s.keys % 4 != 0 || k.keyBlock % 4 != 0;
    if (s.causal)
      block.depthAt = [&](Value query) -> TiledRange {
        Value end = k.keysSeen(pair, e.add(query, e.i64(k.tiles.rows - 1)));
        return {e.i64(0), block.anyDepth ? end : k.ceil4(end)};
      };
    block.c = dq.pointer;
    block.rowStride = dq.rowStride;
    block.edge = edge;
    Value begins =
        arith::CmpIOp::create(*k.b, k.loc, arith::CmpIPredicate::eq, pair.firstKey, e.i64(0));
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
  Value packedK, packedV, copiedK, copiedQ, copiedDy, weights, dScores, dK, dV, edge;
  // Of the block of keys.
  TiledOperand keyColumns, valueColumns;
  AttentionBlocks::RowCopy keys;
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
