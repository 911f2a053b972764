//===- AttentionKernel.cpp - softmax(scale q k^T) v, block by block ----------===//
//
// An iteration is a block of queries of one batch and head. It walks the blocks of keys, with the
// maximum and the sum of each query's scores so far; when the maximum grows, what was summed before
// is scaled down (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018).
//
//===----------------------------------------------------------------------===//

#include "AttentionBlocks.h"

#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

/// Fewer leave most lanes of a vector of queries empty.
static constexpr int64_t kFewestQueries = 2;

namespace {
class AttentionKernel {
public:
  AttentionKernel(Location loc, const VectorUnit &unit, const AttentionShape &shape,
                  ArrayRef<Layout> inputs, ArrayRef<Layout> outputs)
      : s(shape), k(loc, unit, shape, ScoreLanes::Queries, 192, 96), inputs(inputs),
        outputs(outputs) {}

  LogicalResult fit() {
    return k.fit({.query = s.depth + k.padded(s.width) + 3,
                  .key = k.copyStride(s.depth) + k.copyStride(s.width),
                  .pair = 1});
  }

  int64_t blocks() const { return llvm::divideCeil(s.queries, k.queryBlock); }

  void emit(OpBuilder &builder, const TaskFrame &frame) {
    k.start(builder, frame.pointers, inputs);
    ElementEmitter e = k.emitter();
    packedQ = k.scratch(k.queryBlock * s.depth);
    copiedK = k.scratch(k.keyBlock * k.copyStride(s.depth));
    copiedV = k.scratch(k.keyBlock * k.copyStride(s.width));
    scores = k.scratch(k.keyBlock * k.queryBlock);
    sums = k.scratch(k.queryBlock * k.padded(s.width));
    maxima = k.scratch(k.queryBlock);
    totals = k.scratch(k.queryBlock);
    factors = k.scratch(k.queryBlock);
    emitLoop(builder, k.loc, frame.begin, frame.end, 1, [&](Value item) {
      Value head = arith::DivUIOp::create(builder, k.loc, item, e.i64(blocks()));
      Value block = arith::RemUIOp::create(builder, k.loc, item, e.i64(blocks()));
      Value batch = arith::DivUIOp::create(builder, k.loc, head, e.i64(s.heads));
      head = arith::RemUIOp::create(builder, k.loc, head, e.i64(s.heads));
      emitBlock(frame, batch, head, e.mul(block, k.queryBlock));
    });
  }

private:
  void emitBlock(const TaskFrame &frame, Value batch, Value head, Value firstQuery) {
    ElementEmitter e = k.emitter();
    OpBuilder &b = *k.b;
    if (s.masked)
      k.setMask(frame.pointers[3], inputs[3], batch, head);
    Value queryCount = k.minimum(e.i64(k.queryBlock), k.sub(e.i64(s.queries), firstQuery));
    TiledOperand q = k.packColumns(k.rowsOf(frame.pointers[0], inputs[0], batch, head, firstQuery),
                                   queryCount, s.queries, s.depth, packedQ);
    k.forQueries(queryCount, [&](Value first) {
      k.store(k.constant(-std::numeric_limits<double>::infinity()), maxima, first);
      k.store(k.constant(0.0), totals, first);
    });
    emitLoop(b, k.loc, e.i64(0), e.mul(e.i64(k.queryBlock), k.padded(s.width)), k.lanes(),
             [&](Value i) { k.store(k.constant(0.0), sums, i); });

    Value seen = e.i64(s.keys); // by any query of the block, or a few more
    if (s.causal)
      seen = k.maximum(e.i64(0),
                       k.minimum(seen, k.ceil4(e.add(e.add(firstQuery, queryCount), k.position))));
    emitLoop(b, k.loc, e.i64(0), seen, k.keyBlock, [&](Value firstKey) {
      Value keyCount = k.minimum(e.i64(k.keyBlock), k.sub(seen, firstKey));
      const BlockPair pair{firstQuery, queryCount, firstKey, keyCount};
      auto copy = [&](unsigned input, int64_t columns, double scale, Value target) {
        return k.copyRows(k.rowsOf(frame.pointers[input], inputs[input], batch, head, firstKey),
                          keyCount, columns, scale, target);
      };
      score(copy(1, s.depth, s.scale, copiedK), q, pair);
      k.forQueries(queryCount, [&](Value first) { softmax(first, pair); });
      accumulate(copy(2, s.width, 1.0, copiedV), pair);
    });
    finish(frame, batch, head, firstQuery, queryCount);
  }

  /// scores [keys, queries] = scale * k . q
  void score(const AttentionBlocks::RowCopy &keys, const TiledOperand &q, const BlockPair &pair) {
    ElementEmitter e = k.emitter();
    ProductBlock block;
    block.a = keys.rows();
    block.b = q;
    block.rows = {pair.keyCount};
    block.columns = {pair.queryCount};
    block.depth = e.i64(s.depth);
    block.anyDepth = s.depth % 4 != 0;
    if (s.causal)
      block.rowsAt = [&](Value query) -> TiledRange {
        return {e.i64(0), k.keysSeen(pair, e.add(query, e.i64(k.lanes() - 1)))};
      };
    block.c = scores;
    block.rowStride = k.queryBlock;
    emitProduct(*k.b, k.loc, k.tiles, block);
  }

  /// Scores become exp(score - maximum); maxima, totals and factors follow.
  void softmax(Value first, const BlockPair &pair) {
    ElementEmitter e = k.emitter();
    OpBuilder &b = *k.b;
    auto reduce = [&](Value from, Value to, Value initial, auto &&step) {
      auto loop = scf::ForOp::create(b, k.loc, from, to, e.i64(1), initial);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value next = step(loop.getInductionVar(), loop.getRegionIterArg(0));
      scf::YieldOp::create(b, k.loc, next);
      return loop.getResult(0);
    };
    auto place = [&](Value key) { return e.add(e.mul(key, k.queryBlock), first); };
    Value hidden = k.constant(-std::numeric_limits<double>::infinity());
    auto greatest = [&](Value from, Value to, Value initial, bool causally) {
      return reduce(from, to, initial, [&](Value key, Value maximum) -> Value {
        Value score = k.load(scores, place(key));
        if (Value seen =
                k.seen(e.add(pair.firstQuery, first), e.add(pair.firstKey, key), causally)) {
          score = arith::SelectOp::create(b, k.loc, seen, score, hidden);
          k.store(score, scores, place(key));
        }
        Value more = arith::CmpFOp::create(b, k.loc, arith::CmpFPredicate::OGT, score, maximum);
        return arith::SelectOp::create(b, k.loc, more, score, maximum);
      });
    };
    // All of the queries see the first keys; some see those up to `end`.
    Value all = pair.keyCount, end = pair.keyCount;
    if (s.causal) {
      all = k.keysSeen(pair, first);
      end = k.keysSeen(pair, e.add(first, e.i64(k.lanes() - 1)));
    }
    Value before = k.load(maxima, first);
    Value maximum = greatest(e.i64(0), all, before, false);
    if (s.causal)
      maximum = greatest(all, end, maximum, true);
    // A query that has seen no key yet: any finite number keeps -inf - maximum from being NaN.
    Value none = arith::CmpFOp::create(b, k.loc, arith::CmpFPredicate::OEQ, maximum, hidden);
    Value finite = arith::SelectOp::create(b, k.loc, none, k.constant(0.0), maximum);
    Value total = reduce(e.i64(0), end, k.constant(0.0), [&](Value key, Value sum) -> Value {
      Value score = k.load(scores, place(key));
      Value weight = math::ExpOp::create(b, k.loc, arith::SubFOp::create(b, k.loc, score, finite));
      k.store(weight, scores, place(key));
      return arith::AddFOp::create(b, k.loc, sum, weight);
    });
    if (s.causal)
      emitLoop(b, k.loc, end, k.minimum(pair.keyCount, e.add(end, e.i64(k.margin()))), 1,
               [&](Value key) { k.store(k.constant(0.0), scores, place(key)); });
    Value factor = math::ExpOp::create(b, k.loc, arith::SubFOp::create(b, k.loc, before, finite));
    k.store(maximum, maxima, first);
    k.store(factor, factors, first);
    Value scaled = arith::MulFOp::create(b, k.loc, k.load(totals, first), factor);
    k.store(arith::AddFOp::create(b, k.loc, scaled, total), totals, first);
  }

  /// sums = factor * sums + weights . v
  void accumulate(const AttentionBlocks::RowCopy &values, const BlockPair &pair) {
    ElementEmitter e = k.emitter();
    ProductBlock block;
    block.a = {scores, 1, 1, k.queryBlock};
    block.b = values.columns();
    block.rows = {pair.queryCount};
    block.columns = {e.i64(s.width)};
    block.depth = pair.keyCount;
    block.anyDepth = s.keys % 4 != 0 || k.keyBlock % 4 != 0;
    if (s.causal)
      block.depthAt = [&](Value query) -> TiledRange {
        Value end = k.keysSeen(pair, e.add(query, e.i64(k.tiles.rows - 1)));
        return {e.i64(0), block.anyDepth ? end : k.ceil4(end)};
      };
    block.c = sums;
    block.rowStride = k.padded(s.width);
    emitProduct(*k.b, k.loc, k.tiles, block, [&](const ProductTile &tile) {
      SmallVector<Value> begun;
      for (auto [i, place] : llvm::enumerate(tile.places)) {
        Value row = e.add(tile.row, e.i64(static_cast<int64_t>(i)));
        Value factor = e.load(factors, k.f32(), row, 0, k.lanes(), {});
        begun.push_back(arith::MulFOp::create(*k.b, k.loc, factor, k.load(place, e.i64(0))));
      }
      return begun;
    });
  }

  void finish(const TaskFrame &frame, Value batch, Value head, Value firstQuery, Value queryCount) {
    ElementEmitter e = k.emitter();
    OpBuilder &b = *k.b;
    ArrayRef<Value> results = ArrayRef(frame.pointers).drop_front(inputs.size());
    AttentionBlocks::Rows y = k.rowsOf(results[0], outputs[0], batch, head, firstQuery);
    const Layout &line = outputs[1];
    Value lse = k.linePointer(results[1], line, batch, head);
    k.forQueries(queryCount, [&](Value first) {
      Value maximum = k.load(maxima, first), total = k.load(totals, first);
      Value sum = arith::AddFOp::create(b, k.loc, maximum, math::LogOp::create(b, k.loc, total));
      e.store(lse, k.f32(), e.mul(e.add(firstQuery, first), line.strides[2]), line.strides[2],
              k.lanes(), k.liveQueries(queryCount, first), sum);
      if (s.maySeeNone()) { // 0 / 1 instead of 0 / 0
        Value none =
            arith::CmpFOp::create(b, k.loc, arith::CmpFPredicate::OEQ, total, k.constant(0.0));
        total = arith::SelectOp::create(b, k.loc, none, k.constant(1.0), total);
      }
      k.store(arith::DivFOp::create(b, k.loc, k.constant(1.0), total), factors, first);
    });
    k.writeRows(sums, y, queryCount, s.width, [&](Value query, Value sum) -> Value {
      Value factor = e.load(factors, k.f32(), query, 0, k.lanes(), {});
      return arith::MulFOp::create(b, k.loc, factor, sum);
    });
  }

  AttentionShape s;
  AttentionBlocks k;
  SmallVector<Layout> inputs, outputs;
  Value packedQ, copiedK, copiedV, scores, sums, maxima, totals, factors;
};
} // namespace

FailureOr<Task> KernelLibrary::attention(Location loc, const AttentionShape &shape,
                                         ArrayRef<Layout> inputs, ArrayRef<Layout> outputs) {
  if (shape.queries < kFewestQueries)
    return attentionOfFew(loc, shape, inputs, outputs);
  AttentionKernel kernel(loc, unit, shape, inputs, outputs);
  if (failed(kernel.fit()))
    return failure();
  OpBuilder builder(module.getContext());
  TaskFrame frame = begin(builder, loc, inputs.size() + outputs.size());
  kernel.emit(builder, frame);
  return finish(frame, shape.batch * shape.heads * kernel.blocks(),
                shape.queries * shape.keys * (shape.depth + shape.width) / kernel.blocks() / 16,
                "attention");
}
