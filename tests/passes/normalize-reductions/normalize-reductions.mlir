// RUN: heddle-opt --heddle-normalize-reductions="serial-limit=64" %s | FileCheck %s
// RUN: heddle-opt --validate --pass-pipeline='builtin.module(func.func(heddle-normalize-reductions{serial-limit=64}))' %s -o /dev/null

// CHECK-LABEL: func.func @everything
// CHECK-NEXT: %[[R:.*]] = heddle.reduce_sum %{{.*}} [1] : tensor<32x16xf32>
// CHECK-NEXT: heddle.reduce_sum %[[R]] [0] : tensor<32xf32>
func.func @everything(%x: tensor<32x16xf32>) -> tensor<f32> {
  %0 = heddle.reduce_sum %x [0, 1] : tensor<32x16xf32>
  return %0 : tensor<f32>
}
// CHECK-LABEL: func.func @long_vector
// CHECK-NEXT: %[[X:.*]] = heddle.reshape %{{.*}} : tensor<96xf32> to tensor<3x32xf32>
// CHECK-NEXT: %[[R:.*]] = heddle.reduce_max %[[X]] [1]
// CHECK-NEXT: heddle.reduce_max %[[R]] [0]
func.func @long_vector(%x: tensor<96xf32>) -> tensor<f32> {
  %0 = heddle.reduce_max %x [0] : tensor<96xf32>
  return %0 : tensor<f32>
}
// Both halves may leave NaN out.
// CHECK-LABEL: func.func @long_vector_of_numbers
// CHECK: %[[R:.*]] = heddle.reduce_max %{{.*}} [1] {may_ignore_nan} : tensor<3x32xf32>
// CHECK-NEXT: heddle.reduce_max %[[R]] [0] {may_ignore_nan} : tensor<3xf32>
func.func @long_vector_of_numbers(%x: tensor<96xf32>) -> tensor<f32> {
  %0 = heddle.reduce_max %x [0] {may_ignore_nan} : tensor<96xf32>
  return %0 : tensor<f32>
}
// What is computed for the sum alone is computed in rows too, so that it need not be written first.
// CHECK-LABEL: func.func @norm
// CHECK-NEXT: %[[G:.*]] = heddle.reshape %arg0 : tensor<96xf32> to tensor<3x32xf32>
// CHECK-NEXT: %[[S:.*]] = heddle.broadcast %arg1 [] : tensor<f32> to tensor<3x32xf32>
// CHECK-NEXT: %[[P:.*]] = heddle.mul %[[G]], %[[S]]
// CHECK-NEXT: %[[Q:.*]] = heddle.mul %[[P]], %[[P]]
// CHECK-NEXT: %[[R:.*]] = heddle.reduce_sum %[[Q]] [1]
// CHECK-NEXT: heddle.reduce_sum %[[R]] [0]
// CHECK-NEXT: return
func.func @norm(%g: tensor<96xf32>, %s: tensor<f32>) -> tensor<f32> {
  %0 = heddle.broadcast %s [] : tensor<f32> to tensor<96xf32>
  %1 = heddle.mul %g, %0 : tensor<96xf32>
  %2 = heddle.mul %1, %1 : tensor<96xf32>
  %3 = heddle.reduce_sum %2 [0] : tensor<96xf32>
  return %3 : tensor<f32>
}
// What others read as well is in memory already.
// CHECK-LABEL: func.func @read_by_others
// CHECK-NEXT: %[[E:.*]] = heddle.exp %arg0 : tensor<96xf32>
// CHECK-NEXT: %[[X:.*]] = heddle.reshape %[[E]]
// CHECK-NEXT: heddle.reduce_sum %[[X]] [1]
func.func @read_by_others(%x: tensor<96xf32>) -> (tensor<96xf32>, tensor<f32>) {
  %0 = heddle.exp %x : tensor<96xf32>
  %1 = heddle.reduce_sum %0 [0] : tensor<96xf32>
  return %0, %1 : tensor<96xf32>, tensor<f32>
}
// CHECK-LABEL: func.func @middle
// CHECK-NEXT: %[[T:.*]] = heddle.transpose %{{.*}} [1, 0, 2]
// CHECK-NEXT: heddle.reduce_sum %[[T]] [0]
func.func @middle(%x: tensor<2x3x4xf32>) -> tensor<2x4xf32> {
  %0 = heddle.reduce_sum %x [1] : tensor<2x3x4xf32>
  return %0 : tensor<2x4xf32>
}
// CHECK-LABEL: func.func @both_ends
// CHECK-NEXT: %[[R:.*]] = heddle.reduce_sum %{{.*}} [2]
// CHECK-NEXT: heddle.reduce_sum %[[R]] [0] : tensor<2x3xf32>
func.func @both_ends(%x: tensor<2x3x4xf32>) -> tensor<3xf32> {
  %0 = heddle.reduce_sum %x [0, 2] : tensor<2x3x4xf32>
  return %0 : tensor<3xf32>
}
// Rows, columns and short vectors stay.
// CHECK-LABEL: func.func @untouched
// CHECK-NEXT: heddle.reduce_sum %{{.*}} [1, 2]
// CHECK-NEXT: heddle.reduce_sum %{{.*}} [0, 1]
// CHECK-NEXT: heddle.reduce_sum %{{.*}} [0]
// CHECK-NEXT: return
func.func @untouched(%x: tensor<2x3x40xf32>) -> (tensor<2xf32>, tensor<40xf32>, tensor<f32>) {
  %0 = heddle.reduce_sum %x [1, 2] : tensor<2x3x40xf32>
  %1 = heddle.reduce_sum %x [0, 1] : tensor<2x3x40xf32>
  %2 = heddle.reduce_sum %0 [0] : tensor<2xf32>
  return %0, %1, %2 : tensor<2xf32>, tensor<40xf32>, tensor<f32>
}
