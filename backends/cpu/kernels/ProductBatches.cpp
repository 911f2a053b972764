//===- ProductBatches.cpp - the iterations of a product's task ---------------===//

#include "ProductBatches.h"
#include "ElementEmitter.h"
#include "Loops.h"

using namespace mlir;
using namespace heddle::cpu;

int64_t ProductBatches::count() const {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  return count;
}

void ProductBatches::forEach(OpBuilder &b, Location loc, Value begin, Value end, int64_t panels,
                             Body body) const {
  ElementEmitter e(b, loc);
  Value count = e.i64(panels);
  Value first = arith::DivUIOp::create(b, loc, begin, count);
  Value last = arith::DivUIOp::create(b, loc, e.add(end, e.i64(panels - 1)), count);
  emitLoop(b, loc, first, last, 1, [&](Value batch) {
    Value before = e.mul(batch, panels);
    auto inside = [&](Value iteration) { return arith::SubIOp::create(b, loc, iteration, before); };
    Value from = arith::MaxSIOp::create(b, loc, inside(begin), e.i64(0));
    Value to = arith::MinSIOp::create(b, loc, inside(end), count);
    body(batch, from, to);
  });
}

Value ProductBatches::pointer(OpBuilder &b, Location loc, Value operand, ArrayRef<int64_t> strides,
                              Value batch) const {
  ElementEmitter e(b, loc);
  Value rest = batch;
  for (size_t d = sizes.size(); d-- > 0;) {
    Value size = e.i64(sizes[d]);
    Value index = d == 0 ? rest : Value(arith::RemUIOp::create(b, loc, rest, size));
    if (d > 0)
      rest = arith::DivUIOp::create(b, loc, rest, size);
    operand = e.address(operand, b.getF32Type(), e.mul(index, strides[d]));
  }
  return operand;
}
