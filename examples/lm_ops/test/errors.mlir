// RUN: %heddle-opt %s --load-dialect-plugin=%plugin --split-input-file --verify-diagnostics

func.func @cap_of_nothing(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'lm.softcap' op expects a cap that is positive and finite, got 0}}
  %y = lm.softcap %x {cap = 0.0 : f64} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @no_halves(%x: tensor<4x7xf32>) -> tensor<4x3xf32> {
  // expected-error @below {{swiglu expects an even number of features in the last dimension, got 'tensor<4x7xf32>'}}
  %y = lm.swiglu %x : tensor<4x7xf32>
  return %y : tensor<4x3xf32>
}
