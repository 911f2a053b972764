// RUN: heddle-opt --heddle-fuse --heddle-verify-phase="phase=fuse" --split-input-file %s | FileCheck %s
// RUN: heddle-opt --validate --pass-pipeline="builtin.module(func.func(heddle-fuse,heddle-materialize-layouts))" --split-input-file %s -o /dev/null

// Both ops are kernels of their own with several results, of which others need one or more; q, k and v may be views.
// CHECK-LABEL: func.func @train
// CHECK: %[[Q:.*]] = heddle.transpose %{{.*}} [0, 2, 1, 3]
// CHECK: %[[F:.*]]:2 = heddle.fusion(%[[A:.*]] = %[[Q]]) : (tensor<1x2x4x8xf32>) -> (tensor<1x2x4x8xf32>, tensor<1x2x4xf32>) attributes {kind = "single"} {
// CHECK-NEXT: %[[Y:.*]], %[[L:.*]] = heddle.attention %[[A]], %[[A]], %[[A]] {causal, scale = 5.000000e-01 : f64}
// CHECK-NEXT: heddle.yield %[[Y]], %[[L]]
// CHECK: %[[D:.*]] = heddle.fusion({{.*}}%[[F]]#0{{.*}}) {{.*}} kind = "rows"
// CHECK-NEXT: heddle.mul
// CHECK-NEXT: heddle.reduce_sum
// CHECK: %[[G:.*]]:3 = heddle.fusion({{.*}} = %[[Q]], {{.*}} = %[[F]]#1, {{.*}} = %[[D]], {{.*}} = %arg1) {{.*}} attributes {kind = "single"} {
// CHECK-NEXT: %[[DQ:[^,]*]], %[[DK:[^,]*]], %[[DV:[^,]*]] = heddle.attention_gradient {{.*}} {causal, scale = 5.000000e-01 : f64}
// CHECK-NEXT: heddle.yield %[[DQ]], %[[DK]], %[[DV]]
// CHECK: heddle.fusion({{.*}} = %[[G]]#0, {{.*}} = %[[G]]#1, {{.*}} = %[[G]]#2) {{.*}} kind = "rows"
// CHECK-NEXT: heddle.add
// CHECK-NEXT: heddle.add
func.func @train(%x: tensor<1x4x2x8xf32>, %dy: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %q = heddle.transpose %x [0, 2, 1, 3] : tensor<1x4x2x8xf32>
  %y, %l = heddle.attention %q, %q, %q {causal, scale = 0.5 : f64}
      : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>
  %p = heddle.mul %y, %dy : tensor<1x2x4x8xf32>
  %delta = heddle.reduce_sum %p [3] : tensor<1x2x4x8xf32>
  %dq, %dk, %dv = heddle.attention_gradient %q, %q, %q, %l, %delta, %dy {causal, scale = 0.5 : f64}
      : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4x8xf32>
  %0 = heddle.add %dq, %dk : tensor<1x2x4x8xf32>
  %1 = heddle.add %0, %dv : tensor<1x2x4x8xf32>
  return %1 : tensor<1x2x4x8xf32>
}

// -----

// What is computed for the kernel is written for it, broadcasts too; a result that nobody needs is yielded all the same.
// CHECK-LABEL: func.func @forward
// CHECK: %[[B:.*]] = heddle.fusion({{.*}}
// CHECK-NEXT: heddle.broadcast
// CHECK: %[[E:.*]] = heddle.fusion({{.*}}
// CHECK-NEXT: heddle.tanh
// CHECK: %[[F:.*]]:2 = heddle.fusion({{.*}} = %[[E]], {{.*}} = %[[B]]) {{.*}} attributes {kind = "single"} {
// CHECK-NEXT: heddle.attention
// CHECK: return %[[F]]#0
func.func @forward(%x: tensor<1x1x4x8xf32>, %b: tensor<8xf32>) -> tensor<1x1x4x8xf32> {
  %k = heddle.broadcast %b [3] : tensor<8xf32> to tensor<1x1x4x8xf32>
  %q = heddle.tanh %x : tensor<1x1x4x8xf32>
  %y, %l = heddle.attention %q, %k, %q {scale = 0.5 : f64}
      : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>
  return %y : tensor<1x1x4x8xf32>
}

// -----

// The kernel reads the position itself: nothing is computed for it, no mask either.
// CHECK-LABEL: func.func @position
// CHECK-NEXT: heddle.fusion(%[[Q:.*]] = %arg0, %[[K:.*]] = %arg1, %[[P:.*]] = %arg2) {{.*}} attributes {kind = "single"} {
// CHECK-NEXT: heddle.attention %[[Q]], %[[K]], %[[K]] position %[[P]] {causal
// CHECK-NEXT: heddle.yield
// CHECK-NEXT: }
// CHECK-NEXT: return
func.func @position(%q: tensor<1x2x1x8xf32>, %k: tensor<1x2x4x8xf32>, %p: tensor<i32>) -> tensor<1x2x1x8xf32> {
  %y, %l = heddle.attention %q, %k, %k position %p {causal, scale = 0.5 : f64}
      : tensor<1x2x1x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32> position tensor<i32>
  return %y : tensor<1x2x1x8xf32>
}
