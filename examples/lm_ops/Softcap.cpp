// lm.softcap: y = cap tanh(x / cap).
#include "LmOps.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Math/IR/Math.h>

#include <cmath>

using namespace mlir;
using namespace heddle;
using namespace lm;

static double softcap(double x, double cap) { return cap * std::tanh(x / cap); }

LogicalResult SoftcapOp::verify() {
  if (const double cap = getCap().convertToDouble(); !(cap > 0) || std::isinf(cap))
    return emitOpError() << "expects a cap that is positive and finite, got " << cap;
  return success();
}

// For the reference interpreter: the formula, in float64.
LogicalResult SoftcapOp::evaluate(ArrayRef<const ir::HostTensor *> operands,
                                  MutableArrayRef<ir::HostTensor> results) {
  for (auto [x, y] : llvm::zip_equal(operands[0]->values, results[0].values))
    y = softcap(x, getCap().convertToDouble());
  return success();
}

// For kernels: one element, in arith and math ops.
Value SoftcapOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  const double cap = getCap().convertToDouble();
  auto number = [&](double value) -> Value {
    return arith::ConstantOp::create(b, loc, b.getFloatAttr(operands[0].getType(), value));
  };
  Value scaled = arith::MulFOp::create(b, loc, operands[0], number(1.0 / cap));
  return arith::MulFOp::create(b, loc, math::TanhOp::create(b, loc, scaled), number(cap));
}

// dx = dy (1 - (y / cap)^2)
LogicalResult SoftcapOp::buildVJP(OpBuilder &builder, ValueRange cotangents,
                                  SmallVectorImpl<Value> &grads) {
  ir::TensorBuilder t(builder, getLoc(), getType());
  Value tanh = t.scale(getResult(), 1.0 / getCap().convertToDouble());
  grads[0] = t.mul(cotangents[0], t.sub(t.constant(1.0), t.mul(tanh, tanh)));
  return success();
}

// Of a number that is the same everywhere.
OpFoldResult SoftcapOp::fold(FoldAdaptor adaptor) {
  auto x = dyn_cast_if_present<SplatElementsAttr>(adaptor.getX());
  if (!x)
    return {};
  const double y =
      softcap(x.getSplatValue<APFloat>().convertToDouble(), getCap().convertToDouble());
  return SplatElementsAttr::get(x.getType(), FloatAttr::get(x.getElementType(), y));
}
