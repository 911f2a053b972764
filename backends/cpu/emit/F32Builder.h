//===- F32Builder.h - arithmetic on f32, scalar or vector ------------------===//

#pragma once

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace heddle::cpu {

/// What approximations are made of; `type` is f32 or a vector of it.
struct F32Builder {
  mlir::ImplicitLocOpBuilder b;
  mlir::Type type;

  F32Builder(mlir::Operation *op, mlir::RewriterBase &rewriter)
      : b(op->getLoc(), rewriter), type(op->getResult(0).getType()) {}

  /// The type with i32 for its elements.
  mlir::Type bits() {
    mlir::Type element = b.getI32Type();
    auto shaped = mlir::dyn_cast<mlir::ShapedType>(type);
    return shaped ? mlir::Type(shaped.clone(element)) : element;
  }
  mlir::Value filled(mlir::Type like, mlir::TypedAttr value) {
    if (auto shaped = mlir::dyn_cast<mlir::ShapedType>(like))
      value = mlir::DenseElementsAttr::get(shaped, mlir::Attribute(value));
    return mlir::arith::ConstantOp::create(b, value);
  }
  mlir::Value constant(float value) { return filled(type, b.getF32FloatAttr(value)); }
  mlir::Value fma(mlir::Value x, mlir::Value y, mlir::Value z) {
    return mlir::math::FmaOp::create(b, x, y, z);
  }
  mlir::Value mul(mlir::Value x, mlir::Value y) { return mlir::arith::MulFOp::create(b, x, y); }
  /// By Horner's rule; the coefficient of the highest power comes first.
  mlir::Value polynomial(llvm::ArrayRef<float> coefficients, mlir::Value x) {
    mlir::Value sum = constant(coefficients.front());
    for (float coefficient : coefficients.drop_front())
      sum = fma(sum, x, constant(coefficient));
    return sum;
  }
  /// NaN stays.
  mlir::Value atMost(float bound, mlir::Value x) {
    return unless(mlir::arith::CmpFPredicate::OLT, bound, x);
  }
  mlir::Value atLeast(float bound, mlir::Value x) {
    return unless(mlir::arith::CmpFPredicate::OGT, bound, x);
  }

private:
  mlir::Value unless(mlir::arith::CmpFPredicate isBeyond, float bound, mlir::Value x) {
    mlir::Value limit = constant(bound);
    return mlir::arith::SelectOp::create(b, mlir::arith::CmpFOp::create(b, isBeyond, limit, x),
                                         limit, x);
  }
};

} // namespace heddle::cpu
