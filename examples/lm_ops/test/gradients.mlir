// The derivative rules against central differences.
// RUN: %heddle-opt %s --load-dialect-plugin=%plugin --heddle-check-gradients=seeds=0,1,2 --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @softcap(
func.func @softcap(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %y = lm.softcap %x {cap = 0.5 : f64} : tensor<3x4xf32>
  %square = heddle.mul %y, %y : tensor<3x4xf32>
  %loss = heddle.reduce_sum %square [0, 1] : tensor<3x4xf32>
  %dx = heddle.gradient %loss wrt %x : (tensor<f32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  return %dx : tensor<3x4xf32>
}

// CHECK-LABEL: @swiglu(
func.func @swiglu(%x: tensor<3x8xf32>) -> tensor<3x8xf32> {
  %y = lm.swiglu %x : tensor<3x8xf32>
  %square = heddle.mul %y, %y : tensor<3x4xf32>
  %loss = heddle.reduce_sum %square [0, 1] : tensor<3x4xf32>
  %dx = heddle.gradient %loss wrt %x : (tensor<f32>, tensor<3x8xf32>) -> tensor<3x8xf32>
  return %dx : tensor<3x8xf32>
}
