include "mlir/Pass/PassBase.td"

def FuseAttention : Pass<"fuse-attention", "::mlir::func::FuncOp"> {
  let summary = "Make one op of attention that was written out";
  let description = [{
    `softmax(scale q k^T) v` in separate ops becomes `heddle.attention`, which one kernel does without the
    matrix of scores in memory. q is `[batch, heads, T, D]`, k `[batch, heads, S, D]`, or transposed already, v
    `[batch, heads, S, E]`; the scale is a product with a number, a quotient by one, or missing.

    Left alone is what is not this formula (another dimension of the softmax, a mask), and what would be computed
    twice: scores or probabilities that something else uses too. Remarks: what was fused, and why other products
    with a softmax were not.

    ```mlir
    %kt = heddle.transpose %k [0, 1, 3, 2] : tensor<2x4x64x32xf32>
    %s = heddle.dot_general %q, %kt batch [0, 1] x [0, 1] contract [3] x [2]
        : tensor<2x4x64x32xf32>, tensor<2x4x32x64xf32>
    %p = heddle.softmax %s {dimension = 3 : i64} : tensor<2x4x64x64xf32>
    %y = heddle.dot_general %p, %v batch [0, 1] x [0, 1] contract [3] x [2]
        : tensor<2x4x64x64xf32>, tensor<2x4x64x32xf32>
    // becomes
    %y, %logsumexp = heddle.attention %q, %k, %v {scale = 1.0 : f64}
        : tensor<2x4x64x32xf32>, tensor<2x4x64x32xf32>, tensor<2x4x64x32xf32>
    ```
  }];
  let options = [
    Option<"minKeys", "min-keys", "int64_t", "1", "Leave attention to fewer keys as it is">
  ];
  let statistics = [
    Statistic<"numFused", "fused", "Attention made one op">,
    Statistic<"numLeft", "left", "Products with a softmax left alone">
  ];
  let dependentDialects = ["::heddle::ir::HeddleDialect"];
}
