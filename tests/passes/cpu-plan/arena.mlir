// RUN: heddle-opt --heddle-cpu-plan %s | FileCheck %s

// Four launches of one kernel, three values between them: the third is written where the first was.
// CHECK-LABEL: func.func @fn.chain
// CHECK-SAME: %[[X:.*]]: memref<64xf32> {heddle.kind = "input", heddle.name = "x"}
// CHECK-SAME: %[[Y:.*]]: memref<64xf32> {heddle.kind = "output"}
// CHECK-SAME: %[[ARENA:.*]]: memref<512xi8>) attributes {heddle.arena_bytes = 512
// CHECK-DAG: memref.extract_aligned_pointer_as_index %[[ARENA]]
// CHECK-DAG: %[[OFFSET:.*]] = arith.constant 256 : i64
// CHECK: %[[SECOND:.*]] = llvm.getelementptr %[[FIRST:.*]][%[[OFFSET]]] {{.*}}, i8
// CHECK: llvm.store %{{.*}}
// CHECK: llvm.store %[[FIRST]]
// CHECK: addressof @kernel_0
// CHECK: call @hd_parallel_for
// CHECK: llvm.store %[[FIRST]]
// CHECK: llvm.store %[[SECOND]]
// CHECK: addressof @kernel_0
// CHECK: call @hd_parallel_for
// CHECK: llvm.store %[[SECOND]]
// CHECK: llvm.store %[[FIRST]]
// CHECK: call @hd_parallel_for
// CHECK: llvm.store %[[FIRST]]
// CHECK: call @hd_parallel_for
// CHECK-NEXT: return
// CHECK: llvm.func internal @kernel_0
// CHECK-NOT: @kernel_1
func.func @chain(%x: tensor<64xf32> {heddle.name = "x", heddle.kind = "input"}) -> tensor<64xf32> {
  %0 = heddle.fusion(%a = %x) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %e = heddle.exp %a : tensor<64xf32>
    heddle.yield %e : tensor<64xf32>
  }
  %1 = heddle.fusion(%a = %0) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %e = heddle.exp %a : tensor<64xf32>
    heddle.yield %e : tensor<64xf32>
  }
  %2 = heddle.fusion(%a = %1) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %e = heddle.exp %a : tensor<64xf32>
    heddle.yield %e : tensor<64xf32>
  }
  %3 = heddle.fusion(%a = %2) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %e = heddle.exp %a : tensor<64xf32>
    heddle.yield %e : tensor<64xf32>
  }
  return %3 : tensor<64xf32>
}
