//===- ColumnKernel.cpp - fusions whose reductions run down the rows -------===//
//
// Blocks of columns are independent: each keeps its sums in registers while it walks all rows. The
// order of summation does not depend on the number of threads.
//
//===----------------------------------------------------------------------===//

#include "FusionBody.h"
#include "Reductions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

namespace {
class ColumnKernel {
public:
  ColumnKernel(ir::FusionOp fusion, ArrayRef<Layout> inputs, ArrayRef<Layout> outputs)
      : body(fusion, inputs, outputs), outputs(outputs), inputCount(inputs.size()),
        loc(fusion.getLoc()), width(vectorWidth(fusion)) {
    body.collapseLoops(/*free=*/false);
    columns = body.nest.extents.back();
    // Four vectors a block while the accumulators of all reductions fit the registers.
    vectorsEach = body.reductions.size() == 1 ? 4 : 2;
    block = vectorsEach * width;
  }

  int64_t blocks() const { return (columns + block - 1) / block; }
  int64_t count() const {
    return body.nest.innerCount() / std::max<int64_t>(columns, 1) * blocks();
  }
  int64_t elementsEach() const { return body.nest.rowCount() * block; }

  void emit(OpBuilder &b, const TaskFrame &frame) {
    body.start(b, frame.pointers);
    pointers = frame.pointers;
    ElementEmitter e(b, loc);
    auto tasks = scf::ForOp::create(b, loc, frame.begin, frame.end, e.i64(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(tasks.getBody());
    body.clearRow();

    Value column = arith::RemUIOp::create(b, loc, tasks.getInductionVar(), e.i64(blocks()));
    Value rest = arith::DivUIOp::create(b, loc, tasks.getInductionVar(), e.i64(blocks()));
    column = e.mul(column, block);
    size_t rank = body.nest.extents.size();
    outer.assign(rank - body.nest.rows - 1, Value());
    for (size_t d = outer.size(); d-- > 0;) {
      Value extent = e.i64(body.nest.extents[body.nest.rows + d]);
      outer[d] = arith::RemUIOp::create(b, loc, rest, extent);
      rest = arith::DivUIOp::create(b, loc, rest, extent);
    }
    if (columns % block == 0) {
      emitBlock(b, column, /*partial=*/false);
    } else if (columns < block) {
      emitBlock(b, column, /*partial=*/true);
    } else {
      Value whole = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle,
                                          e.add(column, e.i64(block)), e.i64(columns));
      auto ifOp = scf::IfOp::create(b, loc, whole, /*withElse=*/true);
      OpBuilder::InsertionGuard branch(b);
      b.setInsertionPointToStart(&ifOp.getThenRegion().front());
      emitBlock(b, column, false);
      b.setInsertionPointToStart(&ifOp.getElseRegion().front());
      emitBlock(b, column, true);
    }
  }

private:
  void emitBlock(OpBuilder &b, Value column, bool partial) {
    ElementEmitter e(b, loc);
    int64_t vectors = partial ? std::min(vectorsEach, (columns + width - 1) / width) : vectorsEach;
    SmallVector<Value> starts, masks, accumulators;
    for (int64_t v = 0; v < vectors; ++v) {
      starts.push_back(e.add(column, e.i64(v * width)));
      Value live = arith::SubIOp::create(b, loc, e.i64(columns), starts.back());
      live = arith::MaxSIOp::create(b, loc, arith::MinSIOp::create(b, loc, live, e.i64(width)),
                                    e.i64(0));
      masks.push_back(partial ? e.mask(live, width) : Value());
      for (Operation *reduction : body.reductions)
        accumulators.push_back(e.fill(neutralElement(reduction), width));
    }
    SmallVector<Value> rows;
    accumulators = emitRows(b, rows, starts, masks, accumulators);
    size_t i = 0;
    for (auto [start, mask] : llvm::zip(starts, masks))
      for (Operation *reduction : body.reductions) {
        Value sum = accumulators[i++];
        for (auto [o, yielded] : llvm::enumerate(body.yields)) {
          if (yielded != reduction->getResult(0))
            continue;
          Point point;
          point.indices.assign(body.nest.rows, e.i64(0));
          point.indices.append(outer.begin(), outer.end());
          point.indices.push_back(start);
          const Strides &pattern = body.outputPattern(o);
          e.store(pointers[inputCount + o], outputs[o].element, body.offset(pattern, point),
                  pattern.back(), width, mask, sum);
        }
      }
  }

  SmallVector<Value> emitRows(OpBuilder &b, SmallVector<Value> &rows, ArrayRef<Value> starts,
                              ArrayRef<Value> masks, SmallVector<Value> accumulators) {
    ElementEmitter e(b, loc);
    if (rows.size() == body.nest.rows) {
      SmallVector<Value> next;
      size_t i = 0;
      for (auto [start, mask] : llvm::zip(starts, masks)) {
        Point point;
        point.indices = rows;
        point.indices.append(outer.begin(), outer.end());
        point.indices.push_back(start);
        point.width = width;
        point.mask = mask;
        DenseMap<Value, Value> memo;
        for (Operation *reduction : body.reductions)
          next.push_back(combine(b, loc, reduction, accumulators[i++],
                                 body.full(reduction->getOperand(0), point, memo)));
      }
      return next;
    }
    auto loop = scf::ForOp::create(b, loc, e.i64(0), e.i64(body.nest.extents[rows.size()]),
                                   e.i64(1), accumulators);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    rows.push_back(loop.getInductionVar());
    SmallVector<Value> next =
        emitRows(b, rows, starts, masks, llvm::to_vector(ValueRange(loop.getRegionIterArgs())));
    rows.pop_back();
    b.setInsertionPointToEnd(loop.getBody());
    scf::YieldOp::create(b, loc, next);
    return llvm::to_vector(ValueRange(loop.getResults()));
  }

  FusionBody body;
  SmallVector<Layout> outputs;
  size_t inputCount;
  Location loc;
  int64_t width, columns = 0, vectorsEach = 1, block = 1;
  SmallVector<Value> outer; // indices of kept dimensions before the last
  SmallVector<Value> pointers;
};
} // namespace

FailureOr<Task> KernelLibrary::columns(ir::FusionOp fusion, ArrayRef<Layout> inputs,
                                       ArrayRef<Layout> outputs) {
  ColumnKernel kernel(fusion, inputs, outputs);
  OpBuilder builder(module.getContext());
  TaskFrame frame = begin(builder, fusion.getLoc(), inputs.size() + outputs.size());
  kernel.emit(builder, frame);
  return finish(frame, kernel.count(), kernel.elementsEach());
}
