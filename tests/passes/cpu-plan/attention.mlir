// RUN: heddle-opt --heddle-cpu-plan --split-input-file --verify-diagnostics %s | FileCheck %s

// One launch, and no scores in memory: the arena holds nothing.
// CHECK-LABEL: func.func @fn.attention
// CHECK-SAME: heddle.arena_bytes = 0
// CHECK-COUNT-1: call @hd_parallel_for
// CHECK-NOT: call @hd_parallel_for
// CHECK: llvm.func internal @attention_0
// CHECK: math.exp {{.*}} : vector<16xf32>
func.func @attention(%q: tensor<1x2x32x8xf32> {heddle.name = "q", heddle.kind = "input"})
    -> (tensor<1x2x32x8xf32>, tensor<1x2x32xf32>) {
  %0:2 = heddle.fusion(%a = %q) : (tensor<1x2x32x8xf32>) -> (tensor<1x2x32x8xf32>, tensor<1x2x32xf32>) attributes {kind = "single"} {
    %y, %l = heddle.attention %a, %a, %a {causal, scale = 1.0 : f64} : tensor<1x2x32x8xf32>, tensor<1x2x32x8xf32>, tensor<1x2x32x8xf32>
    heddle.yield %y, %l : tensor<1x2x32x8xf32>, tensor<1x2x32xf32>
  }
  return %0#0, %0#1 : tensor<1x2x32x8xf32>, tensor<1x2x32xf32>
}

// -----

// The mask of each batch's keys: a byte for a vector of queries, and no launch to spread it.
// CHECK-LABEL: func.func @fn.padding
// CHECK-COUNT-1: call @hd_parallel_for
// CHECK-NOT: call @hd_parallel_for
// CHECK: llvm.func internal @attention_0
// CHECK: llvm.load {{.*}} -> i8
// CHECK: vector.broadcast {{.*}} : i1 to vector<16xi1>
// CHECK-NOT: masked_gather
func.func @padding(%q: tensor<2x2x32x8xf32> {heddle.name = "q", heddle.kind = "input"}, %m: tensor<2x1x1x32xi1> {heddle.name = "m", heddle.kind = "input"})
    -> (tensor<2x2x32x8xf32>, tensor<2x2x32xf32>) {
  %0:2 = heddle.fusion(%a = %q, %b = %m) : (tensor<2x2x32x8xf32>, tensor<2x1x1x32xi1>) -> (tensor<2x2x32x8xf32>, tensor<2x2x32xf32>) attributes {kind = "single"} {
    %y, %l = heddle.attention %a, %a, %a mask %b {scale = 1.0 : f64} : tensor<2x2x32x8xf32>, tensor<2x2x32x8xf32>, tensor<2x2x32x8xf32> mask tensor<2x1x1x32xi1>
    heddle.yield %y, %l : tensor<2x2x32x8xf32>, tensor<2x2x32xf32>
  }
  return %0#0, %0#1 : tensor<2x2x32x8xf32>, tensor<2x2x32xf32>
}

// -----

// A block of queries has to lie on a thread's stack.
func.func @wide(%q: tensor<1x1x4x65536xf32> {heddle.name = "q", heddle.kind = "input"}) -> tensor<1x1x4x65536xf32> {
  %0:2 = heddle.fusion(%a = %q) : (tensor<1x1x4x65536xf32>) -> (tensor<1x1x4x65536xf32>, tensor<1x1x4xf32>) attributes {kind = "single"} {
    // expected-error @+1 {{attention on heads of 65536 and 65536 elements would take 28314048 bytes of each thread's stack}}
    %y, %l = heddle.attention %a, %a, %a {scale = 1.0 : f64} : tensor<1x1x4x65536xf32>, tensor<1x1x4x65536xf32>, tensor<1x1x4x65536xf32>
    heddle.yield %y, %l : tensor<1x1x4x65536xf32>, tensor<1x1x4xf32>
  }
  return %0#0 : tensor<1x1x4x65536xf32>
}
