// Passes that change what a function computes: the error names the pass, the result, the first element that differs and
// both of its values.
// RUN: heddle-opt %s --load-pass-plugin=%plugins/libheddle_broken_passes.so --validate --verify-diagnostics --split-input-file --pass-pipeline="builtin.module(func.func(test-reassociate,test-swap-operands,test-move-epsilon,test-negate-indices))"
// RUN: not heddle-opt %s --load-pass-plugin=%plugins/libheddle_broken_passes.so --validate --split-input-file --pass-pipeline="builtin.module(func.func(test-reassociate,test-swap-operands,test-move-epsilon,test-negate-indices))" 2>&1 >%t | FileCheck %s
// CHECK: heddle-opt: 13 passes validated: 1 functions compared, 9 left alone, 3 different, 0 skipped

// expected-error-re @below {{test-swap-operands changes result 0 of 'swapped': at [0, 0] it was -0.{{[0-9]+}} and is 0.{{[0-9]+}}, which is more than rounding explains, {{[0-9.]+}}e-{{[0-9]+}} (on the arguments of seed 0)}}
func.func @swapped(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = heddle.sub %x, %y : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// One percent of epsilon shows, in f32 and beside variances of 1/3.
// expected-error @below {{test-move-epsilon changes result 'y' of 'norm'}}
func.func @norm(%x: tensor<4x8xf32>, %w: tensor<8xf32>, %b: tensor<8xf32>) -> (tensor<4x8xf32> {heddle.name = "y"}) {
  %0 = heddle.layer_norm %x, %w, %b {epsilon = 1.0e-3 : f64} : tensor<4x8xf32>, tensor<8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// The indices are drawn from [0, 3), as the table has them, and are negative afterwards.
// expected-error @below {{'rows' can no longer be evaluated after test-negate-indices, on the arguments of seed 0: 'heddle.gather' op index}}
func.func @rows(%t: tensor<3x2xf32>, %i: tensor<16xi32>) -> tensor<16x2xf32> {
  %0 = heddle.gather %t, %i : tensor<3x2xf32>, tensor<16xi32>
  return %0 : tensor<16x2xf32>
}

// -----

// Other roundings are not other results: 1e8 + 1 - 1e8 has few digits left.
func.func @rounded(%x: tensor<64xf32>, %y: tensor<64xf32>, %z: tensor<64xf32>) -> tensor<64xf32> {
  %c = heddle.constant dense<1.0e8> : tensor<64xf32>
  %0 = heddle.mul %x, %c : tensor<64xf32>
  %1 = heddle.mul %y, %c : tensor<64xf32>
  %2 = heddle.add %0, %z : tensor<64xf32>
  %3 = heddle.add %2, %1 : tensor<64xf32>
  return %3 : tensor<64xf32>
}
