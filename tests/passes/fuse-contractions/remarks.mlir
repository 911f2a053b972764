// RUN: heddle-opt --heddle-fuse-contractions --remarks-filter=heddle-fuse-contractions --verify-diagnostics %s -o /dev/null

func.func @bias(%x: tensor<4x8xf32>, %w: tensor<5x8xf32>, %b: tensor<5xf32>) -> tensor<4x5xf32> {
  // expected-remark-re @below {{[Passed] BiasFused | Category:heddle-fuse-contractions | Function=bias | Remark="matrix product and the add (remarks.mlir:{{[0-9]+}}) of its bias are one kernel"}}
  %0 = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<4x8xf32>, tensor<5x8xf32>
  %1 = heddle.broadcast %b [1] : tensor<5xf32> to tensor<4x5xf32>
  %2 = heddle.add %0, %1 : tensor<4x5xf32>
  return %2 : tensor<4x5xf32>
}

func.func @returned_too(%x: tensor<4x8xf32>, %w: tensor<5x8xf32>, %b: tensor<5xf32>) -> (tensor<4x5xf32>, tensor<4x5xf32>) {
  %0 = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<4x8xf32>, tensor<5x8xf32>
  %1 = heddle.broadcast %b [1] : tensor<5xf32> to tensor<4x5xf32>
  // expected-remark-re @below {{[Missed] BiasNotFused | Category:heddle-fuse-contractions | Function=returned_too | Reason="the product is a result of the function too", Remark="this bias is not added by the matrix product (remarks.mlir:{{[0-9]+}})"}}
  %2 = heddle.add %0, %1 : tensor<4x5xf32>
  return %0, %2 : tensor<4x5xf32>, tensor<4x5xf32>
}

func.func @used_too(%x: tensor<4x8xf32>, %w: tensor<5x8xf32>, %b: tensor<5xf32>) -> (tensor<4x5xf32>, tensor<4x5xf32>) {
  %0 = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<4x8xf32>, tensor<5x8xf32>
  %1 = heddle.broadcast %b [1] : tensor<5xf32> to tensor<4x5xf32>
  // expected-remark-re @below {{Reason="the product is used by exp (remarks.mlir:{{[0-9]+}}) too"}}
  %2 = heddle.add %0, %1 : tensor<4x5xf32>
  %3 = heddle.exp %0 : tensor<4x5xf32>
  return %2, %3 : tensor<4x5xf32>, tensor<4x5xf32>
}

func.func @rows(%x: tensor<4x8xf32>, %w: tensor<5x8xf32>, %b: tensor<4xf32>) -> tensor<4x5xf32> {
  %0 = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<4x8xf32>, tensor<5x8xf32>
  %1 = heddle.broadcast %b [0] : tensor<4xf32> to tensor<4x5xf32>
  // expected-remark @below {{Reason="a product takes along a vector over its last dimension only"}}
  %2 = heddle.add %0, %1 : tensor<4x5xf32>
  return %2 : tensor<4x5xf32>
}

func.func @double(%x: tensor<4x8xf64>, %w: tensor<5x8xf64>) -> tensor<4x5xf64> {
  // expected-remark @below {{Reason="fast kernels and oneDNN are used for f32 only", Remark="matrix product of f64 is a plain loop", Suggestion="cast its operands to f32"}}
  %0 = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<4x8xf64>, tensor<5x8xf64>
  return %0 : tensor<4x5xf64>
}

// Without an addition there is nothing to say.
func.func @alone(%x: tensor<4x8xf32>, %w: tensor<5x8xf32>) -> tensor<4x5xf32> {
  %0 = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<4x8xf32>, tensor<5x8xf32>
  %1 = heddle.exp %0 : tensor<4x5xf32>
  return %1 : tensor<4x5xf32>
}
