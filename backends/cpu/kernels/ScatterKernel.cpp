//===- ScatterKernel.cpp - rows added into a table, by index ---------------===//
//
// Threads share the columns, so that repeated indices need no atomics and add in order.
//
//===----------------------------------------------------------------------===//

#include "ElementEmitter.h"
#include "heddle/cpu/KernelLibrary.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace heddle::cpu;

static constexpr int64_t kWidth = 16;

Task KernelLibrary::scatterAdd(Location loc, const Layout &indices, const Layout &updates,
                               const Layout &table) {
  int64_t rows = indices.count();
  int64_t columns = 1;
  for (int64_t size : ArrayRef(table.shape).drop_front())
    columns *= size;
  OpBuilder b(module.getContext());
  TaskFrame frame = begin(b, loc, 3);
  ElementEmitter e(b, loc);
  auto blocks = scf::ForOp::create(b, loc, frame.begin, frame.end, e.i64(1));
  b.setInsertionPointToStart(blocks.getBody());
  Value column = e.mul(blocks.getInductionVar(), kWidth);
  Value mask;
  if (columns % kWidth != 0) {
    Value live = arith::MinSIOp::create(
        b, loc, arith::SubIOp::create(b, loc, e.i64(columns), column), e.i64(kWidth));
    mask = e.mask(live, kWidth);
  }
  auto loop = scf::ForOp::create(b, loc, e.i64(0), e.i64(rows), e.i64(1));
  b.setInsertionPointToStart(loop.getBody());
  Value row = loop.getInductionVar();
  Value index = e.clamp(e.load(frame.pointers[0], indices.element, row, 0, 1, {}), table.shape[0]);
  Value at = e.add(e.mul(index, columns), column);
  Value sum = e.load(frame.pointers[2], table.element, at, 1, kWidth, mask);
  Value update = e.load(frame.pointers[1], updates.element, e.add(e.mul(row, columns), column), 1,
                        kWidth, mask);
  bool isFloat = isa<FloatType>(table.element);
  sum = isFloat ? Value(arith::AddFOp::create(b, loc, sum, update))
                : Value(arith::AddIOp::create(b, loc, sum, update));
  e.store(frame.pointers[2], table.element, at, 1, kWidth, mask, sum);
  bool empty = rows == 0 || table.shape[0] == 0;
  return finish(frame, empty ? 0 : (columns + kWidth - 1) / kWidth, rows * kWidth);
}
