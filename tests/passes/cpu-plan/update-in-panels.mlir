// RUN: heddle-opt --heddle-cpu-plan --split-input-file %s | FileCheck %s

// An update with its moments, computed with the gradient in panels: each tile fetches its part of the parameter and
// the moment, a line of both at each step, to the second-level cache. Of the gradient, which nothing else reads, there is a panel of
// scratch, and no memory.
// CHECK-LABEL: func.func @fn.moments
// CHECK-SAME: heddle.arena_bytes = 0 : i64
// CHECK: call @hd_parallel_for
// CHECK: call @hd_parallel_for
// CHECK-NOT: call @hd_parallel_for
// CHECK: llvm.func internal @matmul_1
// CHECK-COUNT-3: llvm.alloca
// CHECK: %[[PANEL:.*]] = llvm.alloca
// CHECK: llvm.getelementptr %[[PANEL]][
// CHECK: scf.for {{.*}} iter_args
// CHECK-COUNT-2: "llvm.intr.prefetch"(%{{.*}}) <{cache = 1 : i32, hint = 2 : i32, rw = 0 : i32}>
// CHECK-NOT: prefetch
// CHECK: math.fma
// CHECK: llvm.getelementptr %[[PANEL]][
// CHECK: arith.addf
// CHECK: arith.subf
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

// -----

// With 1601 rows the gradient has several depths, and is all there before any of it is finished: it is in memory, and
// its lines are fetched with the others.
// CHECK-LABEL: func.func @fn.depths
// CHECK-SAME: heddle.arena_bytes = 2560 : i64
// CHECK: llvm.func internal @matmul_1
// CHECK: scf.for {{.*}} iter_args
// CHECK-COUNT-3: "llvm.intr.prefetch"(%{{.*}}) <{cache = 1 : i32, hint = 2 : i32, rw = 0 : i32}>
// CHECK-NOT: prefetch
// CHECK: math.fma
func.func @depths(%x: tensor<1601x20xf32> {heddle.name = "x", heddle.kind = "input"},
                  %dy: tensor<1601x32xf32> {heddle.name = "dy", heddle.kind = "input"},
                  %w: tensor<32x20xf32> {heddle.name = "w", heddle.kind = "parameter"},
                  %m: tensor<32x20xf32> {heddle.name = "m", heddle.kind = "optimizer"})
    -> (tensor<1601x32xf32>, tensor<32x20xf32> {heddle.updates = "w"}, tensor<32x20xf32> {heddle.updates = "m"}) {
  %y = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<1601x20xf32>, tensor<32x20xf32>) -> tensor<1601x32xf32>
  %dw = heddle.contraction %dy, %x batch [] x [] contract [0] x [0] : (tensor<1601x32xf32>, tensor<1601x20xf32>) -> tensor<32x20xf32>
  %new:2 = heddle.fusion(%v = %w, %g = %dw, %old = %m)
      : (tensor<32x20xf32>, tensor<32x20xf32>, tensor<32x20xf32>) -> (tensor<32x20xf32>, tensor<32x20xf32>)
      attributes {domain = array<i64: 32, 20>, kind = "rows", row_rank = 1 : i64} {
    %moment = heddle.add %old, %g : tensor<32x20xf32>
    %value = heddle.sub %v, %moment : tensor<32x20xf32>
    heddle.yield %value, %moment : tensor<32x20xf32>, tensor<32x20xf32>
  }
  return %y, %new#0, %new#1 : tensor<1601x32xf32>, tensor<32x20xf32>, tensor<32x20xf32>
}

// -----

// Another op reads the gradient: it is in memory.
// CHECK-LABEL: func.func @fn.norm
// CHECK-SAME: heddle.arena_bytes = 2560 : i64
// CHECK: llvm.func internal @matmul_1
// CHECK-COUNT-3: llvm.alloca
// CHECK-NOT: llvm.alloca
// CHECK: math.fma
func.func @norm(%x: tensor<96x20xf32> {heddle.name = "x", heddle.kind = "input"},
                %dy: tensor<96x32xf32> {heddle.name = "dy", heddle.kind = "input"},
                %w: tensor<32x20xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<96x32xf32>, tensor<32x20xf32> {heddle.updates = "w"}, tensor<f32>) {
  %y = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<96x20xf32>, tensor<32x20xf32>) -> tensor<96x32xf32>
  %dw = heddle.contraction %dy, %x batch [] x [] contract [0] x [0] : (tensor<96x32xf32>, tensor<96x20xf32>) -> tensor<32x20xf32>
  %new = heddle.fusion(%v = %w, %g = %dw) : (tensor<32x20xf32>, tensor<32x20xf32>) -> tensor<32x20xf32>
      attributes {domain = array<i64: 32, 20>, kind = "rows", row_rank = 1 : i64} {
    %value = heddle.sub %v, %g : tensor<32x20xf32>
    heddle.yield %value : tensor<32x20xf32>
  }
  %sum = heddle.fusion(%g = %dw) : (tensor<32x20xf32>) -> tensor<f32>
      attributes {domain = array<i64: 32, 20>, kind = "rows", row_rank = 0 : i64} {
    %0 = heddle.reduce_sum %g [0, 1] : tensor<32x20xf32>
    heddle.yield %0 : tensor<f32>
  }
  return %y, %new, %sum : tensor<96x32xf32>, tensor<32x20xf32>, tensor<f32>
}

// -----

// Of a parameter that may stay in caches each thread updates the panels that it reads in the forward product, of which
// there are 16, though there are more tiles along them, 50. Not so with 15 panels.
// CHECK-LABEL: func.func @fn.owned
// CHECK: %[[SIXTEEN:.*]] = arith.constant 16 : i64
// CHECK: call @hd_parallel_for({{.*}}, %[[SIXTEEN]]
// CHECK: %[[ALL:.*]] = arith.constant 16 : i64
// CHECK: call @hd_parallel_for({{.*}}, %[[ALL]]
func.func @owned(%x: tensor<96x300xf32> {heddle.name = "x", heddle.kind = "input"},
                 %dy: tensor<96x256xf32> {heddle.name = "dy", heddle.kind = "input"},
                 %w: tensor<256x300xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<96x256xf32>, tensor<256x300xf32> {heddle.updates = "w"}) {
  %y = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<96x300xf32>, tensor<256x300xf32>) -> tensor<96x256xf32>
  %dw = heddle.contraction %dy, %x batch [] x [] contract [0] x [0] : (tensor<96x256xf32>, tensor<96x300xf32>) -> tensor<256x300xf32>
  %new = heddle.fusion(%v = %w, %g = %dw) : (tensor<256x300xf32>, tensor<256x300xf32>) -> tensor<256x300xf32>
      attributes {domain = array<i64: 256, 300>, kind = "rows", row_rank = 1 : i64} {
    %value = heddle.sub %v, %g : tensor<256x300xf32>
    heddle.yield %value : tensor<256x300xf32>
  }
  return %y, %new : tensor<96x256xf32>, tensor<256x300xf32>
}

// -----

// CHECK-LABEL: func.func @fn.few
// CHECK: %[[TILES:.*]] = arith.constant 50 : i64
// CHECK: call @hd_parallel_for({{.*}}, %[[TILES]]
func.func @few(%x: tensor<96x300xf32> {heddle.name = "x", heddle.kind = "input"},
               %dy: tensor<96x240xf32> {heddle.name = "dy", heddle.kind = "input"},
               %w: tensor<240x300xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<96x240xf32>, tensor<240x300xf32> {heddle.updates = "w"}) {
  %y = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<96x300xf32>, tensor<240x300xf32>) -> tensor<96x240xf32>
  %dw = heddle.contraction %dy, %x batch [] x [] contract [0] x [0] : (tensor<96x240xf32>, tensor<96x300xf32>) -> tensor<240x300xf32>
  %new = heddle.fusion(%v = %w, %g = %dw) : (tensor<240x300xf32>, tensor<240x300xf32>) -> tensor<240x300xf32>
      attributes {domain = array<i64: 240, 300>, kind = "rows", row_rank = 1 : i64} {
    %value = heddle.sub %v, %g : tensor<240x300xf32>
    heddle.yield %value : tensor<240x300xf32>
  }
  return %y, %new : tensor<96x240xf32>, tensor<240x300xf32>
}
