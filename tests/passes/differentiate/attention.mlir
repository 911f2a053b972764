// RUN: heddle-opt --heddle-differentiate --split-input-file %s | FileCheck %s

// A loss through the first result alone: delta is the row sums of dy y.
// CHECK-LABEL: func.func @first
// CHECK: %[[Y:.*]], %[[L:.*]] = heddle.attention %arg0, %arg1, %arg2 {causal, scale = 5.000000e-01 : f64}
// CHECK: %[[DY:.*]] = heddle.broadcast
// CHECK: %[[P:.*]] = heddle.mul %[[DY]], %[[Y]]
// CHECK: %[[DELTA:.*]] = heddle.reduce_sum %[[P]] [3]
// CHECK-NEXT: %[[DQ:[^,]*]], %[[DK:[^,]*]], %[[DV:.*]] = heddle.attention_gradient %arg0, %arg1, %arg2, %[[L]], %[[DELTA]], %[[DY]] {causal, scale = 5.000000e-01 : f64}
// CHECK-NEXT: return %[[DQ]], %[[DV]]
func.func @first(%q: tensor<1x1x4x8xf32>, %k: tensor<1x1x3x8xf32>, %v: tensor<1x1x3x2xf32>) -> (tensor<1x1x4x8xf32>, tensor<1x1x3x2xf32>) {
  %y, %l = heddle.attention %q, %k, %v {causal, scale = 0.5 : f64} : tensor<1x1x4x8xf32>, tensor<1x1x3x8xf32>, tensor<1x1x3x2xf32>
  %loss = heddle.reduce_sum %y [0, 1, 2, 3] : tensor<1x1x4x2xf32>
  %dq, %dv = heddle.gradient %loss wrt %q, %v : (tensor<f32>, tensor<1x1x4x8xf32>, tensor<1x1x3x2xf32>) -> (tensor<1x1x4x8xf32>, tensor<1x1x3x2xf32>)
  return %dq, %dv : tensor<1x1x4x8xf32>, tensor<1x1x3x2xf32>
}

// -----

// Through the second result alone: the first has no cotangent.
// CHECK-LABEL: func.func @second
// CHECK: %{{.*}}, %[[L:.*]] = heddle.attention
// CHECK: %[[DL:.*]] = heddle.broadcast %{{.*}} to tensor<1x1x4xf32>
// CHECK-NOT: heddle.mul
// CHECK-DAG: %[[ZERO:.*]] = heddle.constant dense<0.000000e+00> : tensor<1x1x4x2xf32>
// CHECK-DAG: %[[DELTA:.*]] = heddle.neg %[[DL]]
// CHECK: heddle.attention_gradient %arg0, %arg1, %arg2, %[[L]], %[[DELTA]], %[[ZERO]] mask %arg3
func.func @second(%q: tensor<1x1x4x8xf32>, %k: tensor<1x1x3x8xf32>, %v: tensor<1x1x3x2xf32>, %m: tensor<1x1x4x3xi1>) -> tensor<1x1x4x8xf32> {
  %y, %l = heddle.attention %q, %k, %v mask %m {scale = 0.5 : f64} : tensor<1x1x4x8xf32>, tensor<1x1x3x8xf32>, tensor<1x1x3x2xf32> mask tensor<1x1x4x3xi1>
  %loss = heddle.reduce_sum %l [0, 1, 2] : tensor<1x1x4xf32>
  %dq = heddle.gradient %loss wrt %q : (tensor<f32>, tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
  return %dq : tensor<1x1x4x8xf32>
}

// -----

// Through both: one op for the two.
// CHECK-LABEL: func.func @both
// CHECK: %[[Y:.*]], %{{.*}} = heddle.attention
// CHECK: %[[P:.*]] = heddle.mul %{{.*}}, %[[Y]] : tensor<1x1x4x8xf32>
// CHECK-NEXT: %[[SUM:.*]] = heddle.reduce_sum %[[P]] [3]
// CHECK-NEXT: %[[DELTA:.*]] = heddle.sub %[[SUM]], %{{.*}} : tensor<1x1x4xf32>
// CHECK-NEXT: heddle.attention_gradient %{{.*}}, %[[DELTA]], %{{.*}} {scale
// CHECK-NOT: heddle.attention_gradient
func.func @both(%q: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  %y, %l = heddle.attention %q, %q, %q {scale = 0.5 : f64} : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>
  %0 = heddle.reduce_sum %y [3] : tensor<1x1x4x8xf32>
  %1 = heddle.mul %0, %l : tensor<1x1x4xf32>
  %loss = heddle.reduce_sum %1 [0, 1, 2] : tensor<1x1x4xf32>
  %dq = heddle.gradient %loss wrt %q : (tensor<f32>, tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
  return %dq : tensor<1x1x4x8xf32>
}

// -----

// A result without a way to the loss keeps no path alive: nothing reaches the floor behind it.
// CHECK-LABEL: func.func @unused_result
// CHECK: heddle.attention_gradient
// CHECK-NOT: heddle.gradient
func.func @unused_result(%q: tensor<1x1x4x8xf32>) -> (tensor<1x1x4x8xf32>, tensor<1x1x4xf32>) {
  %y, %l = heddle.attention %q, %q, %q {scale = 0.5 : f64} : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>
  %f = heddle.floor %l : tensor<1x1x4xf32>
  %loss = heddle.reduce_sum %y [0, 1, 2, 3] : tensor<1x1x4x8xf32>
  %dq = heddle.gradient %loss wrt %q : (tensor<f32>, tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
  return %dq, %f : tensor<1x1x4x8xf32>, tensor<1x1x4xf32>
}

// -----

// The gradient has a derivative of its own, whose way back leads through both results of the first op.
// CHECK-LABEL: func.func @twice
// CHECK: heddle.attention %
// CHECK-COUNT-2: heddle.attention_gradient %
// CHECK-NOT: heddle.{{attention|gradient}}
func.func @twice(%q: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  %y, %l = heddle.attention %q, %q, %q {scale = 0.5 : f64} : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>
  %loss = heddle.reduce_sum %y [0, 1, 2, 3] : tensor<1x1x4x8xf32>
  %dq = heddle.gradient %loss wrt %q : (tensor<f32>, tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
  %s = heddle.reduce_sum %dq [0, 1, 2, 3] : tensor<1x1x4x8xf32>
  %dd = heddle.gradient %s wrt %q : (tensor<f32>, tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
  return %dd : tensor<1x1x4x8xf32>
}

// -----

// The position goes along, and has no cotangent.
// CHECK-LABEL: func.func @position
// CHECK: %[[Y:.*]], %[[L:.*]] = heddle.attention %arg0, %arg1, %arg1 position %arg2 {causal
// CHECK: heddle.attention_gradient %arg0, %arg1, %arg1, %[[L]], %{{.*}}, %{{.*}} position %arg2 {causal
func.func @position(%q: tensor<1x1x2x8xf32>, %k: tensor<1x1x4x8xf32>, %p: tensor<i32>) -> tensor<1x1x2x8xf32> {
  %y, %l = heddle.attention %q, %k, %k position %p {causal, scale = 0.5 : f64} : tensor<1x1x2x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32> position tensor<i32>
  %loss = heddle.reduce_sum %y [0, 1, 2, 3] : tensor<1x1x2x8xf32>
  %dq = heddle.gradient %loss wrt %q : (tensor<f32>, tensor<1x1x2x8xf32>) -> tensor<1x1x2x8xf32>
  return %dq : tensor<1x1x2x8xf32>
}
