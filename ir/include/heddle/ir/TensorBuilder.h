//===- TensorBuilder.h - heddle ops in the words of the formula -----------===//
//
// Derivative and decomposition rules read like the formula they come from.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace heddle::ir {

enum class ComparePredicate : uint32_t;

/// Emits heddle ops at one location. Constants have `type`, or the type of the value given with
/// them.
class TensorBuilder {
public:
  using Value = mlir::Value;
  using Dims = llvm::ArrayRef<int64_t>;

  TensorBuilder(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type type = {})
      : builder(builder), loc(loc), type(llvm::cast_if_present<mlir::RankedTensorType>(type)) {}

  Value constant(double value);
  Value constant(double value, mlir::Type type);
  Value iota(mlir::RankedTensorType type, int64_t dimension);

  Value neg(Value x);
  Value abs(Value x);
  Value exp(Value x);
  Value log(Value x);
  Value sqrt(Value x);
  Value rsqrt(Value x);
  Value tanh(Value x);
  Value erf(Value x);
  Value sin(Value x);
  Value cos(Value x);
  Value sigmoid(Value x);
  Value add(Value x, Value y);
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  Value div(Value x, Value y);
  Value pow(Value x, Value y);
  Value maximum(Value x, Value y);
  Value minimum(Value x, Value y);
  Value scale(Value x, double factor);
  Value compare(ComparePredicate predicate, Value x, Value y);
  Value logicalAnd(Value x, Value y);
  Value select(Value condition, Value x, Value y);
  Value cast(Value x, mlir::Type elementType);

  /// -1, 0 or 1.
  Value sign(Value x);
  /// 1 where `x <predicate> y`, 1/2 where they are equal, 0 elsewhere, in x's type.
  Value winnerShare(ComparePredicate predicate, Value x, Value y);

  Value reshape(Value x, Dims shape);
  Value transpose(Value x, Dims permutation);
  Value broadcast(Value x, Dims dimensions, Dims shape);
  Value reduceSum(Value x, Dims dimensions);
  Value reduceMax(Value x, Dims dimensions, bool mayIgnoreNaN = false);
  /// reduceSum in x's type, of which f16 and bf16 accumulate in f32.
  Value sum(Value x, Dims dimensions);
  Value dot(Value x, Value y, Dims xBatch, Dims yBatch, Dims xContract, Dims yContract);

  /// Broadcasts y, which lacks `dimension` of `shape`, along it.
  Value broadcastAlong(Value y, int64_t dimension, Dims shape);

private:
  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::RankedTensorType type;
};

} // namespace heddle::ir
