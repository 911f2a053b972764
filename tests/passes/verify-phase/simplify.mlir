// RUN: heddle-opt --heddle-verify-phase="phase=simplify" --verify-diagnostics --split-input-file %s

// Every op that should have gone is reported.
func.func @left(%x: tensor<4xf32>, %y: tensor<f32>) -> (tensor<4xf32>, tensor<f32>) {
  // expected-error @below {{is left after phase simplify, which decomposes composite ops}}
  %0 = heddle.silu %x : tensor<4xf32>
  // expected-error @below {{is left after phase differentiate}}
  %1 = heddle.gradient %y wrt %y : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0, %1 : tensor<4xf32>, tensor<f32>
}

// -----

func.func @allowed(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = heddle.tanh %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
