include "heddle/ir/HeddleBase.td"

def Lm_Dialect : Dialect {
  let name = "lm";
  let cppNamespace = "::lm";
  let summary = "Ops of language models that Heddle lacks";
  let hasConstantMaterializer = 1;
}

class Lm_Op<string mnemonic, list<Trait> traits>
    : Op<Lm_Dialect, mnemonic, [Pure, Heddle_Interpretable, Heddle_Differentiable] # traits>;

def Lm_SoftcapOp : Lm_Op<"softcap", [SameOperandsAndResultType, Heddle_Elementwise]> {
  let summary = "Soft limit of large values";
  let description = [{
    Elementwise `y = cap tanh(x / cap)`, between -cap and cap (Gemma 2, 2024: of scores and logits). The cap is
    positive.

    ```mlir
    %y = lm.softcap %x {cap = 30.0 : f64} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$x, F64Attr:$cap);
  let results = (outs Heddle_FloatTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Lm_SwigluOp : Lm_Op<"swiglu", [InferTypeOpAdaptor, Heddle_Decomposable]> {
  let summary = "One half of the features gates the other";
  let description = [{
    `y = a sigmoid(a) b`, where `[a, b]` are the halves of x along its last dimension (Shazeer, 2020). x is
    `[..., 2n]`, y `[..., n]`.

    ```mlir
    %y = lm.swiglu %x : tensor<4x16xf32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$x);
  let results = (outs Heddle_FloatTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
