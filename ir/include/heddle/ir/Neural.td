//===- Neural.td - composite ops that keep their meaning ------------------===//
//
// Each has a decomposition: its meaning of record.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_NEURAL_TD
#define HEDDLE_NEURAL_TD

include "heddle/ir/HeddleBase.td"

def Heddle_GeluApproximation : I32EnumAttr<"GeluApproximation", "gelu formula", [
    I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"tanh", 1>]> {
  let cppNamespace = "::heddle::ir";
  let genSpecializedAttr = 0;
}
def Heddle_GeluApproximationAttr : EnumAttr<Heddle_Dialect, Heddle_GeluApproximation, "gelu_approximation">;

def Heddle_GeluOp : Heddle_Op<"gelu", [SameOperandsAndResultType, Heddle_Decomposable, Heddle_Differentiable]> {
  let summary = "Gaussian error linear unit";
  let description = [{
    `y = x/2 (1 + erf(x/sqrt 2))`, or for `tanh`
    `y = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))` (Hendrycks and Gimpel, 2016).

    ```mlir
    %y = heddle.gelu tanh %x : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Heddle_GeluApproximationAttr:$approximate, Heddle_FloatTensor:$x);
  let results = (outs Heddle_FloatTensor:$result);
  let assemblyFormat = "$approximate $x attr-dict `:` type($result)";
}

def Heddle_SiluOp : Heddle_Op<"silu", [SameOperandsAndResultType, Heddle_Decomposable, Heddle_Differentiable]> {
  let summary = "Sigmoid-weighted linear unit";
  let description = [{
    `y = x sigmoid(x)`.

    ```mlir
    %y = heddle.silu %x : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$x);
  let results = (outs Heddle_FloatTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($result)";
}

def Heddle_SoftmaxOp : Heddle_InferredOp<"softmax", [Heddle_Decomposable, Heddle_Differentiable]> {
  let summary = "Softmax along one dimension";
  let description = [{
    `y = e^(x - max x) / sum e^(x - max x)` along `dimension`.

    ```mlir
    %y = heddle.softmax %x {dimension = 1 : i64} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$x, I64Attr:$dimension);
  let results = (outs Heddle_FloatTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Heddle_LogSoftmaxOp : Heddle_InferredOp<"log_softmax", [Heddle_Decomposable, Heddle_Differentiable]> {
  let summary = "Logarithm of softmax along one dimension";
  let description = [{
    `y = x - max x - ln sum e^(x - max x)` along `dimension`.

    ```mlir
    %y = heddle.log_softmax %x {dimension = 1 : i64} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$x, I64Attr:$dimension);
  let results = (outs Heddle_FloatTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Heddle_LayerNormOp : Heddle_InferredOp<"layer_norm", [AllTypesMatch<["weight", "bias"]>, Heddle_Decomposable, Heddle_Differentiable]> {
  let summary = "Normalisation over the last dimension";
  let description = [{
    `y = (x - mean) / sqrt(var + epsilon) * weight + bias`, mean and (biased) variance over the last
    dimension (Ba et al., 2016); weight and bias have its size.

    ```mlir
    %y = heddle.layer_norm %x, %weight, %bias {epsilon = 1.0e-5 : f64} : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$x, Heddle_FloatTensor:$weight, Heddle_FloatTensor:$bias,
                       F64Attr:$epsilon);
  let results = (outs Heddle_FloatTensor:$result);
  let assemblyFormat = "$x `,` $weight `,` $bias attr-dict `:` type($x) `,` type($weight)";
}

def Heddle_CrossEntropyOp : Heddle_InferredOp<"cross_entropy", [Heddle_Decomposable, Heddle_Differentiable]> {
  let summary = "Mean negative log-likelihood of integer labels";
  let description = [{
    `loss = sum_i -log_softmax(logits_i)[labels_i] / n` over the rows i whose label is not `ignore_index`,
    n of them; NaN when there is none, as in PyTorch. Logits are `[rows, classes]`, labels `[rows]`.

    ```mlir
    %loss = heddle.cross_entropy %logits, %labels {ignore_index = -100 : i64} : tensor<4x8xf32>, tensor<4xi32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$logits, RankedTensorOf<[I32, I64]>:$labels, I64Attr:$ignore_index);
  let results = (outs Heddle_FloatTensor:$result);
  let assemblyFormat = "$logits `,` $labels attr-dict `:` type($logits) `,` type($labels)";
}

def Heddle_DropoutOp : Heddle_InferredOp<"dropout", [Heddle_Decomposable, Heddle_Differentiable]> {
  let summary = "Random zeros, the rest scaled up";
  let description = [{
    `y = u >= p ? x / (1 - p) : 0`, u from `random_uniform` with the same key and stream; `0 <= p < 1`.

    ```mlir
    %y = heddle.dropout %x, %key {p = 0.1 : f64, stream = 3 : i64} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$x, Heddle_RandomKey:$key, F64Attr:$p, I64Attr:$stream);
  let results = (outs Heddle_FloatTensor:$result);
  let assemblyFormat = "$x `,` $key attr-dict `:` type($x)";
}

#endif
