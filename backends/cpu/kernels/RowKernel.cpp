//===- RowKernel.cpp - fusions whose reductions run along a row ------------===//
//
// For every row: a loop over its elements for each stage. What a later stage needs again is
// computed anew, or read back from an output or from a scratch row when that is cheaper.
//
//===----------------------------------------------------------------------===//

#include "FusionBody.h"
#include "Reductions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

/// Scratch rows live on the thread's stack.
static constexpr int64_t kScratchBytes = 1 << 20;
static constexpr int64_t kChunk = 4096;
/// How far ahead memory is fetched, in bytes, where elements take a function: the instructions that
/// the processor looks ahead are those of a few vectors then.
static constexpr int64_t kFetchedAhead = 4096, kLine = 64;
/// Vectors that a reduction sums side by side, to be added up after the loop.
static constexpr int64_t kAccumulators = 4;

namespace {
class RowKernel {
public:
  RowKernel(ir::FusionOp fusion, ArrayRef<Layout> inputs, ArrayRef<Layout> outputs)
      : body(fusion, inputs, outputs), outputs(outputs), inputCount(inputs.size()),
        loc(fusion.getLoc()), width(vectorWidth(fusion)) {
    bool onlyFull = body.reductions.empty();
    for (Operation &op : fusion.getBody().front().without_terminator())
      onlyFull &= body.isFull(op.getResult(0));
    for (Value yielded : body.yields)
      onlyFull &= body.isFull(yielded);
    body.collapseLoops(/*free=*/onlyFull);
    if (onlyFull && body.nest.rows == 0 && body.nest.extents[0] > kChunk) {
      total = body.nest.extents[0];
      body.splitInner(kChunk);
    }
    for (Operation *reduction : body.reductions)
      lastStage = std::max(lastStage, body.stage(reduction->getOperand(0)));
    for (Value yielded : body.yields)
      if (body.isFull(yielded))
        lastStage = std::max(lastStage, body.stage(yielded));
    for (int stage = 0; stage <= lastStage; ++stage)
      for (Value target : targets(stage))
        fetchesAhead |= body.isExpensive(target, stage);
    chooseScratch();
  }

  int64_t rowCount() const { return body.nest.rowCount(); }
  int64_t innerCount() const { return body.nest.innerCount(); }

  void emit(OpBuilder &b, const TaskFrame &frame) {
    body.start(b, frame.pointers);
    pointers = frame.pointers;
    ElementEmitter e(b, loc);
    for (Value value : scratch)
      scratchPointers[value] = LLVM::AllocaOp::create(
          b, loc, LLVM::LLVMPointerType::get(b.getContext()),
          memoryType(getElementTypeOrSelf(value.getType())), e.i64(innerCount()), 64);
    auto rows = scf::ForOp::create(b, loc, frame.begin, frame.end, e.i64(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(rows.getBody());
    emitRow(b, rows.getInductionVar());
  }

private:
  static Type memoryType(Type element) {
    return element.isInteger(1) ? IntegerType::get(element.getContext(), 8) : element;
  }

  /// Values that a later stage needs, that cost too much to compute again, and that no output
  /// holds.
  void chooseScratch() {
    for (int stage = 1; stage <= lastStage; ++stage) {
      SmallVector<Value> work = targets(stage);
      llvm::SmallSetVector<Value, 16> seen;
      while (!work.empty()) {
        Value value = work.pop_back_val();
        if (!seen.insert(value))
          continue;
        if (body.isFull(value) && body.stage(value) < stage && value.getDefiningOp()) {
          if (llvm::is_contained(body.yields, value) || scratch.contains(value))
            continue;
          int64_t bytes = innerCount() * elementBytes(getElementTypeOrSelf(value.getType()));
          if (body.isExpensive(value, stage) && scratchBytes + bytes <= kScratchBytes) {
            scratch.insert(value);
            scratchBytes += bytes;
            continue;
          }
        }
        if (Operation *op = value.getDefiningOp(); op && !isReduction(op))
          llvm::append_range(work, op->getOperands());
      }
    }
  }

  /// The full values that the loop of `stage` computes for their own sake.
  SmallVector<Value> targets(int stage) {
    SmallVector<Value> values;
    for (Operation *reduction : body.reductions)
      if (body.stage(reduction->getOperand(0)) == stage)
        values.push_back(reduction->getOperand(0));
    for (Value yielded : body.yields)
      if (body.isFull(yielded) && body.stage(yielded) == stage)
        values.push_back(yielded);
    for (Value value : scratch)
      if (body.stage(value) == stage)
        values.push_back(value);
    return values;
  }

  void emitRow(OpBuilder &b, Value rowIndex) {
    ElementEmitter e(b, loc);
    body.clearRow();
    body.stored.clear();
    Point rowPoint = body.pointOfRow(rowIndex);
    body.rowPoint = &rowPoint;
    if (total) {
      Value left = arith::SubIOp::create(b, loc, e.i64(*total), e.mul(rowIndex, kChunk));
      length = arith::MinSIOp::create(b, loc, left, e.i64(kChunk));
    }
    for (int stage = 0; stage <= lastStage; ++stage)
      emitStage(b, stage, rowPoint);
    for (auto [i, yielded] : llvm::enumerate(body.yields)) {
      if (body.isFull(yielded))
        continue;
      Value value = body.row(yielded, rowPoint);
      e.store(pointers[inputCount + i], outputs[i].element,
              body.offset(body.outputPattern(i), rowPoint), 0, 1, {}, value);
    }
  }

  void emitStage(OpBuilder &b, int stage, Point &rowPoint) {
    if (targets(stage).empty())
      return;
    ElementEmitter e(b, loc);
    SmallVector<PartialReduction> reductions;
    for (Operation *reduction : body.reductions)
      if (body.stage(reduction->getOperand(0)) == stage)
        reductions.emplace_back(reduction, width);
    SmallVector<Value> accumulators = start(b, reductions);
    firstStream = body.streams.size();
    // An anchor that code of the row, found necessary while the loops are emitted, is put before.
    Operation *anchor = e.i64(0).getDefiningOp();
    body.hoistBefore = anchor;
    Point point = rowPoint;
    point.width = width;
    accumulators = emitLoops(b, stage, point, reductions, accumulators);
    body.hoistBefore = nullptr;
    ArrayRef<Value> partials = accumulators;
    for (const PartialReduction &each : reductions)
      body.rowValues[each.reduction->getResult(0)] = each.finish(b, loc, take(partials, each));
    for (auto [i, yielded] : llvm::enumerate(body.yields))
      if (body.isFull(yielded) && body.stage(yielded) == stage && yielded.getDefiningOp())
        body.stored[yielded] = {pointers[inputCount + i], body.outputPattern(i)};
    for (Value value : scratch)
      if (body.stage(value) == stage)
        body.stored[value] = {scratchPointers[value], scratchPattern()};
  }

  Strides scratchPattern() {
    Strides pattern(body.nest.extents.size(), 0);
    int64_t stride = 1;
    for (size_t d = pattern.size(); d-- > body.nest.rows;) {
      pattern[d] = stride;
      stride *= body.nest.extents[d];
    }
    return pattern;
  }

  SmallVector<Value> start(OpBuilder &b, ArrayRef<PartialReduction> reductions) {
    SmallVector<Value> values;
    for (const PartialReduction &each : reductions)
      llvm::append_range(values, each.start(b, loc));
    return values;
  }
  /// The values of `reduction`, off the front of `values`.
  static ArrayRef<Value> take(ArrayRef<Value> &values, const PartialReduction &reduction) {
    ArrayRef<Value> taken = values.take_front(reduction.size());
    values = values.drop_front(reduction.size());
    return taken;
  }

  SmallVector<Value> emitLoops(OpBuilder &b, int stage, Point &point,
                               ArrayRef<PartialReduction> reductions,
                               SmallVector<Value> accumulators) {
    ElementEmitter e(b, loc);
    size_t depth = point.indices.size();
    int64_t extent = body.nest.extents[depth];
    auto loop = [&](Value from, Value to, int64_t step, auto &&inner) {
      auto forOp = scf::ForOp::create(b, loc, from, to, e.i64(step), accumulators);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(forOp.getBody());
      point.indices.push_back(forOp.getInductionVar());
      SmallVector<Value> next = inner(llvm::to_vector(ValueRange(forOp.getRegionIterArgs())));
      point.indices.pop_back();
      b.setInsertionPointToEnd(forOp.getBody());
      if (!accumulators.empty() || forOp.getBody()->empty() ||
          !forOp.getBody()->back().hasTrait<mlir::OpTrait::IsTerminator>())
        scf::YieldOp::create(b, loc, next);
      accumulators.assign(forOp.getResults().begin(), forOp.getResults().end());
    };
    if (depth + 1 < body.nest.extents.size()) {
      loop(e.i64(0), e.i64(extent), 1, [&](SmallVector<Value> inside) {
        return emitLoops(b, stage, point, reductions, inside);
      });
      return accumulators;
    }
    auto vectors = [&](SmallVector<Value> inside) {
      return emitPoint(b, stage, point, reductions, inside);
    };
    if (total) {
      Value remainder = arith::RemUIOp::create(b, loc, length, e.i64(width));
      Value whole = arith::SubIOp::create(b, loc, length, remainder);
      loop(e.i64(0), whole, width, vectors);
      if (*total % width != 0) {
        Value any = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, remainder, e.i64(0));
        auto ifOp = scf::IfOp::create(b, loc, any, /*withElse=*/false);
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(&ifOp.getThenRegion().front());
        point.indices.push_back(whole);
        point.mask = ElementEmitter(b, loc).mask(remainder, width);
        emitPoint(b, stage, point, reductions, {});
        point.mask = {};
        point.indices.pop_back();
      }
      return accumulators;
    }
    const int64_t whole = extent / width * width;
    const int64_t parts = reductions.empty() ? 1 : std::min(kAccumulators, extent / width);
    const int64_t together = parts > 1 ? extent / (parts * width) * (parts * width) : 0;
    if (together > 0) {
      // A reduction of one vector would wait for the step before at every step.
      const size_t count = accumulators.size();
      for (int64_t part = 1; part < parts; ++part)
        llvm::append_range(accumulators, start(b, reductions));
      loop(e.i64(0), e.i64(together), parts * width, [&](ArrayRef<Value> inside) {
        SmallVector<Value> next;
        Value first = point.indices.back();
        for (int64_t part = 0; part < parts; ++part) {
          point.indices.back() = e.add(first, e.i64(part * width));
          llvm::append_range(
              next, emitPoint(b, stage, point, reductions, inside.slice(part * count, count)));
        }
        return next;
      });
      const SmallVector<Value> sideBySide = std::exchange(accumulators, {});
      ArrayRef<Value> others = sideBySide;
      accumulators.assign(others.begin(), others.begin() + count);
      for (others = others.drop_front(count); !others.empty();) {
        SmallVector<Value> merged;
        ArrayRef<Value> so = accumulators;
        for (const PartialReduction &each : reductions)
          llvm::append_range(merged, each.merge(b, loc, take(so, each), take(others, each)));
        accumulators = std::move(merged);
      }
    }
    if (whole > together)
      loop(e.i64(together), e.i64(whole), width, vectors);
    if (extent > whole) {
      point.indices.push_back(e.i64(whole));
      point.mask = e.mask(e.i64(extent - whole), width);
      accumulators = emitPoint(b, stage, point, reductions, accumulators);
      point.mask = {};
      point.indices.pop_back();
    }
    return accumulators;
  }

  SmallVector<Value> emitPoint(OpBuilder &b, int stage, Point &point,
                               ArrayRef<PartialReduction> reductions,
                               ArrayRef<Value> accumulators) {
    ElementEmitter e(b, loc);
    DenseMap<Value, Value> memo;
    for (Value target : targets(stage))
      body.full(target, point, memo);
    // All loads are done: an output may be the buffer of an input.
    for (auto [i, yielded] : llvm::enumerate(body.yields))
      if (body.isFull(yielded) && body.stage(yielded) == stage) {
        const Strides &pattern = body.outputPattern(i);
        e.store(pointers[inputCount + i], outputs[i].element, body.offset(pattern, point),
                pattern.back(), width, point.mask, memo.lookup(yielded));
      }
    for (Value value : scratch)
      if (body.stage(value) == stage)
        e.store(scratchPointers[value], getElementTypeOrSelf(value.getType()),
                body.offset(scratchPattern(), point), 1, width, point.mask, memo.lookup(value));
    if (fetchesAhead && !point.mask)
      fetchAhead(b, stage, point);
    SmallVector<Value> next;
    for (const PartialReduction &each : reductions)
      llvm::append_range(next, each.add(b, loc, take(accumulators, each),
                                        memo.lookup(each.reduction->getOperand(0)), point.mask));
    return next;
  }

  /// What this stage reads first, and where it writes. Beyond the end of a row is the next one, as
  /// a rule.
  void fetchAhead(OpBuilder &b, int stage, const Point &point) {
    ElementEmitter e(b, loc);
    auto fetch = [&](Value pointer, Type element, const Strides &pattern, Fetch kind) {
      const int64_t bytes = elementBytes(element);
      if (pattern.back() != 1 || bytes * width < kLine)
        return;
      Value at = e.add(body.offset(pattern, point), e.i64(kFetchedAhead / bytes));
      e.prefetch(pointer, element, at, kind);
    };
    for (const FusionBody::Stream &stream : ArrayRef(body.streams).drop_front(firstStream))
      fetch(pointers[stream.input], body.elementOf(stream), body.patternOf(stream), Fetch::Read);
    for (auto [i, yielded] : llvm::enumerate(body.yields))
      if (body.isFull(yielded) && body.stage(yielded) == stage)
        fetch(pointers[inputCount + i], outputs[i].element, body.outputPattern(i), Fetch::Write);
  }

  FusionBody body;
  SmallVector<Layout> outputs;
  size_t inputCount;
  Location loc;
  int64_t width;
  int lastStage = 0;
  std::optional<int64_t> total; // elements, where the one loop was cut in chunks
  Value length;                 // of this chunk
  int64_t scratchBytes = 0;
  llvm::SmallSetVector<Value, 4> scratch;
  DenseMap<Value, Value> scratchPointers;
  SmallVector<Value> pointers;
  bool fetchesAhead = false;
  size_t firstStream = 0; // of those that the stage reads first
};
} // namespace

FailureOr<Task> KernelLibrary::rows(ir::FusionOp fusion, ArrayRef<Layout> inputs,
                                    ArrayRef<Layout> outputs) {
  RowKernel kernel(fusion, inputs, outputs);
  OpBuilder builder(module.getContext());
  TaskFrame frame = begin(builder, fusion.getLoc(), inputs.size() + outputs.size());
  kernel.emit(builder, frame);
  return finish(frame, kernel.rowCount(), kernel.innerCount());
}
