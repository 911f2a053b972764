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

namespace {
class AttentionKernel {
public:
  AttentionKernel(Location loc, const VectorUnit &unit, const AttentionShape &shape,
                  ArrayRef<Layout> inputs, ArrayRef<Layout> outputs)
      : s(shape), k(loc, unit, shape, 96, 48), inputs(inputs), outputs(outputs) {}

  LogicalResult fit() {
    return k.fit({s.depth + k.padded(s.width) + 3, s.depth + k.padded(s.width), 1});
  }

  int64_t blocks() const { return llvm::divideCeil(s.queries, k.queryBlock); }

  void emit(OpBuilder &builder, const TaskFrame &frame) {
    k.start(builder);
    ElementEmitter e = k.emitter();
    packedQ = k.scratch(k.queryBlock * s.depth);
    packedK = k.scratch(k.keyBlock * s.depth);
    packedV = k.scratch(k.keyBlock * k.padded(s.width));
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
    if (inputs.size() > 3)
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

    Value seen = e.i64(s.keys); // by any query of the block
    if (s.causal)
      seen = k.maximum(
          e.i64(0), k.minimum(seen, e.add(e.add(firstQuery, queryCount), e.i64(s.causalOffset()))));
    emitLoop(b, k.loc, e.i64(0), seen, k.keyBlock, [&](Value firstKey) {
      Value keyCount = k.minimum(e.i64(k.keyBlock), k.sub(e.i64(s.keys), firstKey));
      TiledOperand keys = k.packRows(k.rowsOf(frame.pointers[1], inputs[1], batch, head, firstKey),
                                     keyCount, s.keys, s.depth, packedK);
      TiledOperand values =
          k.packAlongRows(k.rowsOf(frame.pointers[2], inputs[2], batch, head, firstKey), keyCount,
                          k.keyBlock, s.width, packedV);
      k.scores(keys, keyCount, q, queryCount, s.depth, scores);
      k.forQueries(queryCount,
                   [&](Value first) { softmax(first, firstKey, keyCount, firstQuery); });
      accumulate(values, queryCount, keyCount);
    });
    finish(frame, batch, head, firstQuery, queryCount);
  }

  /// Scores become exp(score - maximum); maxima, totals and factors follow.
  void softmax(Value first, Value firstKey, Value keyCount, Value firstQuery) {
    ElementEmitter e = k.emitter();
    OpBuilder &b = *k.b;
    auto reduce = [&](Value initial, auto &&step) {
      auto loop = scf::ForOp::create(b, k.loc, e.i64(0), keyCount, e.i64(1), initial);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value next = step(loop.getInductionVar(), loop.getRegionIterArg(0));
      scf::YieldOp::create(b, k.loc, next);
      return loop.getResult(0);
    };
    auto place = [&](Value key) { return e.add(e.mul(key, k.queryBlock), first); };
    Value before = k.load(maxima, first);
    Value maximum = reduce(before, [&](Value key, Value greatest) -> Value {
      Value score = k.maskedScore(scores, key, first, firstKey, firstQuery);
      k.store(score, scores, place(key));
      Value more = arith::CmpFOp::create(b, k.loc, arith::CmpFPredicate::OGT, score, greatest);
      return arith::SelectOp::create(b, k.loc, more, score, greatest);
    });
    // A query that has seen no key yet: any finite number keeps -inf - maximum from being NaN.
    Value none = arith::CmpFOp::create(b, k.loc, arith::CmpFPredicate::OEQ, maximum,
                                       k.constant(-std::numeric_limits<double>::infinity()));
    Value finite = arith::SelectOp::create(b, k.loc, none, k.constant(0.0), maximum);
    Value total = reduce(k.constant(0.0), [&](Value key, Value sum) -> Value {
      Value score = k.load(scores, place(key));
      Value weight = math::ExpOp::create(b, k.loc, arith::SubFOp::create(b, k.loc, score, finite));
      k.store(weight, scores, place(key));
      return arith::AddFOp::create(b, k.loc, sum, weight);
    });
    Value factor = math::ExpOp::create(b, k.loc, arith::SubFOp::create(b, k.loc, before, finite));
    k.store(maximum, maxima, first);
    k.store(factor, factors, first);
    Value scaled = arith::MulFOp::create(b, k.loc, k.load(totals, first), factor);
    k.store(arith::AddFOp::create(b, k.loc, scaled, total), totals, first);
  }

  /// sums = factor * sums + weights . v
  void accumulate(const TiledOperand &values, Value queryCount, Value keyCount) {
    ProductBlock block;
    block.a = {scores, 1, 1, k.queryBlock};
    block.b = values;
    block.rows = {queryCount};
    block.columns = {k.emitter().i64(s.width)};
    block.depth = keyCount;
    block.anyDepth = s.keys % 4 != 0 || k.keyBlock % 4 != 0;
    block.c = sums;
    block.rowStride = k.padded(s.width);
    emitProduct(*k.b, k.loc, k.tiles, block, [&](const ProductTile &tile) {
      ElementEmitter e = k.emitter();
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
    const bool maySeeNone = inputs.size() > 3 || (s.causal && s.causalOffset() < 0);
    k.writeRows(sums, y, queryCount, s.width, [&](Value query, Value sum) -> Value {
      Value total = e.load(totals, k.f32(), query, 0, k.lanes(), {});
      if (maySeeNone) { // 0 / 1 instead of 0 / 0
        Value none =
            arith::CmpFOp::create(b, k.loc, arith::CmpFPredicate::OEQ, total, k.constant(0.0));
        total = arith::SelectOp::create(b, k.loc, none, k.constant(1.0), total);
      }
      return arith::DivFOp::create(b, k.loc, sum, total);
    });
    const Layout &line = outputs[1];
    Value lse = k.linePointer(results[1], line, batch, head);
    k.forQueries(queryCount, [&](Value first) {
      Value maximum = k.load(maxima, first), total = k.load(totals, first);
      Value sum = arith::AddFOp::create(b, k.loc, maximum, math::LogOp::create(b, k.loc, total));
      e.store(lse, k.f32(), e.mul(e.add(firstQuery, first), line.strides[2]), line.strides[2],
              k.lanes(), k.liveQueries(queryCount, first), sum);
    });
  }

  AttentionShape s;
  AttentionBlocks k;
  SmallVector<Layout> inputs, outputs;
  Value packedQ, packedK, packedV, scores, sums, maxima, totals, factors;
};
} // namespace

FailureOr<Task> KernelLibrary::attention(Location loc, const AttentionShape &shape,
                                         ArrayRef<Layout> inputs, ArrayRef<Layout> outputs) {
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
