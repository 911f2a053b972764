// RUN: heddle-opt --heddle-cpu-plan=contractions=library --split-input-file %s | FileCheck %s

// Transposed, reshaped, and sliced operands are read where they lie: the contraction knows strides, and the slice
// an offset of 8 elements.
// CHECK-LABEL: func.func @fn.contraction
// CHECK-SAME: heddle.arena_bytes = 0
// CHECK-SAME: a = {batch_strides = array<i64>, col = 4 : i64, row = 1 : i64}
// CHECK-SAME: b = {batch_strides = array<i64>, col = 1 : i64, row = 24 : i64}
// CHECK: %[[BYTES:.*]] = arith.constant 32 : i64
// CHECK: llvm.getelementptr %{{.*}}[%[[BYTES]]] {{.*}}, i8
// CHECK-NOT: hd_parallel_for
// CHECK: call @hd_contract
// CHECK-NEXT: return
func.func @contraction(%x: tensor<8x2x2xf32> {heddle.name = "x", heddle.kind = "input"},
                       %y: tensor<8x24xf32> {heddle.name = "y", heddle.kind = "input"}) -> tensor<4x16xf32> {
  %0 = heddle.reshape %x : tensor<8x2x2xf32> to tensor<8x4xf32>
  %1 = heddle.transpose %0 [1, 0] : tensor<8x4xf32>
  %2 = heddle.slice %y [0, 8] to [8, 24] by [1, 1] : tensor<8x24xf32>
  %3 = heddle.contraction %1, %2 batch [] x [] contract [1] x [0] : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  return %3 : tensor<4x16xf32>
}

// -----

// A kernel reads a view by strides too.
// CHECK-LABEL: func.func @fn.kernel
// CHECK-SAME: heddle.arena_bytes = 0
// CHECK-COUNT-1: call @hd_parallel_for
// CHECK-NEXT: return
func.func @kernel(%x: tensor<8x4xf32> {heddle.name = "x", heddle.kind = "input"}) -> tensor<4x8xf32> {
  %0 = heddle.transpose %x [1, 0] : tensor<8x4xf32>
  %1 = heddle.fusion(%a = %0) : (tensor<4x8xf32>) -> tensor<4x8xf32> attributes {domain = array<i64: 4, 8>, kind = "rows", row_rank = 1 : i64} {
    %2 = heddle.exp %a : tensor<4x8xf32>
    heddle.yield %2 : tensor<4x8xf32>
  }
  return %1 : tensor<4x8xf32>
}

// -----

// Where neither dimension is next to itself the library needs a copy, of that operand alone.
// CHECK-LABEL: func.func @fn.copied
// CHECK-SAME: heddle.arena_bytes = 128
// CHECK-COUNT-1: call @hd_parallel_for
// CHECK: call @hd_contract
// CHECK-NEXT: return
func.func @copied(%x: tensor<8x16xf32> {heddle.name = "x", heddle.kind = "input"},
                  %y: tensor<8x4xf32> {heddle.name = "y", heddle.kind = "input"}) -> tensor<4x4xf32> {
  %0 = heddle.slice %x [0, 0] to [8, 16] by [2, 2] : tensor<8x16xf32>
  %1 = heddle.contraction %0, %y batch [] x [] contract [1] x [0] : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<4x4xf32>
  return %1 : tensor<4x4xf32>
}
