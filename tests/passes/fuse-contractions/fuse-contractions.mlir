// RUN: heddle-opt --heddle-fuse-contractions %s | FileCheck %s
// RUN: heddle-opt --validate --pass-pipeline="builtin.module(func.func(heddle-fuse-contractions))" %s -o /dev/null

// CHECK-LABEL: func.func @bias
// CHECK-SAME: (%[[X:.*]]: tensor<4x8xf32>, %[[W:.*]]: tensor<5x8xf32>, %[[B:.*]]: tensor<5xf32>)
// CHECK: heddle.contraction %[[X]], %[[W]] bias %[[B]] batch [] x [] contract [1] x [1]
// CHECK-NEXT: return
func.func @bias(%x: tensor<4x8xf32>, %w: tensor<5x8xf32>, %b: tensor<5xf32>) -> tensor<4x5xf32> {
  %0 = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<4x8xf32>, tensor<5x8xf32>
  %1 = heddle.broadcast %b [1] : tensor<5xf32> to tensor<4x5xf32>
  %2 = heddle.add %0, %1 : tensor<4x5xf32>
  return %2 : tensor<4x5xf32>
}
// The product is needed without the bias too.
// CHECK-LABEL: func.func @shared
// CHECK: heddle.contraction
// CHECK-NOT: bias
// CHECK: heddle.add
func.func @shared(%x: tensor<4x8xf32>, %w: tensor<5x8xf32>, %b: tensor<5xf32>) -> (tensor<4x5xf32>, tensor<4x5xf32>) {
  %0 = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<4x8xf32>, tensor<5x8xf32>
  %1 = heddle.broadcast %b [1] : tensor<5xf32> to tensor<4x5xf32>
  %2 = heddle.add %0, %1 : tensor<4x5xf32>
  return %0, %2 : tensor<4x5xf32>, tensor<4x5xf32>
}
// One number a row is not a bias.
// CHECK-LABEL: func.func @rows
// CHECK: heddle.contraction
// CHECK: heddle.add
func.func @rows(%x: tensor<4x8xf32>, %w: tensor<5x8xf32>, %b: tensor<4xf32>) -> tensor<4x5xf32> {
  %0 = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<4x8xf32>, tensor<5x8xf32>
  %1 = heddle.broadcast %b [0] : tensor<4xf32> to tensor<4x5xf32>
  %2 = heddle.add %0, %1 : tensor<4x5xf32>
  return %2 : tensor<4x5xf32>
}
// The library computes in f32.
// CHECK-LABEL: func.func @double
// CHECK: heddle.dot_general
func.func @double(%x: tensor<4x8xf64>, %w: tensor<5x8xf64>) -> tensor<4x5xf64> {
  %0 = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<4x8xf64>, tensor<5x8xf64>
  return %0 : tensor<4x5xf64>
}
