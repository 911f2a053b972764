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

// -----

// expected-error @below {{'func.func' op has no body to plan}}
func.func private @declared(tensor<4xf32>) -> tensor<4xf32>

// -----

// expected-error @below {{'func.func' op takes or returns something else than tensors with all their sizes known}}
func.func @scalar(%x: f32) -> f32 {
  return %x : f32
}

// -----

// expected-error @below {{'func.func' op takes or returns something else than tensors with all their sizes known}}
func.func @unknown_size(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}

// -----

// No schedule holds this, and codegen does not know it.
llvm.func @tensor_in_kernel() {
  // expected-error @below {{'heddle.constant' op is left after phase plan, which makes launches and kernels of everything}}
  %0 = heddle.constant dense<1.0> : tensor<4xf32>
  llvm.return
}
