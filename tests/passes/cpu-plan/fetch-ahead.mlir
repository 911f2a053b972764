// RUN: heddle-opt --heddle-cpu-plan %s | FileCheck %s

// Where an element takes a function, its loop fetches what it reads and writes 1024 elements later.
// CHECK-LABEL: func.func @fn.exp
// CHECK: llvm.func internal @kernel_0
// CHECK: math.exp
// CHECK: %[[AHEAD:.*]] = arith.constant 1024 : i64
// CHECK: arith.addi %{{.*}}, %[[AHEAD]]
// CHECK: "llvm.intr.prefetch"(%{{.*}}) <{cache = 1 : i32, hint = 3 : i32, rw = 0 : i32}>
// CHECK: "llvm.intr.prefetch"(%{{.*}}) <{cache = 1 : i32, hint = 3 : i32, rw = 1 : i32}>
func.func @exp(%x: tensor<64x96xf32> {heddle.name = "x", heddle.kind = "input"}) -> tensor<64x96xf32> {
  %0 = heddle.fusion(%a = %x) : (tensor<64x96xf32>) -> tensor<64x96xf32>
      attributes {domain = array<i64: 64, 96>, kind = "rows", row_rank = 1 : i64} {
    %1 = heddle.exp %a : tensor<64x96xf32>
    heddle.yield %1 : tensor<64x96xf32>
  }
  return %0 : tensor<64x96xf32>
}

// Where it does not, the processor looks far enough ahead by itself.
// CHECK: llvm.func internal @kernel_1
// CHECK-NOT: prefetch
func.func @neg(%x: tensor<64x96xf32> {heddle.name = "x", heddle.kind = "input"}) -> tensor<64x96xf32> {
  %0 = heddle.fusion(%a = %x) : (tensor<64x96xf32>) -> tensor<64x96xf32>
      attributes {domain = array<i64: 64, 96>, kind = "rows", row_rank = 1 : i64} {
    %1 = heddle.neg %a : tensor<64x96xf32>
    heddle.yield %1 : tensor<64x96xf32>
  }
  return %0 : tensor<64x96xf32>
}
