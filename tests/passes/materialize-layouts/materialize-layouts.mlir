// RUN: heddle-opt --heddle-materialize-layouts %s | FileCheck %s
// RUN: heddle-opt --validate --pass-pipeline="builtin.module(func.func(heddle-materialize-layouts))" %s -o /dev/null

// Neighbours after a transposition no longer follow each other in memory.
// CHECK-LABEL: func.func @merged
// CHECK-NEXT: heddle.transpose
// CHECK-NEXT: %[[T:.*]] = heddle.fusion(%[[A:.*]] = %arg0) {{.*}} attributes {kind = "single"} {
// CHECK-NEXT: %[[C:.*]] = heddle.transpose %[[A]] [1, 0]
// CHECK-NEXT: heddle.yield %[[C]]
// CHECK-NEXT: }
// CHECK-NEXT: heddle.reshape %[[T]] : tensor<8x4xf32> to tensor<32xf32>
func.func @merged(%x: tensor<4x8xf32>) -> tensor<32xf32> {
  %0 = heddle.transpose %x [1, 0] : tensor<4x8xf32>
  %1 = heddle.reshape %0 : tensor<8x4xf32> to tensor<32xf32>
  return %1 : tensor<32xf32>
}

// One copy serves all that need it.
// CHECK-LABEL: func.func @shared
// CHECK-COUNT-1: heddle.fusion
// CHECK-NOT: heddle.fusion
func.func @shared(%x: tensor<4x8xf32>) -> (tensor<32xf32>, tensor<2x16xf32>, tensor<8x4xf32>) {
  %0 = heddle.transpose %x [1, 0] : tensor<4x8xf32>
  %1 = heddle.reshape %0 : tensor<8x4xf32> to tensor<32xf32>
  %2 = heddle.reshape %0 : tensor<8x4xf32> to tensor<2x16xf32>
  return %1, %2, %0 : tensor<32xf32>, tensor<2x16xf32>, tensor<8x4xf32>
}

// A caller gets its result in row-major order.
// CHECK-LABEL: func.func @returned
// CHECK: %[[S:.*]] = heddle.fusion({{.*}} -> tensor<2x8xf32> attributes {kind = "single"}
// CHECK-NEXT: heddle.slice
// CHECK: return %[[S]]
func.func @returned(%x: tensor<4x8xf32>) -> tensor<2x8xf32> {
  %0 = heddle.slice %x [1, 0] to [3, 8] by [1, 1] : tensor<4x8xf32>
  return %0 : tensor<2x8xf32>
}

// Every second column: the rows cannot be joined.
// CHECK-LABEL: func.func @strided
// CHECK: heddle.fusion
// CHECK-NEXT: heddle.slice
func.func @strided(%x: tensor<4x7xf32>) -> tensor<16xf32> {
  %0 = heddle.slice %x [0, 0] to [4, 7] by [1, 2] : tensor<4x7xf32>
  %1 = heddle.reshape %0 : tensor<4x4xf32> to tensor<16xf32>
  return %1 : tensor<16xf32>
}

// The heads of an attention: a slice, split, then transposed, is a view all the way to the contraction.
// CHECK-LABEL: func.func @views
// CHECK-NEXT: heddle.slice
// CHECK-NEXT: heddle.reshape
// CHECK-NEXT: heddle.transpose
// CHECK-NEXT: heddle.contraction
// CHECK-NEXT: return
func.func @views(%x: tensor<2x3x24xf32>, %w: tensor<2x2x4x5xf32>) -> tensor<2x2x3x5xf32> {
  %0 = heddle.slice %x [0, 0, 8] to [2, 3, 16] by [1, 1, 1] : tensor<2x3x24xf32>
  %1 = heddle.reshape %0 : tensor<2x3x8xf32> to tensor<2x3x2x4xf32>
  %2 = heddle.transpose %1 [0, 2, 1, 3] : tensor<2x3x2x4xf32>
  %3 = heddle.contraction %2, %w batch [0, 1] x [0, 1] contract [3] x [2] : (tensor<2x2x3x4xf32>, tensor<2x2x4x5xf32>) -> tensor<2x2x3x5xf32>
  return %3 : tensor<2x2x3x5xf32>
}

// Reshapes of what is row-major, and of dimensions that a slice left whole.
// CHECK-LABEL: func.func @untouched
// CHECK-NOT: heddle.fusion
// CHECK: return
func.func @untouched(%x: tensor<4x6xf32>) -> tensor<2x12xf32> {
  %0 = heddle.reshape %x : tensor<4x6xf32> to tensor<2x12xf32>
  return %0 : tensor<2x12xf32>
}
