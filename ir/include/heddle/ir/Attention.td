//===- Attention.td - attention and its gradient ---------------------------===//
//
// Two ops, each of which one kernel can do without the [T, S] scores in memory, as FlashAttention-2
// does (Dao, 2023): the first leaves what the second needs to compute the scores again.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_ATTENTION_TD
#define HEDDLE_ATTENTION_TD

include "heddle/ir/HeddleBase.td"

// What is summed over many keys: f64 for operands of f64, f32 for the others.
def Heddle_RowTensor : RankedTensorOf<[F32, F64]>;

def Heddle_AttentionOp
    : Heddle_InferredOp<"attention", [AttrSizedOperandSegments, Heddle_Decomposable, Heddle_Differentiable]> {
  let summary = "Scaled dot-product attention";
  let description = [{
    `y = softmax(s) v` with the scores `s = scale q k^T + m` (Vaswani et al., 2017), per batch and head. q is
    `[batch, heads, T, D]`, k `[batch, heads, S, D]`, v `[batch, heads, S, E]`, y `[batch, heads, T, E]`. m is 0
    where a query may look and -inf elsewhere: with `causal`, query i sees keys j <= p + i; with a mask of
    booleans, those where it is true. The mask is `[batch, heads, T, S]`, or has 1 in place of any of these, along
    which it is repeated: `[batch, 1, 1, S]` hides the padding of each batch's keys.

    p is S - T: the last query sees every key. Where the keys are a cache that is filled up to a place known at run
    time only, p is `position`, that of query 0 among them: a scalar, clamped to [0, S - T] as `dynamic_update_slice`
    clamps the start of what it writes there. A position needs `causal` and T <= S.

    The second result is `ln sum_j e^(s_ij)`: `[batch, heads, T]`, f64 for operands of f64 and f32 for all others.
    From it `attention_gradient` has the probabilities back without a second pass for their sum.

    A query that sees no key, or where there are none (S = 0), gives 0 in y and -inf in the second result: sums
    over nothing.

    ```mlir
    %y, %logsumexp = heddle.attention %q, %k, %v {causal, scale = 0.125 : f64}
        : tensor<2x4x16x64xf32>, tensor<2x4x16x64xf32>, tensor<2x4x16x64xf32>
    %z, %l = heddle.attention %q, %keys, %values position %p {causal, scale = 0.125 : f64}
        : tensor<2x4x16x64xf32>, tensor<2x4x512x64xf32>, tensor<2x4x512x64xf32> position tensor<i32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$q, Heddle_FloatTensor:$k, Heddle_FloatTensor:$v,
                       Optional<Heddle_BoolTensor>:$mask, Optional<Heddle_ScalarInt>:$position,
                       UnitAttr:$causal, F64Attr:$scale);
  let results = (outs Heddle_FloatTensor:$result, Heddle_RowTensor:$logsumexp);
  let assemblyFormat = [{
    $q `,` $k `,` $v (`mask` $mask^)? (`position` $position^)? attr-dict
    `:` type($q) `,` type($k) `,` type($v) (`mask` type($mask)^)? (`position` type($position)^)?
  }];
}

def Heddle_AttentionGradientOp
    : Heddle_InferredOp<"attention_gradient", [AttrSizedOperandSegments, Heddle_Decomposable, Heddle_Differentiable]> {
  let summary = "Cotangents of attention's q, k and v";
  let description = [{
    From the operands of `attention`, its `logsumexp`, the cotangent `dy` of its first result, and
    `delta_i = sum_e dy_ie y_ie`, less the cotangent of `logsumexp_i` where that has one (Dao, 2023):

        P  = e^(scale q k^T + m - logsumexp)
        dS = P * (dy v^T - delta)
        dq = scale dS k,  dk = scale dS^T q,  dv = P^T dy

    per batch and head, `logsumexp` and `delta` `[batch, heads, T]` being the same along each row; m, `causal`, the
    mask and the position are those of `attention`. P is 0 where a query does not look. The results have the types of q, k and v.

    ```mlir
    %dq, %dk, %dv = heddle.attention_gradient %q, %k, %v, %logsumexp, %delta, %dy {causal, scale = 0.125 : f64}
        : tensor<2x4x16x64xf32>, tensor<2x4x16x64xf32>, tensor<2x4x16x64xf32>,
          tensor<2x4x16xf32>, tensor<2x4x16xf32>, tensor<2x4x16x64xf32>
    ```
  }];
  let arguments = (ins Heddle_FloatTensor:$q, Heddle_FloatTensor:$k, Heddle_FloatTensor:$v,
                       Heddle_RowTensor:$logsumexp, Heddle_RowTensor:$delta, Heddle_FloatTensor:$dy,
                       Optional<Heddle_BoolTensor>:$mask, Optional<Heddle_ScalarInt>:$position,
                       UnitAttr:$causal, F64Attr:$scale);
  let results = (outs Heddle_FloatTensor:$dq, Heddle_FloatTensor:$dk, Heddle_FloatTensor:$dv);
  let assemblyFormat = [{
    $q `,` $k `,` $v `,` $logsumexp `,` $delta `,` $dy (`mask` $mask^)? (`position` $position^)? attr-dict
    `:` type($q) `,` type($k) `,` type($v) `,` type($logsumexp) `,` type($delta) `,` type($dy)
    (`mask` type($mask)^)? (`position` type($position)^)?
  }];
}

#endif
