//===- Shape.td - constants and changes of shape --------------------------===//

#ifndef HEDDLE_SHAPE_TD
#define HEDDLE_SHAPE_TD

include "heddle/ir/HeddleBase.td"

def Heddle_ConstantOp : Heddle_Op<"constant", [ConstantLike, AllTypesMatch<["value", "result"]>, Heddle_NoDerivative]> {
  let summary = "A tensor known at compile time";
  let description = [{
    ```mlir
    %c = heddle.constant dense<1.0> : tensor<4xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Heddle_Tensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

def Heddle_IotaOp : Heddle_Op<"iota", [Heddle_NoDerivative]> {
  let summary = "The index along one dimension";
  let description = [{
    `y[i0, ..., in] = i_dimension`.

    ```mlir
    %y = heddle.iota {dimension = 1 : i64} : tensor<4x8xi32>
    ```
  }];
  let arguments = (ins I64Attr:$dimension);
  let results = (outs Heddle_NumberTensor:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Heddle_ReshapeOp : Heddle_Op<"reshape", [Heddle_Differentiable]> {
  let summary = "The same elements, in row-major order, under another shape";
  let description = [{
    Rejected when the numbers of elements differ.

    ```mlir
    %y = heddle.reshape %x : tensor<4x8xf32> to tensor<2x16xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x);
  let results = (outs Heddle_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Heddle_TransposeOp : Heddle_InferredOp<"transpose", [Heddle_Differentiable]> {
  let summary = "Permutation of the dimensions";
  let description = [{
    Dimension `i` of the result is dimension `permutation[i]` of the operand.

    ```mlir
    %y = heddle.transpose %x [1, 0] : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, DenseI64ArrayAttr:$permutation);
  let results = (outs Heddle_Tensor:$result);
  let assemblyFormat = "$x $permutation attr-dict `:` type($x)";
  let hasFolder = 1;
}

def Heddle_BroadcastOp : Heddle_Op<"broadcast", [Heddle_Differentiable]> {
  let summary = "Repetition along new or size-1 dimensions";
  let description = [{
    Operand dimension `i` becomes result dimension `dimensions[i]` (strictly increasing) and has that size,
    or 1, in which case it is repeated. The derivative sums over what was repeated.

    ```mlir
    %y = heddle.broadcast %x [1] : tensor<8xf32> to tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, DenseI64ArrayAttr:$dimensions);
  let results = (outs Heddle_Tensor:$result);
  let assemblyFormat = "$x $dimensions attr-dict `:` type($x) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Heddle_SliceOp : Heddle_InferredOp<"slice", [Heddle_Differentiable]> {
  let summary = "A box of the operand, with strides";
  let description = [{
    `y[i] = x[starts + i * strides]`, for indices below `limits`. Rejected unless
    `0 <= start <= limit <= size` and `stride >= 1`.

    ```mlir
    %y = heddle.slice %x [0, 2] to [4, 8] by [1, 2] : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, DenseI64ArrayAttr:$starts, DenseI64ArrayAttr:$limits,
                       DenseI64ArrayAttr:$strides);
  let results = (outs Heddle_Tensor:$result);
  let assemblyFormat = "$x $starts `to` $limits `by` $strides attr-dict `:` type($x)";
  let hasFolder = 1;
}

def Heddle_PadOp : Heddle_InferredOp<"pad", [Heddle_Differentiable]> {
  let summary = "Zeros around, and between, the elements";
  let description = [{
    Puts `interior` zeros between neighbours and `low` and `high` zeros at the ends of each dimension. It is
    the derivative of `slice`.

    ```mlir
    %y = heddle.pad %x low [0, 2] high [0, 1] interior [0, 1] : tensor<4x3xf32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high,
                       DenseI64ArrayAttr:$interior);
  let results = (outs Heddle_Tensor:$result);
  let assemblyFormat = "$x `low` $low `high` $high `interior` $interior attr-dict `:` type($x)";
}

def Heddle_ConcatOp : Heddle_InferredOp<"concat", [Heddle_Differentiable]> {
  let summary = "Tensors end to end along one dimension";
  let description = [{
    The operands agree in element type and in all dimensions but `dimension`.

    ```mlir
    %z = heddle.concat %x, %y {dimension = 0 : i64} : tensor<4x8xf32>, tensor<2x8xf32>
    ```
  }];
  let arguments = (ins Variadic<Heddle_Tensor>:$inputs, I64Attr:$dimension);
  let results = (outs Heddle_Tensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` type($inputs)";
}

def Heddle_DynamicSliceOp : Heddle_InferredOp<"dynamic_slice", [Heddle_Differentiable]> {
  let summary = "A box of fixed size at a position known at run time";
  let description = [{
    `y[i] = x[start + i]`, with one scalar start a dimension, clamped so that the box lies inside.

    ```mlir
    %y = heddle.dynamic_slice %x at %i, %j sizes [1, 8] : tensor<4x8xf32>, tensor<i32>, tensor<i32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, Variadic<Heddle_ScalarInt>:$starts, DenseI64ArrayAttr:$sizes);
  let results = (outs Heddle_Tensor:$result);
  let assemblyFormat = "$x `at` $starts `sizes` $sizes attr-dict `:` type($x) `,` type($starts)";
}

def Heddle_DynamicUpdateSliceOp : Heddle_InferredOp<"dynamic_update_slice", [Heddle_Differentiable]> {
  let summary = "The operand with a box of it replaced";
  let description = [{
    `z = x`, but `z[start + i] = update[i]`, with one scalar start a dimension, clamped so that the box lies
    inside. On a state argument it writes the box alone.

    ```mlir
    %z = heddle.dynamic_update_slice %x, %u at %i, %j : tensor<4x8xf32>, tensor<1x8xf32>, tensor<i32>, tensor<i32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$x, Heddle_Tensor:$update, Variadic<Heddle_ScalarInt>:$starts);
  let results = (outs Heddle_Tensor:$result);
  let assemblyFormat = "$x `,` $update `at` $starts attr-dict `:` type($x) `,` type($update) `,` type($starts)";
}

#endif
