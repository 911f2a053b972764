//===- Indexing.td - elements by index ------------------------------------===//

#ifndef HEDDLE_INDEXING_TD
#define HEDDLE_INDEXING_TD

include "heddle/ir/HeddleBase.td"

def Heddle_GatherOp : Heddle_InferredOp<"gather", [Heddle_Differentiable]> {
  let summary = "Rows of a table, by index (an embedding look-up)";
  let description = [{
    `y[i..., d...] = table[indices[i...], d...]`. An index out of range is an error in the interpreter;
    compiled code checks indices that are inputs of the function when it is called, and clamps others.

    ```mlir
    %y = heddle.gather %table, %indices : tensor<100x8xf32>, tensor<4x5xi32>
    ```
  }];
  let arguments = (ins Heddle_Tensor:$table, RankedTensorOf<[I32, I64]>:$indices);
  let results = (outs Heddle_Tensor:$result);
  let assemblyFormat = "$table `,` $indices attr-dict `:` type($table) `,` type($indices)";
}

def Heddle_ScatterAddOp : Heddle_InferredOp<"scatter_add", [Heddle_Differentiable]> {
  let summary = "Rows added into a table, by index";
  let description = [{
    `z = table`, then `z[indices[i...], d...] += updates[i..., d...]` for every i, in order: repeated indices
    add up. It is the derivative of `gather`.

    ```mlir
    %z = heddle.scatter_add %table, %indices, %updates
        : tensor<100x8xf32>, tensor<4x5xi32>, tensor<4x5x8xf32>
    ```
  }];
  let arguments = (ins Heddle_NumberTensor:$table, RankedTensorOf<[I32, I64]>:$indices,
                       Heddle_NumberTensor:$updates);
  let results = (outs Heddle_NumberTensor:$result);
  let assemblyFormat = "$table `,` $indices `,` $updates attr-dict `:` type($table) `,` type($indices) `,` type($updates)";
}

#endif
