//===- AttentionQueryKernel.cpp - softmax(scale q k^T) v, a query at a time --===//
//
// For few queries, as where a text is generated: each key and value is used so seldom that the time
// is the memory's. An iteration is a query of one batch and head. It reads k and v where they lie,
// none beyond what it sees, in blocks as AttentionKernel.cpp does: with the maximum and the sum of
// the scores so far, and what was summed before scaled down when the maximum grows.
//
//===----------------------------------------------------------------------===//

#include "AttentionBlocks.h"
#include "VectorDots.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

/// Vectors of y in registers while values are added to it.
static constexpr int64_t kVectors = 4;

namespace {
class AttentionQueryKernel {
public:
  AttentionQueryKernel(Location loc, const VectorUnit &unit, const AttentionShape &shape,
                       ArrayRef<Layout> inputs, ArrayRef<Layout> outputs)
      : s(shape), k(loc, unit, shape, ScoreLanes::Keys, 1, 256), width(unit.vectorBits / 32),
        inputs(inputs), outputs(outputs) {}

  LogicalResult fit() {
    return k.fit({.key = 1, .once = k.copyStride(s.depth) + k.padded(s.width)});
  }

  void emit(OpBuilder &builder, const TaskFrame &frame) {
    k.start(builder, frame.pointers, inputs);
    ElementEmitter e = k.emitter();
    copiedQ = k.scratch(k.copyStride(s.depth));
    scores = k.scratch(k.keyBlock);
    sums = k.scratch(k.padded(s.width));
    emitLoop(builder, k.loc, frame.begin, frame.end, 1, [&](Value item) {
      auto next = [&](int64_t size) {
        Value index = arith::RemUIOp::create(builder, k.loc, item, e.i64(size));
        item = arith::DivUIOp::create(builder, k.loc, item, e.i64(size));
        return index;
      };
      Value query = next(s.queries), head = next(s.heads);
      emitQuery(frame, item, head, query);
    });
  }

private:
  /// In all lanes of a vector, or for `total` in each lane a part.
  struct SoFar {
    Value maximum, total;
  };

  void emitQuery(const TaskFrame &frame, Value batch, Value head, Value query) {
    ElementEmitter e = k.emitter();
    OpBuilder &b = *k.b;
    auto rows = [&](unsigned input, Value first) {
      return k.rowsOf(frame.pointers[input], inputs[input], batch, head, first);
    };
    if (s.masked)
      k.setMask(frame.pointers[3], inputs[3], batch, head);
    k.copyRows(rows(0, query), e.i64(1), s.depth, s.scale, copiedQ);
    emitLoop(b, k.loc, e.i64(0), e.i64(k.padded(s.width)), k.lanes(),
             [&](Value i) { k.store(k.constant(0.0), sums, i); });
    Value seen = e.i64(s.keys);
    if (s.causal)
      seen = k.maximum(e.i64(0), k.minimum(seen, e.add(e.add(query, k.position), e.i64(1))));
    const SoFar none{hidden(), k.constant(0.0)};
    auto loop = scf::ForOp::create(b, k.loc, e.i64(0), seen, e.i64(k.keyBlock),
                                   ValueRange{none.maximum, none.total});
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value firstKey = loop.getInductionVar();
      Value count = k.minimum(e.i64(k.keyBlock), k.sub(seen, firstKey));
      score(rows(1, firstKey), count);
      Value factor;
      SoFar now = softmax({loop.getRegionIterArg(0), loop.getRegionIterArg(1)}, query, firstKey,
                          count, factor);
      accumulate(rows(2, firstKey), count, factor);
      scf::YieldOp::create(b, k.loc, ValueRange{now.maximum, now.total});
    }
    finish(frame, batch, head, query, {loop.getResult(0), loop.getResult(1)});
  }

  /// scores [keys] = scale k . q, and -inf up to the next whole vector
  void score(const AttentionBlocks::Rows &keys, Value count) {
    ElementEmitter e = k.emitter();
    OpBuilder &b = *k.b;
    emitLoop(b, k.loc, e.i64(0), count, k.lanes(),
             [&](Value key) { k.store(hidden(), scores, key); });
    auto dots = [&](Value key, int64_t rows) {
      SmallVector<Value> lines;
      for (int64_t i = 0; i < rows; ++i)
        lines.push_back(k.at(keys.pointer, e.mul(e.add(key, e.i64(i)), keys.rowStride)));
      SmallVector<Value> totals =
          emitDots(b, k.loc, width, lines, keys.columnStride, copiedQ, s.depth);
      for (auto [i, total] : llvm::enumerate(totals))
        e.store(scores, k.f32(), e.add(key, e.i64(static_cast<int64_t>(i))), 1, 1, {}, total);
    };
    Value whole = k.sub(count, arith::RemUIOp::create(b, k.loc, count, e.i64(kDotRows)));
    emitLoop(b, k.loc, e.i64(0), whole, kDotRows, [&](Value key) { dots(key, kDotRows); });
    emitLoop(b, k.loc, whole, count, 1, [&](Value key) { dots(key, 1); });
  }

  /// Scores become exp(score - maximum); `factor` is that of what was summed before.
  SoFar softmax(const SoFar &before, Value query, Value firstKey, Value count, Value &factor) {
    ElementEmitter e = k.emitter();
    OpBuilder &b = *k.b;
    auto reduce = [&](Value initial, auto &&step) {
      auto loop = scf::ForOp::create(b, k.loc, e.i64(0), count, e.i64(k.lanes()), initial);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      scf::YieldOp::create(b, k.loc, step(loop.getInductionVar(), loop.getRegionIterArg(0)));
      return loop.getResult(0);
    };
    Value greatest = reduce(before.maximum, [&](Value key, Value maximum) -> Value {
      Value score = k.load(scores, key);
      if (s.masked) {
        Value seen = k.seen(query, e.add(firstKey, key), /*causally=*/false);
        score = arith::SelectOp::create(b, k.loc, seen, score, hidden());
        k.store(score, scores, key);
      }
      Value more = arith::CmpFOp::create(b, k.loc, arith::CmpFPredicate::OGT, score, maximum);
      return arith::SelectOp::create(b, k.loc, more, score, maximum);
    });
    Value most = vector::ReductionOp::create(b, k.loc, vector::CombiningKind::MAXNUMF, greatest);
    SoFar now{e.splat(most, k.lanes()), {}};
    // No key seen yet: any finite number keeps -inf - maximum from being NaN.
    Value none = arith::CmpFOp::create(b, k.loc, arith::CmpFPredicate::OEQ, now.maximum, hidden());
    Value finite = arith::SelectOp::create(b, k.loc, none, k.constant(0.0), now.maximum);
    factor = math::ExpOp::create(b, k.loc, arith::SubFOp::create(b, k.loc, before.maximum, finite));
    Value scaled = arith::MulFOp::create(b, k.loc, before.total, factor);
    now.total = reduce(scaled, [&](Value key, Value sum) -> Value {
      Value score = k.load(scores, key);
      Value weight = math::ExpOp::create(b, k.loc, arith::SubFOp::create(b, k.loc, score, finite));
      k.store(weight, scores, key);
      return arith::AddFOp::create(b, k.loc, sum, weight);
    });
    return now;
  }

  /// sums = factor * sums + weights . v
  void accumulate(const AttentionBlocks::Rows &values, Value count, Value factor) {
    ElementEmitter e = k.emitter();
    OpBuilder &b = *k.b;
    auto columns = [&](Value first, int64_t vectors, int64_t live) {
      SmallVector<Value> begun;
      for (int64_t i = 0; i < vectors; ++i)
        begun.push_back(arith::MulFOp::create(b, k.loc, factor,
                                              k.load(sums, e.add(first, e.i64(i * k.lanes())))));
      auto loop = scf::ForOp::create(b, k.loc, e.i64(0), count, e.i64(1), begun);
      {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(loop.getBody());
        Value key = loop.getInductionVar();
        Value weight = e.load(scores, k.f32(), key, 0, k.lanes(), {});
        SmallVector<Value> next;
        for (int64_t i = 0; i < vectors; ++i) {
          Value column = e.add(first, e.i64(i * k.lanes()));
          Value value = e.load(
              values.pointer, k.f32(),
              e.add(e.mul(key, values.rowStride), e.mul(column, values.columnStride)),
              values.columnStride, k.lanes(),
              i + 1 == vectors && live < k.lanes() ? e.mask(e.i64(live), k.lanes()) : Value());
          next.push_back(math::FmaOp::create(b, k.loc, weight, value, loop.getRegionIterArg(i)));
        }
        scf::YieldOp::create(b, k.loc, next);
      }
      for (int64_t i = 0; i < vectors; ++i)
        k.store(loop.getResult(i), sums, e.add(first, e.i64(i * k.lanes())));
    };
    const int64_t step = kVectors * k.lanes(), whole = s.width / step * step;
    emitLoop(b, k.loc, e.i64(0), e.i64(whole), step,
             [&](Value first) { columns(first, kVectors, k.lanes()); });
    if (const int64_t left = s.width - whole) {
      const int64_t vectors = llvm::divideCeil(left, k.lanes());
      columns(e.i64(whole), vectors, left - (vectors - 1) * k.lanes());
    }
  }

  void finish(const TaskFrame &frame, Value batch, Value head, Value query, const SoFar &all) {
    ElementEmitter e = k.emitter();
    OpBuilder &b = *k.b;
    ArrayRef<Value> results = ArrayRef(frame.pointers).drop_front(inputs.size());
    Value total = e.splat(
        vector::ReductionOp::create(b, k.loc, vector::CombiningKind::ADD, all.total), k.lanes());
    Value logSum =
        arith::AddFOp::create(b, k.loc, all.maximum, math::LogOp::create(b, k.loc, total));
    const Layout &line = outputs[1];
    e.store(k.linePointer(results[1], line, batch, head), k.f32(), e.mul(query, line.strides[2]), 1,
            k.lanes(), e.mask(e.i64(1), k.lanes()), logSum);
    if (s.maySeeNone()) { // 0 / 1 instead of 0 / 0
      Value none =
          arith::CmpFOp::create(b, k.loc, arith::CmpFPredicate::OEQ, total, k.constant(0.0));
      total = arith::SelectOp::create(b, k.loc, none, k.constant(1.0), total);
    }
    Value factor = arith::DivFOp::create(b, k.loc, k.constant(1.0), total);
    k.writeRows(
        sums, k.rowsOf(results[0], outputs[0], batch, head, query), e.i64(1), s.width,
        [&](Value, Value sum) -> Value { return arith::MulFOp::create(b, k.loc, factor, sum); });
  }

  Value hidden() { return k.constant(-std::numeric_limits<double>::infinity()); }

  AttentionShape s;
  AttentionBlocks k;
  int64_t width; // of a vector register
  SmallVector<Layout> inputs, outputs;
  Value copiedQ, scores, sums;
};
} // namespace

FailureOr<Task> KernelLibrary::attentionOfFew(Location loc, const AttentionShape &shape,
                                              ArrayRef<Layout> inputs, ArrayRef<Layout> outputs) {
  AttentionQueryKernel kernel(loc, unit, shape, inputs, outputs);
  if (failed(kernel.fit()))
    return failure();
  OpBuilder builder(module.getContext());
  TaskFrame frame = begin(builder, loc, inputs.size() + outputs.size());
  kernel.emit(builder, frame);
  return finish(frame, shape.batch * shape.heads * shape.queries,
                shape.keys * (shape.depth + shape.width), "attention");
}
