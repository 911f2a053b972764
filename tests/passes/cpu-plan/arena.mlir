// RUN: heddle-opt --heddle-cpu-plan %s | FileCheck %s

// Four launches of one kernel, three values between them: the third is written where the first was.
// CHECK-LABEL: func.func @fn.chain
// CHECK-SAME: %[[X:.*]]: memref<8x8xf32> {heddle.kind = "input", heddle.name = "x"}
// CHECK-SAME: %[[Y:.*]]: memref<8x8xf32> {heddle.kind = "output"}
// CHECK-SAME: %[[ARENA:.*]]: memref<512xi8>) attributes {heddle.arena_bytes = 512
// CHECK-DAG: memref.extract_aligned_pointer_as_index %[[ARENA]]
// CHECK-DAG: %[[OFFSET:.*]] = arith.constant 256 : i64
// CHECK: %[[SECOND:.*]] = llvm.getelementptr %[[FIRST:.*]][%[[OFFSET]]] {{.*}}, i8
// CHECK: llvm.store %{{.*}}
// CHECK: llvm.store %[[FIRST]]
// CHECK: addressof @matmul_0
// CHECK: call @hd_parallel_for
// CHECK: llvm.store %[[FIRST]]
// CHECK: llvm.store %[[SECOND]]
// CHECK: addressof @matmul_0
// CHECK: call @hd_parallel_for
// CHECK: llvm.store %[[SECOND]]
// CHECK: llvm.store %[[FIRST]]
// CHECK: call @hd_parallel_for
// CHECK: llvm.store %[[FIRST]]
// CHECK: call @hd_parallel_for
// CHECK-NEXT: return
// CHECK: llvm.func internal @matmul_0
// CHECK-NOT: @matmul_1
func.func @chain(%x: tensor<8x8xf32> {heddle.name = "x", heddle.kind = "input"}) -> tensor<8x8xf32> {
  %0 = heddle.contraction %x, %x batch [] x [] contract [1] x [1] : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = heddle.contraction %0, %0 batch [] x [] contract [1] x [1] : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %2 = heddle.contraction %1, %1 batch [] x [] contract [1] x [1] : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %3 = heddle.contraction %2, %2 batch [] x [] contract [1] x [1] : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  return %3 : tensor<8x8xf32>
}
