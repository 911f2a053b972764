// RUN: heddle-opt --heddle-verify-phase="phase=simplify keep=heddle.attention" --verify-diagnostics --split-input-file %s

func.func @kept(%q: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  %y, %l = heddle.attention %q, %q, %q {scale = 1.0 : f64} : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>
  return %y : tensor<1x1x4x8xf32>
}

// -----

// What is not named may not stay, nor what is not of f32.
func.func @left(%q: tensor<1x1x4x8xf64>, %x: tensor<4xf32>) -> (tensor<1x1x4x8xf64>, tensor<4xf32>) {
  // expected-error @below {{is left after phase simplify, which decomposes composite ops}}
  %y, %l = heddle.attention %q, %q, %q {scale = 1.0 : f64} : tensor<1x1x4x8xf64>, tensor<1x1x4x8xf64>, tensor<1x1x4x8xf64>
  // expected-error @below {{is left after phase simplify, which decomposes composite ops}}
  %0 = heddle.silu %x : tensor<4xf32>
  return %y, %0 : tensor<1x1x4x8xf64>, tensor<4xf32>
}
