//===- Reduction.td - fewer dimensions out than in ------------------------===//

#ifndef HEDDLE_REDUCTION_TD
#define HEDDLE_REDUCTION_TD

include "heddle/ir/HeddleBase.td"

class Heddle_ReduceOp<string mnemonic, string formula, string more = "">
    : Heddle_InferredOp<"reduce_" # mnemonic, [Heddle_Differentiable]> {
  let description = formula # [{ over `dimensions` (strictly increasing), which the result no longer has.}] # more # [{

    ```mlir
    %y = heddle.reduce_}] # mnemonic # [{ %x [1] : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Heddle_NumberTensor:$x, DenseI64ArrayAttr:$dimensions);
  let results = (outs Heddle_NumberTensor:$result);
  let assemblyFormat = "$x $dimensions attr-dict `:` type($x)";
  let hasFolder = 1;
}
def Heddle_ReduceSumOp : Heddle_ReduceOp<"sum", "Sum (0 of nothing)"> {
  let summary = "Sum over dimensions";
}
def Heddle_ReduceMaxOp : Heddle_ReduceOp<"max",
    "Largest element (-inf, or the smallest integer, of nothing); ties share the cotangent equally",
    " With `may_ignore_nan`, elements that are NaN may be left out, which takes less: softmax, whose sum is NaN then "
    "anyway, asks for no more."> {
  let summary = "Maximum over dimensions";
  let arguments = (ins Heddle_NumberTensor:$x, DenseI64ArrayAttr:$dimensions, UnitAttr:$may_ignore_nan);
}
def Heddle_ReduceMinOp : Heddle_ReduceOp<"min",
    "Smallest element (inf, or the largest integer, of nothing); ties share the cotangent equally"> {
  let summary = "Minimum over dimensions";
}

def Heddle_ArgMaxOp : Heddle_InferredOp<"argmax", [Heddle_NoDerivative]> {
  let summary = "Index of the first largest element along one dimension";
  let description = [{
    The result, of i32, no longer has `dimension`. Rejected for a dimension of size 0.

    ```mlir
    %y = heddle.argmax %x {dimension = 1 : i64} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Heddle_NumberTensor:$x, I64Attr:$dimension);
  let results = (outs RankedTensorOf<[I32]>:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

#endif
