// Right gradients, none of which is named: nothing is said and nothing changes.
// RUN: heddle-opt %s --heddle-check-gradients=seeds=0,1,2 --verify-diagnostics | FileCheck %s
// RUN: heddle-opt %s --load-dialect-plugin=%plugins/libheddle_wrong_derivatives.so --heddle-check-gradients --verify-diagnostics -o /dev/null

// In f32, whose rounding would drown what is looked for: it is a copy that becomes f64.
// CHECK-LABEL: func.func @layers(
// CHECK-SAME: tensor<3x4xf32>
// CHECK: heddle.gradient %{{.*}} wrt %arg1, %arg2, %arg3
func.func @layers(%x: tensor<3x4xf32>, %w: tensor<5x4xf32>, %g: tensor<5xf32>, %b: tensor<5xf32>, %label: tensor<3xi32>) -> (tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>) {
  %0 = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<3x4xf32>, tensor<5x4xf32>
  %1 = heddle.relu %0 : tensor<3x5xf32>
  %2 = heddle.layer_norm %1, %g, %b {epsilon = 1.0e-5 : f64} : tensor<3x5xf32>, tensor<5xf32>
  %3 = heddle.cross_entropy %2, %label {ignore_index = -100 : i64} : tensor<3x5xf32>, tensor<3xi32>
  %dw, %dg, %db = heddle.gradient %3 wrt %w, %g, %b : (tensor<f32>, tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>) -> (tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
  return %dw, %dg, %db : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>
}

// The derivative is 0 beyond a stop_gradient, although the loss moves; and with respect to what has no influence.
// CHECK-LABEL: func.func @stopped(
func.func @stopped(%x: tensor<4xf32>, %y: tensor<2xf32>) -> (tensor<4xf32>, tensor<2xf32>) {
  %0 = heddle.sin %x : tensor<4xf32>
  %1 = heddle.stop_gradient %0 : tensor<4xf32>
  %2 = heddle.mul %1, %x : tensor<4xf32>
  %3 = heddle.reduce_sum %2 [0] : tensor<4xf32>
  %dx, %dy = heddle.gradient %3 wrt %x, %y : (tensor<f32>, tensor<4xf32>, tensor<2xf32>) -> (tensor<4xf32>, tensor<2xf32>)
  return %dx, %dy : tensor<4xf32>, tensor<2xf32>
}

// A gradient of a gradient, and one with respect to what was computed.
// CHECK-LABEL: func.func @second(
func.func @second(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = heddle.tanh %x : tensor<4xf32>
  %1 = heddle.mul %0, %0 : tensor<4xf32>
  %2 = heddle.reduce_sum %1 [0] : tensor<4xf32>
  %d = heddle.gradient %2 wrt %x : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  %3 = heddle.mul %d, %0 : tensor<4xf32>
  %4 = heddle.reduce_sum %3 [0] : tensor<4xf32>
  %dd, %d0 = heddle.gradient %4 wrt %x, %0 : (tensor<f32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return %dd, %d0 : tensor<4xf32>, tensor<4xf32>
}

// Positive numbers where numbers around zero have no logarithm; sizes that a step has to follow.
// CHECK-LABEL: func.func @scales(
func.func @scales(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = heddle.constant dense<1.0e6> : tensor<4xf32>
  %0 = heddle.mul %x, %c : tensor<4xf32>
  %1 = heddle.log %0 : tensor<4xf32>
  %2 = heddle.mul %1, %0 : tensor<4xf32>
  %3 = heddle.reduce_sum %2 [0] : tensor<4xf32>
  %d0 = heddle.gradient %3 wrt %0 : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  return %d0 : tensor<4xf32>
}

// Many kinks: some step or other is within none of them, or near enough.
// CHECK-LABEL: func.func @kinks(
func.func @kinks(%x: tensor<100x300xf32>) -> tensor<100x300xf32> {
  %0 = heddle.abs %x : tensor<100x300xf32>
  %1 = heddle.reduce_sum %0 [0, 1] : tensor<100x300xf32>
  %d = heddle.gradient %1 wrt %x : (tensor<f32>, tensor<100x300xf32>) -> tensor<100x300xf32>
  return %d : tensor<100x300xf32>
}

// CHECK-LABEL: func.func @without_gradient(
func.func @without_gradient(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}
