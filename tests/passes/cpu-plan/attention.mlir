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

// From a position on: clamped to [0, S - T], and no mask is read. A single query is not padded to a vector of queries,
// nor are keys and values copied: its row of q, 64 keys' scores and its row of y are all that it needs on the stack.
// CHECK-LABEL: func.func @fn.position
// CHECK-COUNT-2: call @hd_parallel_for
// CHECK-NOT: call @hd_parallel_for
// CHECK: llvm.func internal @attention_0
// CHECK-DAG: %[[POSITION:.*]] = llvm.load {{.*}} -> i32
// CHECK-DAG: %[[WIDE:.*]] = arith.extsi %{{.*}} : i32 to i64
// CHECK-DAG: arith.constant 32 : i64
// CHECK: arith.minsi
// CHECK-NEXT: arith.maxsi
// CHECK-NOT: -> i8
// CHECK: llvm.return
// CHECK: llvm.func internal @attention_1
// CHECK: arith.minsi
// CHECK-NEXT: arith.maxsi
// CHECK-COUNT-3: llvm.alloca
// CHECK-NOT: llvm.alloca
// CHECK-NOT: -> i8
// CHECK: llvm.return
func.func @position(%q: tensor<1x2x32x8xf32> {heddle.name = "q", heddle.kind = "input"}, %o: tensor<1x2x1x8xf32> {heddle.name = "o", heddle.kind = "input"},
                    %k: tensor<1x2x64x8xf32> {heddle.name = "k", heddle.kind = "input"}, %p: tensor<i32> {heddle.name = "p", heddle.kind = "input"})
    -> (tensor<1x2x32x8xf32>, tensor<1x2x1x8xf32>) {
  %0:2 = heddle.fusion(%a = %q, %b = %k, %c = %p) : (tensor<1x2x32x8xf32>, tensor<1x2x64x8xf32>, tensor<i32>) -> (tensor<1x2x32x8xf32>, tensor<1x2x32xf32>) attributes {kind = "single"} {
    %y, %l = heddle.attention %a, %b, %b position %c {causal, scale = 1.0 : f64} : tensor<1x2x32x8xf32>, tensor<1x2x64x8xf32>, tensor<1x2x64x8xf32> position tensor<i32>
    heddle.yield %y, %l : tensor<1x2x32x8xf32>, tensor<1x2x32xf32>
  }
  %1:2 = heddle.fusion(%a = %o, %b = %k, %c = %p) : (tensor<1x2x1x8xf32>, tensor<1x2x64x8xf32>, tensor<i32>) -> (tensor<1x2x1x8xf32>, tensor<1x2x1xf32>) attributes {kind = "single"} {
    %y, %l = heddle.attention %a, %b, %b position %c {causal, scale = 1.0 : f64} : tensor<1x2x1x8xf32>, tensor<1x2x64x8xf32>, tensor<1x2x64x8xf32> position tensor<i32>
    heddle.yield %y, %l : tensor<1x2x1x8xf32>, tensor<1x2x1xf32>
  }
  return %0#0, %1#0 : tensor<1x2x32x8xf32>, tensor<1x2x1x8xf32>
}

// -----

// Kernels of the same sizes are one, but not where the positions have different types.
// CHECK-LABEL: func.func @fn.types
// CHECK: llvm.func internal @attention_0
// CHECK: llvm.load {{.*}} -> i32
// CHECK: llvm.func internal @attention_1
// CHECK: llvm.load {{.*}} -> i64
// CHECK-NOT: llvm.func internal @attention
func.func @types(%q: tensor<1x1x1x8xf32> {heddle.name = "q", heddle.kind = "input"}, %k: tensor<1x1x64x8xf32> {heddle.name = "k", heddle.kind = "input"},
                 %p: tensor<i32> {heddle.name = "p", heddle.kind = "input"}, %o: tensor<i64> {heddle.name = "o", heddle.kind = "input"})
    -> (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>) {
  %0:2 = heddle.fusion(%a = %q, %b = %k, %c = %p) : (tensor<1x1x1x8xf32>, tensor<1x1x64x8xf32>, tensor<i32>) -> (tensor<1x1x1x8xf32>, tensor<1x1x1xf32>) attributes {kind = "single"} {
    %y, %l = heddle.attention %a, %b, %b position %c {causal, scale = 1.0 : f64} : tensor<1x1x1x8xf32>, tensor<1x1x64x8xf32>, tensor<1x1x64x8xf32> position tensor<i32>
    heddle.yield %y, %l : tensor<1x1x1x8xf32>, tensor<1x1x1xf32>
  }
  %1:2 = heddle.fusion(%a = %q, %b = %k, %c = %o) : (tensor<1x1x1x8xf32>, tensor<1x1x64x8xf32>, tensor<i64>) -> (tensor<1x1x1x8xf32>, tensor<1x1x1xf32>) attributes {kind = "single"} {
    %y, %l = heddle.attention %a, %b, %b position %c {causal, scale = 1.0 : f64} : tensor<1x1x1x8xf32>, tensor<1x1x64x8xf32>, tensor<1x1x64x8xf32> position tensor<i64>
    heddle.yield %y, %l : tensor<1x1x1x8xf32>, tensor<1x1x1xf32>
  }
  %2:2 = heddle.fusion(%a = %0#0, %b = %k, %c = %p) : (tensor<1x1x1x8xf32>, tensor<1x1x64x8xf32>, tensor<i32>) -> (tensor<1x1x1x8xf32>, tensor<1x1x1xf32>) attributes {kind = "single"} {
    %y, %l = heddle.attention %a, %b, %b position %c {causal, scale = 1.0 : f64} : tensor<1x1x1x8xf32>, tensor<1x1x64x8xf32>, tensor<1x1x64x8xf32> position tensor<i32>
    heddle.yield %y, %l : tensor<1x1x1x8xf32>, tensor<1x1x1xf32>
  }
  return %0#0, %1#0, %2#0 : tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>
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
