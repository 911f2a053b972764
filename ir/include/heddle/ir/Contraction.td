//===- Contraction.td - sums of products ----------------------------------===//

#ifndef HEDDLE_CONTRACTION_TD
#define HEDDLE_CONTRACTION_TD

include "heddle/ir/HeddleBase.td"

def Heddle_DotGeneralOp : Heddle_InferredOp<"dot_general", [Heddle_Differentiable]> {
  let summary = "Sum of products over pairs of dimensions";
  let description = [{
    `z[b, i, j] = sum_k x[b, i, k] y[b, k, j]`: batch dimensions are paired and kept, contracting dimensions
    are paired and summed over, the others are kept. The result has the batch dimensions, then the free ones
    of x, then those of y, each in the operand's order.

    ```mlir
    %z = heddle.dot_general %x, %y batch [0] x [0] contract [2] x [1]
        : tensor<2x4x8xf32>, tensor<2x8x5xf32>
    ```
  }];
  let arguments = (ins Heddle_NumberTensor:$x, Heddle_NumberTensor:$y,
                       DenseI64ArrayAttr:$x_batch, DenseI64ArrayAttr:$y_batch,
                       DenseI64ArrayAttr:$x_contract, DenseI64ArrayAttr:$y_contract);
  let results = (outs Heddle_NumberTensor:$result);
  let assemblyFormat = [{
    $x `,` $y `batch` $x_batch `x` $y_batch `contract` $x_contract `x` $y_contract attr-dict
    `:` type($x) `,` type($y)
  }];
  let extraClassDeclaration = [{
    /// Dimensions of x (y) that are neither batch nor contracting, in order.
    llvm::SmallVector<int64_t> getXFree();
    llvm::SmallVector<int64_t> getYFree();
  }];
}

#endif
