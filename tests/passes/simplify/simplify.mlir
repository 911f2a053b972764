// RUN: heddle-opt --heddle-simplify %s | FileCheck %s
// RUN: heddle-opt --validate --pass-pipeline="builtin.module(func.func(heddle-simplify))" %s -o /dev/null

// The derivative of a split into three.
// CHECK-LABEL: func.func @split_gradient
// CHECK-SAME: (%[[A:.*]]: tensor<2x4xf32>, %[[B:.*]]: tensor<2x4xf32>, %[[C:.*]]: tensor<2x4xf32>)
// CHECK-NEXT: %[[Z:.*]] = heddle.concat %[[A]], %[[B]], %[[C]] {dimension = 1 : i64}
// CHECK-NEXT: return %[[Z]]
func.func @split_gradient(%a: tensor<2x4xf32>, %b: tensor<2x4xf32>, %c: tensor<2x4xf32>) -> tensor<2x12xf32> {
  %0 = heddle.pad %a low [0, 0] high [0, 8] interior [0, 0] : tensor<2x4xf32>
  %1 = heddle.pad %b low [0, 4] high [0, 4] interior [0, 0] : tensor<2x4xf32>
  %2 = heddle.pad %c low [0, 8] high [0, 0] interior [0, 0] : tensor<2x4xf32>
  %3 = heddle.add %2, %0 : tensor<2x12xf32>
  %4 = heddle.add %3, %1 : tensor<2x12xf32>
  return %4 : tensor<2x12xf32>
}

// Boxes that leave a gap, or overlap, stay a sum.
// CHECK-LABEL: func.func @gap
// CHECK: heddle.add
func.func @gap(%a: tensor<4xf32>, %b: tensor<3xf32>) -> tensor<8xf32> {
  %0 = heddle.pad %a low [0] high [4] interior [0] : tensor<4xf32>
  %1 = heddle.pad %b low [5] high [0] interior [0] : tensor<3xf32>
  %2 = heddle.add %0, %1 : tensor<8xf32>
  return %2 : tensor<8xf32>
}
// CHECK-LABEL: func.func @overlap
// CHECK: heddle.add
func.func @overlap(%a: tensor<5xf32>, %b: tensor<4xf32>) -> tensor<8xf32> {
  %0 = heddle.pad %a low [0] high [3] interior [0] : tensor<5xf32>
  %1 = heddle.pad %b low [4] high [0] interior [0] : tensor<4xf32>
  %2 = heddle.add %0, %1 : tensor<8xf32>
  return %2 : tensor<8xf32>
}

// CHECK-LABEL: func.func @sums
// CHECK: heddle.reduce_sum %{{.*}} [0, 2]
// CHECK-NEXT: return
func.func @sums(%x: tensor<2x3x4xf32>) -> tensor<3xf32> {
  %0 = heddle.reduce_sum %x [2] : tensor<2x3x4xf32>
  %1 = heddle.reduce_sum %0 [0] : tensor<2x3xf32>
  return %1 : tensor<3xf32>
}
// What the inner maximum leaves out, the outer one does not see; what it says to be NaN, it may.
// CHECK-LABEL: func.func @maxima
// CHECK: heddle.reduce_max %{{.*}} [0, 2] {may_ignore_nan} : tensor<2x3x4xf32>
// CHECK-NEXT: heddle.reduce_max %{{.*}} [0, 2] : tensor<2x3x4xf32>
// CHECK-NEXT: return
func.func @maxima(%x: tensor<2x3x4xf32>, %y: tensor<2x3x4xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %0 = heddle.reduce_max %x [2] {may_ignore_nan} : tensor<2x3x4xf32>
  %1 = heddle.reduce_max %0 [0] : tensor<2x3xf32>
  %2 = heddle.reduce_max %y [2] : tensor<2x3x4xf32>
  %3 = heddle.reduce_max %2 [0] {may_ignore_nan} : tensor<2x3xf32>
  return %1, %3 : tensor<3xf32>, tensor<3xf32>
}
// CHECK-LABEL: func.func @narrow_maximum
// CHECK: heddle.reduce_max %{{.*}} [0] {may_ignore_nan} : tensor<3xf32>
func.func @narrow_maximum(%x: tensor<1x3xf32>) -> tensor<f32> {
  %0 = heddle.reduce_max %x [0, 1] {may_ignore_nan} : tensor<1x3xf32>
  return %0 : tensor<f32>
}
// A maximum of a sum is neither.
// CHECK-LABEL: func.func @max_of_sum
// CHECK: heddle.reduce_sum
// CHECK-NEXT: heddle.reduce_max
func.func @max_of_sum(%x: tensor<2x3x4xf32>) -> tensor<3xf32> {
  %0 = heddle.reduce_sum %x [2] : tensor<2x3x4xf32>
  %1 = heddle.reduce_max %0 [0] : tensor<2x3xf32>
  return %1 : tensor<3xf32>
}

// CHECK-LABEL: func.func @transposed_operands
// CHECK-NEXT: heddle.dot_general %{{.*}}, %{{.*}} batch [1] x [1] contract [2] x [0]
// CHECK-NEXT: return
func.func @transposed_operands(%x: tensor<4x2x8xf32>, %y: tensor<8x2x5xf32>) -> tensor<2x4x5xf32> {
  %0 = heddle.transpose %x [1, 0, 2] : tensor<4x2x8xf32>
  %1 = heddle.transpose %y [1, 0, 2] : tensor<8x2x5xf32>
  %2 = heddle.dot_general %0, %1 batch [0] x [0] contract [2] x [1] : tensor<2x4x8xf32>, tensor<2x8x5xf32>
  return %2 : tensor<2x4x5xf32>
}
// CHECK-LABEL: func.func @transposed_result
// CHECK-SAME: (%[[X:.*]]: tensor<4x8xf32>, %[[Y:.*]]: tensor<8x5xf32>)
// CHECK-NEXT: heddle.dot_general %[[Y]], %[[X]] batch [] x [] contract [0] x [1]
// CHECK-NEXT: return
func.func @transposed_result(%x: tensor<4x8xf32>, %y: tensor<8x5xf32>) -> tensor<5x4xf32> {
  %0 = heddle.dot_general %x, %y batch [] x [] contract [1] x [0] : tensor<4x8xf32>, tensor<8x5xf32>
  %1 = heddle.transpose %0 [1, 0] : tensor<4x5xf32>
  return %1 : tensor<5x4xf32>
}
// The free dimensions of an operand would change places in the result.
// CHECK-LABEL: func.func @free_dimensions
// CHECK: heddle.transpose
func.func @free_dimensions(%x: tensor<3x4x8xf32>, %y: tensor<8x5xf32>) -> tensor<4x3x5xf32> {
  %0 = heddle.transpose %x [1, 0, 2] : tensor<3x4x8xf32>
  %1 = heddle.dot_general %0, %y batch [] x [] contract [2] x [0] : tensor<4x3x8xf32>, tensor<8x5xf32>
  return %1 : tensor<4x3x5xf32>
}

// CHECK-LABEL: func.func @keepdim
// CHECK-NEXT: %[[S:.*]] = heddle.reduce_sum %{{.*}} [1]
// CHECK-NEXT: %[[E:.*]] = heddle.exp %[[S]] : tensor<4xf32>
// CHECK-NEXT: heddle.broadcast %[[E]] [0]
// CHECK-NEXT: return
func.func @keepdim(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = heddle.reduce_sum %x [1] : tensor<4x8xf32>
  %1 = heddle.reshape %0 : tensor<4xf32> to tensor<4x1xf32>
  %2 = heddle.exp %1 : tensor<4x1xf32>
  %3 = heddle.broadcast %2 [0, 1] : tensor<4x1xf32> to tensor<4x8xf32>
  return %3 : tensor<4x8xf32>
}

// A mask made of indices is computed where it is used.
// CHECK-LABEL: func.func @mask
// CHECK-DAG: heddle.iota {dimension = 1 : i64} : tensor<2x4x8xi32>
// CHECK-DAG: heddle.iota {dimension = 2 : i64} : tensor<2x4x8xi32>
// CHECK: heddle.compare ge
// CHECK-NEXT: return
func.func @mask() -> tensor<2x4x8xi1> {
  %0 = heddle.iota {dimension = 0 : i64} : tensor<4x8xi32>
  %1 = heddle.iota {dimension = 1 : i64} : tensor<4x8xi32>
  %2 = heddle.compare ge %0, %1 : tensor<4x8xi32>
  %3 = heddle.broadcast %2 [1, 2] : tensor<4x8xi1> to tensor<2x4x8xi1>
  return %3 : tensor<2x4x8xi1>
}

// CHECK-LABEL: func.func @scalars
// CHECK: %[[P:.*]] = heddle.mul %{{.*}}, %{{.*}} : tensor<f32>
// CHECK-NEXT: heddle.broadcast %[[P]] []
// CHECK-NEXT: return
func.func @scalars(%lr: tensor<f32>, %decay: tensor<f32>) -> tensor<4xf32> {
  %0 = heddle.broadcast %lr [] : tensor<f32> to tensor<4xf32>
  %1 = heddle.broadcast %decay [] : tensor<f32> to tensor<4xf32>
  %2 = heddle.mul %0, %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// CHECK-LABEL: func.func @sum_of_broadcast
// CHECK-NOT: heddle.reduce_sum
// CHECK: heddle.mul
func.func @sum_of_broadcast(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = heddle.broadcast %x [1] : tensor<8xf32> to tensor<4x8xf32>
  %1 = heddle.reduce_sum %0 [0] : tensor<4x8xf32>
  return %1 : tensor<8xf32>
}

// CHECK-LABEL: func.func @casts
// CHECK-NEXT: return %arg0
func.func @casts(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = heddle.cast %x : tensor<4xf32> to tensor<4xf64>
  %1 = heddle.cast %0 : tensor<4xf64> to tensor<4xf32>
  return %1 : tensor<4xf32>
}
// A cast that loses bits stays.
// CHECK-LABEL: func.func @lossy
// CHECK-COUNT-2: heddle.cast
func.func @lossy(%x: tensor<4xf64>) -> tensor<4xf64> {
  %0 = heddle.cast %x : tensor<4xf64> to tensor<4xf32>
  %1 = heddle.cast %0 : tensor<4xf32> to tensor<4xf64>
  return %1 : tensor<4xf64>
}

// Exact products of constants merge; 0.1 * 3 is not one in f32.
// CHECK-LABEL: func.func @factors
// CHECK-COUNT-1: heddle.mul
// CHECK-NOT: heddle.mul
// CHECK: return
func.func @factors(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = heddle.constant dense<0.5> : tensor<4xf32>
  %b = heddle.constant dense<0.25> : tensor<4xf32>
  %0 = heddle.mul %x, %a : tensor<4xf32>
  %1 = heddle.mul %0, %b : tensor<4xf32>
  return %1 : tensor<4xf32>
}
// CHECK-LABEL: func.func @inexact_factors
// CHECK-COUNT-2: heddle.mul
func.func @inexact_factors(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = heddle.constant dense<0.1> : tensor<4xf32>
  %b = heddle.constant dense<3.0> : tensor<4xf32>
  %0 = heddle.mul %x, %a : tensor<4xf32>
  %1 = heddle.mul %0, %b : tensor<4xf32>
  return %1 : tensor<4xf32>
}

// CHECK-LABEL: func.func @scatter
// CHECK-SAME: (%[[T:.*]]: tensor<10x4xf32>, %[[I:.*]]: tensor<3xi32>, %[[U:.*]]: tensor<3x4xf32>)
// CHECK-NEXT: heddle.scatter_add %[[T]], %[[I]], %[[U]]
// CHECK-NEXT: return
func.func @scatter(%t: tensor<10x4xf32>, %i: tensor<3xi32>, %u: tensor<3x4xf32>) -> tensor<10x4xf32> {
  %zero = heddle.constant dense<0.0> : tensor<10x4xf32>
  %0 = heddle.scatter_add %zero, %i, %u : tensor<10x4xf32>, tensor<3xi32>, tensor<3x4xf32>
  %1 = heddle.add %t, %0 : tensor<10x4xf32>
  return %1 : tensor<10x4xf32>
}

// A batch of one is no other than a batch of two: the mean of a row keeps its dimension, and no reshape comes between.
// CHECK-LABEL: func.func @batch_of_one
// CHECK-NOT: heddle.reshape
// CHECK: heddle.broadcast %{{.*}} [0, 1] : tensor<1x4xf32> to tensor<1x4x8xf32>
// CHECK-NOT: heddle.reshape
// CHECK: return
func.func @batch_of_one(%x: tensor<1x4x8xf32>) -> tensor<1x4x8xf32> {
  %0 = heddle.reduce_sum %x [2] : tensor<1x4x8xf32>
  %1 = heddle.exp %0 : tensor<1x4xf32>
  %2 = heddle.broadcast %1 [0, 1] : tensor<1x4xf32> to tensor<1x4x8xf32>
  %3 = heddle.sub %x, %2 : tensor<1x4x8xf32>
  return %3 : tensor<1x4x8xf32>
}
