// RUN: heddle-opt --heddle-verify-phase="phase=differentiate" --verify-diagnostics --split-input-file %s

func.func @left(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{is left after phase differentiate}}
  %0 = heddle.gradient %x wrt %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

// Composites are for the next phase.
func.func @allowed(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = heddle.silu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
