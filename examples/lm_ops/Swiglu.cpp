// lm.swiglu: y = a sigmoid(a) b, with [a, b] the halves of x.
#include "LmOps.h"

#include <cmath>

using namespace mlir;
using namespace heddle;
using namespace lm;

// [..., 2n] gives [..., n].
LogicalResult SwigluOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (x.getRank() == 0 || x.getShape().back() % 2 != 0)
    return emitOptionalError(
        location, "swiglu expects an even number of features in the last dimension, got ", x);
  SmallVector<int64_t> shape(x.getShape());
  shape.back() /= 2;
  types.push_back(x.clone(shape));
  return success();
}

LogicalResult SwigluOp::evaluate(ArrayRef<const ir::HostTensor *> operands,
                                 MutableArrayRef<ir::HostTensor> results) {
  const auto n = static_cast<size_t>(results[0].shape().back());
  for (size_t i = 0; i < results[0].values.size(); ++i) {
    const double *row = &operands[0]->values[i / n * 2 * n];
    const double a = row[i % n], b = row[i % n + n];
    results[0].values[i] = a / (1.0 + std::exp(-a)) * b;
  }
  return success();
}

/// The halves of x along the last dimension.
static std::pair<Value, Value> halves(OpBuilder &b, SwigluOp op) {
  const ArrayRef<int64_t> all = op.getX().getType().getShape();
  SmallVector<int64_t> start(all.size(), 0), limit(all), stride(all.size(), 1);
  limit.back() /= 2;
  Value first = ir::SliceOp::create(b, op.getLoc(), op.getType(), op.getX(), start, limit, stride);
  start.back() = limit.back(), limit.back() = all.back();
  return {first,
          ir::SliceOp::create(b, op.getLoc(), op.getType(), op.getX(), start, limit, stride)};
}

// The meaning of record, in ops that Heddle has kernels for.
FailureOr<SmallVector<Value>> SwigluOp::decompose(OpBuilder &builder) {
  ir::TensorBuilder t(builder, getLoc(), getType());
  auto [a, b] = halves(builder, *this);
  return SmallVector<Value>{t.mul(t.mul(a, t.sigmoid(a)), b)};
}

// With s = sigmoid(a): da = dy b s (1 + a (1 - s)), db = dy a s, dx = [da, db].
LogicalResult SwigluOp::buildVJP(OpBuilder &builder, ValueRange cotangents,
                                 SmallVectorImpl<Value> &grads) {
  ir::TensorBuilder t(builder, getLoc(), getType());
  auto [a, b] = halves(builder, *this);
  Value dy = cotangents[0], s = t.sigmoid(a), one = t.constant(1.0);
  Value slope = t.mul(s, t.add(one, t.mul(a, t.sub(one, s))));
  Value da = t.mul(t.mul(dy, b), slope), db = t.mul(dy, t.mul(a, s));
  grads[0] = ir::ConcatOp::create(builder, getLoc(), ValueRange{da, db},
                                  static_cast<uint64_t>(getType().getRank() - 1));
  return success();
}

#define GET_OP_CLASSES
#include <LmOps.cpp.inc>
