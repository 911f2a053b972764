//===- Formula.h - what decompositions and derivatives are built with ------===//
//
// f16 and bf16 are computed in f32 and rounded at the end.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "heddle/ir/Ops.h"
#include "heddle/ir/TensorBuilder.h"

#include "mlir/IR/Operation.h"
#include "mlir/IR/TypeUtilities.h"

#include <limits>

namespace heddle::ir {

/// Builds in the type that a composite op computes in.
struct Formula : TensorBuilder {
  mlir::Type element; // of the op's first result
  mlir::Type wide;    // of the computation

  Formula(mlir::OpBuilder &builder, mlir::Operation *op)
      : TensorBuilder(builder, op->getLoc(), op->getResult(0).getType()),
        element(mlir::getElementTypeOrSelf(op->getResult(0).getType())), wide(wideOf(element)) {}

  /// f64 for f64, f32 for the others.
  static mlir::Type wideOf(mlir::Type element) {
    return element.isF16() || element.isBF16() ? mlir::Float32Type::get(element.getContext())
                                               : element;
  }
  Value widen(Value x) { return cast(x, wide); }
  Value narrow(Value x) { return cast(x, element); }
};

/// The parts of softmax and of its logarithm, along one dimension.
struct SoftmaxParts {
  mlir::Value max;     // of x, without the dimension; see below
  mlir::Value shifted; // x - max
  mlir::Value exp;     // e^shifted
  mlir::Value sum;     // of exp, without the dimension

  /// With `maybeAllMasked`, a maximum of -inf becomes 0: where all of x is -inf, exp is 0 and not
  /// NaN.
  SoftmaxParts(Formula &t, mlir::Value x, int64_t dim, bool maybeAllMasked = false) {
    llvm::ArrayRef<int64_t> shape = llvm::cast<mlir::RankedTensorType>(x.getType()).getShape();
    // NaN comes through the sum, which all results are made with.
    max = t.reduceMax(x, {dim}, /*mayIgnoreNaN=*/true);
    if (maybeAllMasked) {
      mlir::Type rows = max.getType();
      mlir::Value none = t.compare(ComparePredicate::eq, max,
                                   t.constant(-std::numeric_limits<double>::infinity(), rows));
      max = t.select(none, t.constant(0.0, rows), max);
    }
    shifted = t.sub(x, t.broadcastAlong(max, dim, shape));
    exp = t.exp(shifted);
    sum = t.reduceSum(exp, {dim});
  }
};

} // namespace heddle::ir
