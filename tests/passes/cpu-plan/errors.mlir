// RUN: heddle-opt --heddle-cpu-plan --verify-diagnostics --split-input-file %s

func.func @not_fused(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'heddle.tanh' is still here after the phase 'fuse'}}
  %0 = heddle.tanh %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @constant() -> tensor<4xf32> {
  // expected-error @below {{the CPU backend takes dense constants only}}
  %0 = heddle.constant dense_resource<missing> : tensor<4xf32>
  return %0 : tensor<4xf32>
}
