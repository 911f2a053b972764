//===- Structure.td - ops about ops ---------------------------------------===//

#ifndef HEDDLE_STRUCTURE_TD
#define HEDDLE_STRUCTURE_TD

include "heddle/ir/HeddleBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Heddle_GradientOp : Op<Heddle_Dialect, "gradient", [Pure, Heddle_NoDerivative]> {
  let summary = "Derivatives of a scalar with respect to function arguments";
  let description = [{
    Result i is the derivative of the scalar float `loss` with respect to `wrt[i]`. The phase `differentiate`
    replaces it by the backward computation. A `wrt` that the loss does not depend on gets zeros.

    ```mlir
    %dw, %db = heddle.gradient %loss wrt %w, %b
        : (tensor<f32>, tensor<4x8xf32>, tensor<8xf32>) -> (tensor<4x8xf32>, tensor<8xf32>)
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$loss, Variadic<Heddle_FloatTensor>:$wrt);
  let results = (outs Variadic<Heddle_FloatTensor>:$gradients);
  let assemblyFormat = "$loss `wrt` $wrt attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Heddle_FusionOp : Op<Heddle_Dialect, "fusion", [IsolatedFromAbove, Pure, SingleBlock, Heddle_NoDerivative,
    DeclareOpInterfaceMethods<Heddle_InterpretableOpInterface>]> {
  let summary = "Ops that become one kernel";
  let description = [{
    The region, of elementwise, broadcast, reduction, iota, gather and random ops on the block's arguments, is
    compiled to one pass over memory. Made by the phase `fuse`.

    ```mlir
    %y = heddle.fusion(%a = %x, %b = %z) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32> {
      %0 = heddle.add %a, %b : tensor<4x8xf32>
      heddle.yield %0 : tensor<4x8xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<Heddle_Tensor>:$inputs);
  let results = (outs Variadic<Heddle_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
}

def Heddle_YieldOp : Op<Heddle_Dialect, "yield", [Pure, Terminator, ReturnLike, HasParent<"FusionOp">, Heddle_NoDerivative]> {
  let summary = "Ends a fusion and gives its results";
  let description = [{
    ```mlir
    heddle.yield %0 : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Variadic<Heddle_Tensor>:$values);
  let assemblyFormat = "$values attr-dict `:` type($values)";
}

def Heddle_ContractionOp : Heddle_Op<"contraction", [Heddle_NoDerivative]> {
  let summary = "A dot_general with its epilogue, as one library call";
  let description = [{
    `z = dot_general(x, y) + bias`, the bias, if there, over the last dimension. Made by the phase `fuse`; the
    dimension lists are those of `dot_general`.

    ```mlir
    %z = heddle.contraction %x, %y bias %b batch [] x [] contract [1] x [1]
        : (tensor<4x8xf32>, tensor<5x8xf32>, tensor<5xf32>) -> tensor<4x5xf32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$x, Heddle_FloatTensor:$y, Optional<Heddle_FloatTensor>:$bias,
                       DenseI64ArrayAttr:$x_batch, DenseI64ArrayAttr:$y_batch,
                       DenseI64ArrayAttr:$x_contract, DenseI64ArrayAttr:$y_contract);
  let results = (outs Heddle_FloatTensor:$result);
  let assemblyFormat = [{
    $x `,` $y (`bias` $bias^)? `batch` $x_batch `x` $y_batch `contract` $x_contract `x` $y_contract attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif
