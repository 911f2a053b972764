//===- ScalarKernel.cpp - ops that are computed one element at a time ------===//
//
// For what is rare: reductions over dimensions in the middle, argmax, contractions of element types
// that the library has no routine for.
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
/// One summed-over loop: its extent and its stride in each operand.
struct InnerLoop {
  int64_t extent;
  SmallVector<int64_t> strides;
};

class ScalarKernel {
public:
  ScalarKernel(OpBuilder &b, Location loc, const TaskFrame &frame, ArrayRef<Layout> inputs,
               const Layout &output)
      : b(b), loc(loc), frame(frame), inputs(inputs), output(output), e(b, loc) {}

  /// For every output element: its position in each operand (`outStrides[operand][output
  /// dimension]`), the loops, and the step from accumulators to accumulators; stores the
  /// accumulator `which`.
  template <typename Step>
  void emit(ArrayRef<SmallVector<int64_t>> outStrides, ArrayRef<InnerLoop> loops,
            SmallVector<Value> initial, size_t which, Step step) {
    auto elements = scf::ForOp::create(b, loc, frame.begin, frame.end, e.i64(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(elements.getBody());
    Value rest = elements.getInductionVar();
    SmallVector<Value> bases(outStrides.size(), e.i64(0));
    for (size_t d = output.shape.size(); d-- > 0;) {
      Value extent = e.i64(output.shape[d]);
      Value index = arith::RemUIOp::create(b, loc, rest, extent);
      rest = arith::DivUIOp::create(b, loc, rest, extent);
      for (size_t i = 0; i < bases.size(); ++i)
        if (outStrides[i][d] != 0)
          bases[i] = e.add(bases[i], e.mul(index, outStrides[i][d]));
    }
    SmallVector<Value> results = nest(loops, bases, {}, initial, step);
    e.store(frame.pointers[inputs.size()], output.element, elements.getInductionVar(), 0, 1, {},
            results[which]);
  }

  Value operand(size_t i, Value offset) {
    return e.load(frame.pointers[i], inputs[i].element, offset, 0, 1, {});
  }

private:
  template <typename Step>
  SmallVector<Value> nest(ArrayRef<InnerLoop> loops, SmallVector<Value> offsets, Value last,
                          SmallVector<Value> state, Step step) {
    if (loops.empty())
      return step(offsets, last, state);
    auto loop = scf::ForOp::create(b, loc, e.i64(0), e.i64(loops[0].extent), e.i64(1), state);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    for (size_t i = 0; i < offsets.size(); ++i)
      offsets[i] = e.add(offsets[i], e.mul(loop.getInductionVar(), loops[0].strides[i]));
    SmallVector<Value> next = nest(loops.drop_front(), offsets, loop.getInductionVar(),
                                   llvm::to_vector(ValueRange(loop.getRegionIterArgs())), step);
    b.setInsertionPointToEnd(loop.getBody());
    scf::YieldOp::create(b, loc, next);
    return llvm::to_vector(ValueRange(loop.getResults()));
  }

  OpBuilder &b;
  Location loc;
  const TaskFrame &frame;
  ArrayRef<Layout> inputs;
  const Layout &output;
  ElementEmitter e;
};
} // namespace

FailureOr<Task> KernelLibrary::scalar(Operation *op, ArrayRef<Layout> inputs,
                                      const Layout &output) {
  Location loc = op->getLoc();
  auto argmax = dyn_cast<ir::ArgMaxOp>(op);
  auto dot = dyn_cast<ir::DotGeneralOp>(op);
  if (!argmax && !dot && !isReduction(op))
    return op->emitError("the CPU backend has no kernel for '") << op->getName() << "' here";
  OpBuilder b(module.getContext());
  TaskFrame frame = begin(b, loc, inputs.size() + 1);
  ElementEmitter e(b, loc);
  ScalarKernel kernel(b, loc, frame, inputs, output);
  int64_t each = 1;
  if (dot) {
    SmallVector<SmallVector<int64_t>> outStrides(2, SmallVector<int64_t>(output.rank(), 0));
    int64_t d = 0;
    for (auto [xb, yb] : llvm::zip(dot.getXBatch(), dot.getYBatch())) {
      outStrides[0][d] = inputs[0].strides[xb];
      outStrides[1][d++] = inputs[1].strides[yb];
    }
    for (int64_t f : dot.getXFree())
      outStrides[0][d++] = inputs[0].strides[f];
    for (int64_t f : dot.getYFree())
      outStrides[1][d++] = inputs[1].strides[f];
    SmallVector<InnerLoop> loops;
    for (auto [xc, yc] : llvm::zip(dot.getXContract(), dot.getYContract())) {
      loops.push_back({inputs[0].shape[xc], {inputs[0].strides[xc], inputs[1].strides[yc]}});
      each *= inputs[0].shape[xc];
    }
    bool isFloat = isa<FloatType>(output.element);
    Value zero = e.fill(cast<TypedAttr>(b.getZeroAttr(output.element)), 1);
    kernel.emit(
        outStrides, loops, {zero}, 0, [&](ArrayRef<Value> at, Value, ArrayRef<Value> state) {
          Value x = kernel.operand(0, at[0]), y = kernel.operand(1, at[1]);
          Value sum = isFloat ? Value(arith::AddFOp::create(b, loc, state[0],
                                                            arith::MulFOp::create(b, loc, x, y)))
                              : Value(arith::AddIOp::create(b, loc, state[0],
                                                            arith::MulIOp::create(b, loc, x, y)));
          return SmallVector<Value>{sum};
        });
    return finish(frame, output.count(), each);
  }

  SmallVector<int64_t> reduced;
  if (argmax)
    reduced.push_back(argmax.getDimension());
  else
    llvm::append_range(reduced, op->getAttrOfType<DenseI64ArrayAttr>("dimensions").asArrayRef());
  SmallVector<SmallVector<int64_t>> outStrides(1);
  SmallVector<InnerLoop> loops;
  for (int64_t d = 0; d < inputs[0].rank(); ++d) {
    if (llvm::is_contained(reduced, d)) {
      loops.push_back({inputs[0].shape[d], {inputs[0].strides[d]}});
      each *= inputs[0].shape[d];
    } else {
      outStrides[0].push_back(inputs[0].strides[d]);
    }
  }
  if (!argmax) {
    kernel.emit(outStrides, loops, {e.fill(neutralElement(op), 1)}, 0,
                [&](ArrayRef<Value> at, Value, ArrayRef<Value> state) {
                  return SmallVector<Value>{
                      combine(b, loc, op, state[0], kernel.operand(0, at[0]))};
                });
    return finish(frame, output.count(), each);
  }
  bool isFloat = isa<FloatType>(inputs[0].element);
  Type element = inputs[0].element;
  TypedAttr lowest =
      isFloat ? TypedAttr(b.getFloatAttr(element, -std::numeric_limits<double>::infinity()))
              : TypedAttr(b.getIntegerAttr(
                    element, APInt::getSignedMinValue(element.getIntOrFloatBitWidth())));
  Value zero = arith::ConstantIntOp::create(b, loc, 0, 32);
  kernel.emit(
      outStrides, loops, {e.fill(lowest, 1), zero}, 1,
      [&](ArrayRef<Value> at, Value index, ArrayRef<Value> state) {
        Value x = kernel.operand(0, at[0]);
        Value greater =
            isFloat ? Value(arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, x, state[0]))
                    : Value(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, x, state[0]));
        Value here = arith::TruncIOp::create(b, loc, b.getI32Type(), index);
        return SmallVector<Value>{arith::SelectOp::create(b, loc, greater, x, state[0]),
                                  arith::SelectOp::create(b, loc, greater, here, state[1])};
      });
  return finish(frame, output.count(), each);
}
