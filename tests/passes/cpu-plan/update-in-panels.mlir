// RUN: heddle-opt --heddle-cpu-plan %s | FileCheck %s

// An update with its moments, computed with the gradient in panels: each tile fetches its part of the gradient, the
// parameter and the moment, a line in turn, to the second-level cache.
// CHECK-LABEL: func.func @fn.moments
// CHECK: call @hd_parallel_for
// CHECK: call @hd_parallel_for
// CHECK-NOT: call @hd_parallel_for
// CHECK: llvm.func internal @matmul_1
// CHECK: %[[THREE:.*]] = arith.constant 3 : i64
// CHECK: arith.remui %{{.*}}, %[[THREE]]
// CHECK-COUNT-2: arith.select {{.*}} !llvm.ptr
// CHECK: "llvm.intr.prefetch"(%{{.*}}) <{cache = 1 : i32, hint = 2 : i32, rw = 0 : i32}>
// CHECK: math.fma
func.func @moments(%x: tensor<96x20xf32> {heddle.name = "x", heddle.kind = "input"},
                   %dy: tensor<96x32xf32> {heddle.name = "dy", heddle.kind = "input"},
                   %w: tensor<32x20xf32> {heddle.name = "w", heddle.kind = "parameter"},
                   %m: tensor<32x20xf32> {heddle.name = "m", heddle.kind = "optimizer"})
    -> (tensor<96x32xf32>, tensor<32x20xf32> {heddle.updates = "w"}, tensor<32x20xf32> {heddle.updates = "m"}) {
  %y = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<96x20xf32>, tensor<32x20xf32>) -> tensor<96x32xf32>
  %dw = heddle.contraction %dy, %x batch [] x [] contract [0] x [0] : (tensor<96x32xf32>, tensor<96x20xf32>) -> tensor<32x20xf32>
  %new:2 = heddle.fusion(%v = %w, %g = %dw, %old = %m)
      : (tensor<32x20xf32>, tensor<32x20xf32>, tensor<32x20xf32>) -> (tensor<32x20xf32>, tensor<32x20xf32>)
      attributes {domain = array<i64: 32, 20>, kind = "rows", row_rank = 1 : i64} {
    %moment = heddle.add %old, %g : tensor<32x20xf32>
    %value = heddle.sub %v, %moment : tensor<32x20xf32>
    heddle.yield %value, %moment : tensor<32x20xf32>, tensor<32x20xf32>
  }
  return %y, %new#0, %new#1 : tensor<96x32xf32>, tensor<32x20xf32>, tensor<32x20xf32>
}
