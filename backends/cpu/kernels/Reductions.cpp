//===- Reductions.cpp - sums, maxima and minima ------------------------------===//

#include "Reductions.h"

#include "ElementEmitter.h"
#include "heddle/ir/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

static Type elementOf(Operation *reduction) {
  return getElementTypeOrSelf(reduction->getResult(0).getType());
}

bool heddle::cpu::isReduction(Operation *op) {
  return isa_and_present<ir::ReduceSumOp, ir::ReduceMaxOp, ir::ReduceMinOp>(op);
}

TypedAttr heddle::cpu::neutralElement(Operation *reduction) {
  Type element = elementOf(reduction);
  Builder b(reduction->getContext());
  if (isa<ir::ReduceSumOp>(reduction))
    return cast<TypedAttr>(b.getZeroAttr(element));
  bool isMax = isa<ir::ReduceMaxOp>(reduction);
  if (auto type = dyn_cast<FloatType>(element))
    return b.getFloatAttr(type, APFloat::getInf(type.getFloatSemantics(), isMax));
  unsigned bits = element.getIntOrFloatBitWidth();
  return b.getIntegerAttr(element,
                          isMax ? APInt::getSignedMinValue(bits) : APInt::getSignedMaxValue(bits));
}

static vector::CombiningKind kindOf(Operation *reduction) {
  bool isFloat = ir::isDifferentiableType(reduction->getResult(0).getType());
  using Kind = vector::CombiningKind;
  if (isa<ir::ReduceSumOp>(reduction))
    return Kind::ADD;
  if (isa<ir::ReduceMaxOp>(reduction))
    return isFloat ? Kind::MAXIMUMF : Kind::MAXSI;
  return isFloat ? Kind::MINIMUMF : Kind::MINSI;
}

/// Whether what is NaN may be left out.
static bool mayIgnoreNaN(Operation *reduction) {
  auto max = dyn_cast<ir::ReduceMaxOp>(reduction);
  return max && max.getMayIgnoreNan() && isa<FloatType>(elementOf(reduction));
}

/// The larger of `x` and `y` for a maximum; `y`, where one is NaN. An instruction of x86.
static Value farther(OpBuilder &b, Location loc, Operation *reduction, Value x, Value y) {
  const auto beyond =
      isa<ir::ReduceMaxOp>(reduction) ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OLT;
  return arith::SelectOp::create(b, loc, arith::CmpFOp::create(b, loc, beyond, x, y), x, y);
}

Value heddle::cpu::combine(OpBuilder &b, Location loc, Operation *reduction, Value x, Value y) {
  if (mayIgnoreNaN(reduction))
    return farther(b, loc, reduction, y, x);
  return vector::makeArithReduction(b, loc, kindOf(reduction), x, y);
}

//===----------------------------------------------------------------------===//
// Along the lanes
//===----------------------------------------------------------------------===//

/// A float's bits but for the sign, as integers.
static Value magnitudeBits(OpBuilder &b, Location loc, Value x, int64_t width) {
  const unsigned bits = getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth();
  Type type = VectorType::get({width}, b.getIntegerType(bits));
  Value mask = ElementEmitter(b, loc).fill(
      b.getIntegerAttr(b.getIntegerType(bits), APInt::getSignedMaxValue(bits)), width);
  return arith::AndIOp::create(b, loc, arith::BitcastOp::create(b, loc, type, x), mask);
}

PartialReduction::PartialReduction(Operation *reduction, int64_t width)
    : reduction(reduction), width(width),
      watchesNaN(width > 1 && !isa<ir::ReduceSumOp>(reduction) &&
                 isa<FloatType>(elementOf(reduction)) && !mayIgnoreNaN(reduction)) {}

SmallVector<Value> PartialReduction::start(OpBuilder &b, Location loc) const {
  ElementEmitter e(b, loc);
  SmallVector<Value> partial{e.fill(neutralElement(reduction), width)};
  if (watchesNaN) {
    Type bits = b.getIntegerType(elementOf(reduction).getIntOrFloatBitWidth());
    partial.push_back(e.fill(b.getIntegerAttr(bits, 0), width));
  }
  return partial;
}

SmallVector<Value> PartialReduction::add(OpBuilder &b, Location loc, ArrayRef<Value> partial,
                                         Value x, Value mask) const {
  SmallVector<Value> next;
  if (watchesNaN)
    next = {farther(b, loc, reduction, x, partial[0]),
            arith::MaxSIOp::create(b, loc, magnitudeBits(b, loc, x, width), partial[1])};
  else
    next = {combine(b, loc, reduction, partial[0], x)};
  if (mask)
    for (auto [value, before] : llvm::zip_equal(next, partial))
      value = arith::SelectOp::create(b, loc, mask, value, before);
  return next;
}

SmallVector<Value> PartialReduction::merge(OpBuilder &b, Location loc, ArrayRef<Value> x,
                                           ArrayRef<Value> y) const {
  if (!watchesNaN)
    return {combine(b, loc, reduction, x[0], y[0])};
  return {farther(b, loc, reduction, x[0], y[0]), arith::MaxSIOp::create(b, loc, x[1], y[1])};
}

Value PartialReduction::finish(OpBuilder &b, Location loc, ArrayRef<Value> partial) const {
  if (width == 1)
    return partial[0];
  using Kind = vector::CombiningKind;
  const Kind farthest = isa<ir::ReduceMaxOp>(reduction) ? Kind::MAXNUMF : Kind::MINNUMF;
  auto farthestLane = [&] {
    return vector::ReductionOp::create(b, loc, farthest, partial[0], arith::FastMathFlags::nnan);
  };
  if (mayIgnoreNaN(reduction)) // no lane is NaN
    return farthestLane();
  if (!watchesNaN) {
    // The order of the lanes' sum is not part of the op's meaning.
    const bool isFloat = ir::isDifferentiableType(reduction->getResult(0).getType());
    return vector::ReductionOp::create(b, loc, kindOf(reduction), partial[0],
                                       isFloat ? arith::FastMathFlags::reassoc
                                               : arith::FastMathFlags::none);
  }
  Value most = farthestLane();
  Value largest = vector::ReductionOp::create(b, loc, Kind::MAXSI, partial[1]);
  auto type = cast<FloatType>(elementOf(reduction));
  auto bitsOf = [&](const APFloat &value) -> Value {
    return arith::ConstantOp::create(b, loc,
                                     b.getIntegerAttr(largest.getType(), value.bitcastToAPInt()));
  };
  Value isNaN = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, largest,
                                      bitsOf(APFloat::getInf(type.getFloatSemantics())));
  Value nan = arith::ConstantOp::create(
      b, loc, b.getFloatAttr(type, APFloat::getNaN(type.getFloatSemantics())));
  return arith::SelectOp::create(b, loc, isNaN, nan, most);
}
