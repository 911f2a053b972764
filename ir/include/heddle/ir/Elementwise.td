//===- Elementwise.td - one element out for each element in ---------------===//

#ifndef HEDDLE_ELEMENTWISE_TD
#define HEDDLE_ELEMENTWISE_TD

include "heddle/ir/HeddleBase.td"

//===----------------------------------------------------------------------===//
// Unary: y = f(x). Each record holds its three rules:
//   scalar  the op on one element, in arith/math  (C++; operand `x`, builder `b`)
//   eval    the formula in double                 (C++; operand `x`)
//   vjp     dx from dy, x and y                   (C++; `t` is a TensorBuilder)
//===----------------------------------------------------------------------===//

class Heddle_UnaryOp<string mnemonic, string formula, string scalar, string eval, string vjp,
                     TypeConstraint type = Heddle_FloatTensor>
    : Heddle_Op<mnemonic, [SameOperandsAndResultType, Heddle_Elementwise, Heddle_Differentiable]> {
  let arguments = (ins type:$x);
  let results = (outs type:$result);
  let assemblyFormat = "$x attr-dict `:` type($result)";
  let description = "Elementwise `" # formula # [{`.

```mlir
%y = heddle.}] # mnemonic # [{ %x : tensor<4x8xf32>
```
  }];
  let extraClassDefinition = [{
    ::mlir::Value $cppClass::buildScalar(::mlir::OpBuilder &b, ::mlir::Location loc,
                                         ::mlir::ValueRange operands) {
      ::mlir::Value x = operands[0];
      return }] # scalar # [{;
    }
    ::llvm::LogicalResult $cppClass::evaluate(
        ::llvm::ArrayRef<const ::heddle::ir::HostTensor *> operands,
        ::llvm::MutableArrayRef<::heddle::ir::HostTensor> results) {
      for (size_t i = 0, n = results[0].values.size(); i < n; ++i) {
        double x = operands[0]->values[i];
        results[0].values[i] = }] # eval # [{;
      }
      return ::llvm::success();
    }
    ::llvm::LogicalResult $cppClass::buildVJP(::mlir::OpBuilder &builder,
                                              ::mlir::ValueRange cotangents,
                                              ::llvm::SmallVectorImpl<::mlir::Value> &grads) {
      ::heddle::ir::TensorBuilder t(builder, getLoc(), getType());
      ::mlir::Value dy = cotangents[0], x = getX(), y = getResult();
      (void)t, (void)x, (void)y;
      grads[0] = }] # vjp # [{;
      return ::llvm::success();
    }
  }];
}

def Heddle_NegOp : Heddle_UnaryOp<"neg", "y = -x", "buildNeg(b, loc, x)", "-x", "t.neg(dy)", Heddle_NumberTensor> {
  let summary = "Negation";
  let hasFolder = 1;
}
def Heddle_AbsOp : Heddle_UnaryOp<"abs", "y = |x|, with derivative sign(x) (0 at 0)",
    "mlir::math::AbsFOp::create(b, loc, x)", "std::fabs(x)", "t.mul(dy, t.sign(x))"> {
  let summary = "Absolute value";
}
def Heddle_ExpOp : Heddle_UnaryOp<"exp", "y = e^x",
    "mlir::math::ExpOp::create(b, loc, x)", "std::exp(x)", "t.mul(dy, y)"> {
  let summary = "Natural exponential";
}
def Heddle_LogOp : Heddle_UnaryOp<"log", "y = ln x",
    "mlir::math::LogOp::create(b, loc, x)", "std::log(x)", "t.div(dy, x)"> {
  let summary = "Natural logarithm";
}
def Heddle_SqrtOp : Heddle_UnaryOp<"sqrt", "y = x^(1/2)",
    "mlir::math::SqrtOp::create(b, loc, x)", "std::sqrt(x)", "t.div(t.mul(dy, t.constant(0.5)), y)"> {
  let summary = "Square root";
}
def Heddle_RsqrtOp : Heddle_UnaryOp<"rsqrt", "y = x^(-1/2)",
    "buildRsqrt(b, loc, x)", "1.0 / std::sqrt(x)",
    "t.mul(t.mul(dy, t.constant(-0.5)), t.mul(y, t.mul(y, y)))"> {
  let summary = "Reciprocal square root";
}
def Heddle_TanhOp : Heddle_UnaryOp<"tanh", "y = tanh x",
    "mlir::math::TanhOp::create(b, loc, x)", "std::tanh(x)",
    "t.mul(dy, t.sub(t.constant(1.0), t.mul(y, y)))"> {
  let summary = "Hyperbolic tangent";
}
def Heddle_ErfOp : Heddle_UnaryOp<"erf", "y = erf x",
    "mlir::math::ErfOp::create(b, loc, x)", "std::erf(x)",
    "t.mul(dy, t.mul(t.constant(1.1283791670955126), t.exp(t.neg(t.mul(x, x)))))"> {
  let summary = "Gauss error function";
}
def Heddle_SinOp : Heddle_UnaryOp<"sin", "y = sin x",
    "mlir::math::SinOp::create(b, loc, x)", "std::sin(x)", "t.mul(dy, t.cos(x))"> {
  let summary = "Sine";
}
def Heddle_CosOp : Heddle_UnaryOp<"cos", "y = cos x",
    "mlir::math::CosOp::create(b, loc, x)", "std::cos(x)", "t.neg(t.mul(dy, t.sin(x)))"> {
  let summary = "Cosine";
}
def Heddle_SigmoidOp : Heddle_UnaryOp<"sigmoid", "y = 1 / (1 + e^-x)",
    "buildSigmoid(b, loc, x)", "1.0 / (1.0 + std::exp(-x))",
    "t.mul(dy, t.mul(y, t.sub(t.constant(1.0), y)))"> {
  let summary = "Logistic function";
}
def Heddle_ReluOp : Heddle_UnaryOp<"relu", "y = max(x, 0), with derivative 0 at 0",
    "buildRelu(b, loc, x)", "std::isnan(x) ? x : std::max(x, 0.0)",
    "t.select(t.compare(ComparePredicate::gt, x, t.constant(0.0)), dy, t.constant(0.0))"> {
  let summary = "Rectified linear unit";
}

def Heddle_FloorOp : Heddle_Op<"floor", [SameOperandsAndResultType, Heddle_Elementwise, Heddle_NoDerivative]> {
  let summary = "Largest integer not above x";
  let description = [{
    Elementwise `y = floor x`. Piecewise constant: it has no derivative.

    ```mlir
    %y = heddle.floor %x : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$x);
  let results = (outs Heddle_FloatTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($result)";
}

def Heddle_NotOp : Heddle_Op<"not", [SameOperandsAndResultType, Heddle_Elementwise, Heddle_NoDerivative]> {
  let summary = "Logical negation";
  let description = [{
    Elementwise `y = !x` on booleans.

    ```mlir
    %y = heddle.not %x : tensor<4x8xi1>
    ```
  }];
  let arguments = (ins Heddle_BoolTensor:$x);
  let results = (outs Heddle_BoolTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($result)";
}

//===----------------------------------------------------------------------===//
// Binary: z = f(x, y), both of the result's type.
//===----------------------------------------------------------------------===//

class Heddle_BinaryOp<string mnemonic, string formula, string scalar, string eval, list<Trait> traits,
                      TypeConstraint type = Heddle_NumberTensor>
    : Heddle_Op<mnemonic, !listconcat([SameOperandsAndResultType, Heddle_Elementwise], traits)> {
  let arguments = (ins type:$x, type:$y);
  let results = (outs type:$result);
  let assemblyFormat = "$x `,` $y attr-dict `:` type($result)";
  let description = "Elementwise `" # formula # [{`.

```mlir
%z = heddle.}] # mnemonic # [{ %x, %y : tensor<4x8x}] #
!if(!eq(!cast<string>(type), "Heddle_LogicTensor"), "i1", "f32") # [{>
```
  }];
  code commonDefinition = [{
    ::mlir::Value $cppClass::buildScalar(::mlir::OpBuilder &b, ::mlir::Location loc,
                                         ::mlir::ValueRange operands) {
      ::mlir::Value x = operands[0], y = operands[1];
      bool isFloat = ::llvm::isa<::mlir::FloatType>(::mlir::getElementTypeOrSelf(x.getType()));
      (void)isFloat;
      return }] # scalar # [{;
    }
    ::llvm::LogicalResult $cppClass::evaluate(
        ::llvm::ArrayRef<const ::heddle::ir::HostTensor *> operands,
        ::llvm::MutableArrayRef<::heddle::ir::HostTensor> results) {
      bool isFloat = ::llvm::isa<::mlir::FloatType>(getType().getElementType());
      (void)isFloat;
      for (size_t i = 0, n = results[0].values.size(); i < n; ++i) {
        double x = operands[0]->values[i], y = operands[1]->values[i];
        results[0].values[i] = }] # eval # [{;
      }
      return ::llvm::success();
    }
  }];
  let extraClassDefinition = commonDefinition;
}

class Heddle_BinaryDiffOp<string mnemonic, string formula, string scalar, string eval, string dx, string dy,
                          TypeConstraint type = Heddle_NumberTensor>
    : Heddle_BinaryOp<mnemonic, formula, scalar, eval, [Heddle_Differentiable], type> {
  let extraClassDefinition = commonDefinition # [{
    ::llvm::LogicalResult $cppClass::buildVJP(::mlir::OpBuilder &builder,
                                              ::mlir::ValueRange cotangents,
                                              ::llvm::SmallVectorImpl<::mlir::Value> &grads) {
      ::heddle::ir::TensorBuilder t(builder, getLoc(), getType());
      ::mlir::Value dz = cotangents[0], x = getX(), y = getY(), z = getResult();
      (void)t, (void)x, (void)y, (void)z;
      grads[0] = }] # dx # [{;
      grads[1] = }] # dy # [{;
      return ::llvm::success();
    }
  }];
}

def Heddle_AddOp : Heddle_BinaryDiffOp<"add", "z = x + y", "buildAdd(b, loc, x, y)", "x + y", "dz", "dz"> {
  let summary = "Sum";
  let hasFolder = 1;
}
def Heddle_SubOp : Heddle_BinaryDiffOp<"sub", "z = x - y", "buildSub(b, loc, x, y)", "x - y", "dz", "t.neg(dz)"> {
  let summary = "Difference";
  let hasFolder = 1;
}
def Heddle_MulOp : Heddle_BinaryDiffOp<"mul", "z = x * y", "buildMul(b, loc, x, y)", "x * y",
    "t.mul(dz, y)", "t.mul(dz, x)"> {
  let summary = "Product";
  let hasFolder = 1;
}
def Heddle_DivOp : Heddle_BinaryDiffOp<"div", "z = x / y (integers round towards 0; division by 0 gives 0)",
    "buildDiv(b, loc, x, y)", "isFloat ? x / y : (y == 0 ? 0.0 : std::trunc(x / y))",
    "t.div(dz, y)", "t.neg(t.div(t.mul(dz, z), y))"> {
  let summary = "Quotient";
  let hasFolder = 1;
}
def Heddle_MaximumOp : Heddle_BinaryDiffOp<"maximum", "z = max(x, y); a tie shares the cotangent in halves; NaN wins",
    "buildMaximum(b, loc, x, y)", "(std::isnan(x) || std::isnan(y)) ? NAN : std::max(x, y)",
    "t.mul(dz, t.winnerShare(ComparePredicate::gt, x, y))",
    "t.mul(dz, t.winnerShare(ComparePredicate::gt, y, x))"> {
  let summary = "Larger of two";
}
def Heddle_MinimumOp : Heddle_BinaryDiffOp<"minimum", "z = min(x, y); a tie shares the cotangent in halves; NaN wins",
    "buildMinimum(b, loc, x, y)", "(std::isnan(x) || std::isnan(y)) ? NAN : std::min(x, y)",
    "t.mul(dz, t.winnerShare(ComparePredicate::lt, x, y))",
    "t.mul(dz, t.winnerShare(ComparePredicate::lt, y, x))"> {
  let summary = "Smaller of two";
}
def Heddle_PowOp : Heddle_BinaryDiffOp<"pow", "z = x^y, x >= 0 where y needs a derivative",
    "mlir::math::PowFOp::create(b, loc, x, y)", "std::pow(x, y)",
    // Where y is 0 so is the derivative, at x = 0 too.
    "t.mul(dz, t.select(t.compare(ComparePredicate::eq, y, t.constant(0.0)), t.constant(0.0), "
    "t.mul(y, t.pow(x, t.sub(y, t.constant(1.0))))))",
    "t.mul(dz, t.select(t.compare(ComparePredicate::gt, x, t.constant(0.0)), t.mul(z, t.log(x)), t.constant(0.0)))",
    Heddle_FloatTensor> {
  let summary = "Power";
}
def Heddle_AndOp : Heddle_BinaryOp<"and", "z = x & y", "mlir::arith::AndIOp::create(b, loc, x, y)",
    "double(int64_t(x) & int64_t(y))", [Heddle_NoDerivative], Heddle_LogicTensor> {
  let summary = "Bitwise and";
}
def Heddle_OrOp : Heddle_BinaryOp<"or", "z = x | y", "mlir::arith::OrIOp::create(b, loc, x, y)",
    "double(int64_t(x) | int64_t(y))", [Heddle_NoDerivative], Heddle_LogicTensor> {
  let summary = "Bitwise or";
}

//===----------------------------------------------------------------------===//
// Compare, select, cast.
//===----------------------------------------------------------------------===//

def Heddle_ComparePredicate : I32EnumAttr<"ComparePredicate", "comparison", [
    I32EnumAttrCase<"eq", 0>, I32EnumAttrCase<"ne", 1>, I32EnumAttrCase<"lt", 2>,
    I32EnumAttrCase<"le", 3>, I32EnumAttrCase<"gt", 4>, I32EnumAttrCase<"ge", 5>]> {
  let cppNamespace = "::heddle::ir";
  let genSpecializedAttr = 0;
}
def Heddle_ComparePredicateAttr : EnumAttr<Heddle_Dialect, Heddle_ComparePredicate, "predicate">;

def Heddle_CompareOp : Heddle_InferredOp<"compare", [SameTypeOperands, Heddle_Elementwise, Heddle_NoDerivative]> {
  let summary = "Comparison to a boolean";
  let description = [{
    Elementwise `z = x <predicate> y`, predicate one of `eq`, `ne`, `lt`, `le`, `gt`, `ge`. Comparisons with
    NaN are false, but for `ne`, which is true.

    ```mlir
    %z = heddle.compare lt %x, %y : tensor<4xf32>
    ```
  }];
  let arguments = (ins Heddle_ComparePredicateAttr:$predicate, Heddle_Tensor:$x, Heddle_Tensor:$y);
  let results = (outs Heddle_BoolTensor:$result);
  let assemblyFormat = "$predicate $x `,` $y attr-dict `:` type($x)";
  let hasFolder = 1;
}

def Heddle_SelectOp : Heddle_Op<"select", [AllTypesMatch<["x", "y", "result"]>, AllShapesMatch<["condition", "result"]>,
    Heddle_Elementwise, Heddle_Differentiable]> {
  let summary = "Choice between two values";
  let description = [{
    Elementwise `z = condition ? x : y`. The cotangent flows to the chosen operand only.

    ```mlir
    %z = heddle.select %condition, %x, %y : tensor<4xf32>
    ```
  }];
  let arguments = (ins Heddle_BoolTensor:$condition, Heddle_Tensor:$x, Heddle_Tensor:$y);
  let results = (outs Heddle_Tensor:$result);
  let hasCustomAssemblyFormat = 1;
  let hasFolder = 1;
}

def Heddle_CastOp : Heddle_Op<"cast", [SameOperandsAndResultShape, Heddle_Elementwise, Heddle_Differentiable]> {
  let summary = "Conversion of the element type";
  let description = [{
    Elementwise conversion: float to integer rounds towards zero, boolean becomes 0 or 1, and a number
    becomes a boolean by `x != 0`. The cotangent is cast back between float types and stops otherwise.

    ```mlir
    %y = heddle.cast %x : tensor<4xi32> to tensor<4xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x);
  let results = (outs Heddle_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($result)";
  let hasFolder = 1;
}

def Heddle_StopGradientOp : Heddle_Op<"stop_gradient", [SameOperandsAndResultType, Heddle_Elementwise, Heddle_Differentiable]> {
  let summary = "The identity, through which no gradient flows";
  let description = [{
    `y = x`, with derivative 0 by definition (PyTorch's `detach`).

    ```mlir
    %y = heddle.stop_gradient %x : tensor<4xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x);
  let results = (outs Heddle_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($result)";
}

#endif
