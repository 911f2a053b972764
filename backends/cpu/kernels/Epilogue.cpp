//===- Epilogue.cpp - a fusion, computed a block of a matrix at a time -------===//

#include "Epilogue.h"

#include "Loops.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

Epilogue::Epilogue(ir::FusionOp fusion, ArrayRef<Layout> inputs, ArrayRef<Layout> outputs,
                   bool isInPanels, ArrayRef<unsigned> inScratch)
    : body(fusion, inputs, outputs), inputs(inputs), outputs(outputs), inScratch(inScratch),
      inputCount(inputs.size()), loc(fusion.getLoc()), width(vectorWidth(fusion)) {
  body.collapseLoops(/*free=*/isInPanels);
}

void Epilogue::start(OpBuilder &builder, ArrayRef<Value> given) {
  b = &builder;
  pointers.assign(given.begin(), given.end());
  body.start(builder, given);
}

SmallVector<Value> Epilogue::streams() const {
  SmallVector<Value> result;
  for (auto [i, layout] : llvm::enumerate(inputs))
    if (layout.element.isF32() && layout.count() == outputs.front().count() &&
        !llvm::is_contained(inScratch, i))
      result.push_back(pointers[i]);
  return result;
}

void Epilogue::setScratch(Value matrix) {
  for (unsigned input : inScratch)
    body.setPointer(input, matrix);
}

void Epilogue::emit(Range rows, Range columns, int64_t columnStep) {
  ElementEmitter e(*b, loc);
  const bool isWhole = columnStep % width == 0 && body.nest.innerCount() % width == 0;
  emitLoop(*b, loc, rows.first, e.add(rows.first, rows.count), 1, [&](Value row) {
    body.clearRow();
    Point rowPoint = body.pointOfRow(row);
    body.rowPoint = &rowPoint;
    // What code of the row turns out to be needed goes before this.
    body.hoistBefore = e.i64(0).getDefiningOp();
    Value end = e.add(columns.first, columns.count), rest;
    Value whole = end;
    if (!isWhole) {
      rest = arith::RemUIOp::create(*b, loc, columns.count, e.i64(width));
      whole = arith::SubIOp::create(*b, loc, end, rest);
    }
    auto pointAt = [&](Value column, Value mask) {
      Point point = rowPoint;
      point.indices.push_back(column);
      point.width = width;
      point.mask = mask;
      emitPoint(point);
    };
    emitLoop(*b, loc, columns.first, whole, width, [&](Value column) { pointAt(column, {}); });
    if (!isWhole)
      emitIf(*b, loc, arith::CmpIOp::create(*b, loc, arith::CmpIPredicate::ne, rest, e.i64(0)),
             [&] { pointAt(whole, e.mask(rest, width)); });
    body.hoistBefore = nullptr;
  });
}

void Epilogue::emitPoint(Point &point) {
  ElementEmitter e(*b, loc);
  DenseMap<Value, Value> memo;
  for (Value yielded : body.yields)
    body.full(yielded, point, memo);
  // All loads are done: an output may be the buffer of an input.
  for (auto [i, yielded] : llvm::enumerate(body.yields)) {
    const Strides &pattern = body.outputPattern(i);
    e.store(pointers[inputCount + i], outputs[i].element, body.offset(pattern, point),
            pattern.back(), width, point.mask, memo.lookup(yielded));
  }
}
