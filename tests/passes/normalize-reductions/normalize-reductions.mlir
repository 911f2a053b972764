// RUN: heddle-opt --heddle-normalize-reductions="serial-limit=64" %s | FileCheck %s

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
