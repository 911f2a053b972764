// RUN: heddle-opt --heddle-cpu-plan --split-input-file %s | FileCheck %s
// RUN: heddle-opt --heddle-cpu-plan --remarks-filter=heddle-cpu-plan --split-input-file %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: heddle-opt --heddle-cpu-plan=fuse-epilogues=false --remarks-filter=heddle-cpu-plan --split-input-file %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=OFF --allow-empty
// OFF-NOT: Epilogue
// REMARK: [Passed] Epilogue | Category:heddle-cpu-plan | Function=taken | Remark="exp is computed with the matrix product (epilogue.mlir:{{[0-9]+}}) that it reads"
// REMARK: [Passed] Epilogue {{.*}} Function=shared_product
// REMARK: [Passed] Epilogue {{.*}} Function=new_state
// REMARK: [Missed] NoEpilogue | Category:heddle-cpu-plan | Function=left_reads_state | Reason="its result is written over what the product reads", Remark="tanh is not computed with the matrix product (epilogue.mlir:{{[0-9]+}}) that it reads"
// REMARK: [Missed] NoEpilogue {{.*}} Function=left_state_changes | Reason="something else is launched in between"
// REMARK: [Missed] NoEpilogue {{.*}} Function=left_rows | Reason="it works on whole rows, of which a block of the product has a part"
// REMARK: [Missed] NoEpilogue {{.*}} Function=left_part | Reason="it reads other elements of the product than the one it computes"
// REMARK: [Missed] NoEpilogue {{.*}} Function=left_part | Reason="a product with a vector takes nothing along"
// REMARK: [Missed] NoEpilogue {{.*}} Function=left_moments | Reason="it moves more than three other tensors"
// REMARK-NOT: Epilogue

// The product's kernel computes the fusion on each block of c that it has finished. c is where the fusion's result is: no
// memory of its own.
// CHECK-LABEL: func.func @fn.taken
// CHECK-SAME: heddle.arena_bytes = 1024 : i64
// CHECK: addressof @kernel_0
// CHECK: call @hd_parallel_for
// CHECK: addressof @matmul_1
// CHECK: call @hd_parallel_for
// CHECK-NOT: hd_parallel_for
// CHECK: llvm.func internal @matmul_1
// CHECK: math.fma
// CHECK: math.exp {{.*}} : vector<16xf32>
func.func @taken(%x: tensor<2x8x16xf32> {heddle.name = "x", heddle.kind = "input"},
                 %y: tensor<16x16xf32> {heddle.name = "y", heddle.kind = "input"}) -> tensor<2x8x16xf32> {
  %1 = heddle.fusion(%a = %x) : (tensor<2x8x16xf32>) -> tensor<2x8x16xf32> attributes {domain = array<i64: 2, 8, 16>, kind = "rows", row_rank = 2 : i64} {
    %n = heddle.neg %a : tensor<2x8x16xf32>
    heddle.yield %n : tensor<2x8x16xf32>
  }
  %0 = heddle.contraction %x, %y batch [] x [] contract [2] x [0] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
  %2 = heddle.fusion(%a = %0, %b = %1) : (tensor<2x8x16xf32>, tensor<2x8x16xf32>) -> tensor<2x8x16xf32> attributes {domain = array<i64: 2, 8, 16>, kind = "rows", row_rank = 2 : i64} {
    %e = heddle.exp %a : tensor<2x8x16xf32>
    %s = heddle.add %e, %b : tensor<2x8x16xf32>
    heddle.yield %s : tensor<2x8x16xf32>
  }
  return %2 : tensor<2x8x16xf32>
}

// -----

// Where another op reads the product later, it has memory of its own. Reshapes do not matter.
// CHECK-LABEL: func.func @fn.shared_product
// CHECK-SAME: heddle.arena_bytes = 1024 : i64
// CHECK: addressof @matmul_0
// CHECK: addressof @matmul_1
// CHECK: call @hd_parallel_for
// CHECK-NOT: hd_parallel_for
// CHECK: return
func.func @shared_product(%x: tensor<16x16xf32> {heddle.name = "x", heddle.kind = "input"})
    -> (tensor<2x8x16xf32>, tensor<16x16xf32>) {
  %0 = heddle.contraction %x, %x batch [] x [] contract [1] x [0] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %1 = heddle.reshape %0 : tensor<16x16xf32> to tensor<2x8x16xf32>
  %2 = heddle.fusion(%a = %1) : (tensor<2x8x16xf32>) -> tensor<2x8x16xf32> attributes {domain = array<i64: 2, 8, 16>, kind = "rows", row_rank = 2 : i64} {
    %e = heddle.exp %a : tensor<2x8x16xf32>
    heddle.yield %e : tensor<2x8x16xf32>
  }
  %3 = heddle.contraction %0, %x batch [] x [] contract [1] x [0] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  return %2, %3 : tensor<2x8x16xf32>, tensor<16x16xf32>
}

// -----

// New state that the fusion computes, as an optimiser does of a gradient: the product is not put where the old state
// lies, which the fusion reads.
// CHECK-LABEL: func.func @fn.new_state
// CHECK-SAME: heddle.arena_bytes = 1024 : i64
// CHECK-COUNT-1: call @hd_parallel_for
// CHECK-NOT: hd_parallel_for
// CHECK: return
func.func @new_state(%x: tensor<4x16xf32> {heddle.name = "x", heddle.kind = "input"},
                     %w: tensor<16x16xf32> {heddle.name = "w", heddle.kind = "parameter"}) -> (tensor<16x16xf32> {heddle.updates = "w"}) {
  %0 = heddle.contraction %x, %x batch [] x [] contract [0] x [0] : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<16x16xf32>
  %1 = heddle.fusion(%a = %0, %b = %w) : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %s = heddle.sub %b, %a : tensor<16x16xf32>
    heddle.yield %s : tensor<16x16xf32>
  }
  return %1 : tensor<16x16xf32>
}

// -----

// Left alone: state that the product itself reads, which would change under it.
// CHECK-LABEL: func.func @fn.left_reads_state
// CHECK-COUNT-2: call @hd_parallel_for
// CHECK: return
func.func @left_reads_state(%x: tensor<16x16xf32> {heddle.name = "x", heddle.kind = "input"},
                            %h: tensor<16x16xf32> {heddle.name = "h", heddle.kind = "buffer"}) -> (tensor<16x16xf32> {heddle.updates = "h"}) {
  %0 = heddle.contraction %x, %h batch [] x [] contract [1] x [0] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %1 = heddle.fusion(%a = %0) : (tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %s = heddle.tanh %a : tensor<16x16xf32>
    heddle.yield %s : tensor<16x16xf32>
  }
  return %1 : tensor<16x16xf32>
}

// -----

// What is launched in between: here, state changes that the product reads.
// CHECK-LABEL: func.func @fn.left_state_changes
// CHECK-COUNT-3: call @hd_parallel_for
// CHECK: return
func.func @left_state_changes(%x: tensor<16x16xf32> {heddle.name = "x", heddle.kind = "input"},
                              %h: tensor<16x16xf32> {heddle.name = "h", heddle.kind = "buffer"})
    -> (tensor<16x16xf32>, tensor<16x16xf32> {heddle.updates = "h"}) {
  %0 = heddle.contraction %x, %h batch [] x [] contract [1] x [0] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %1 = heddle.fusion(%a = %x) : (tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %s = heddle.tanh %a : tensor<16x16xf32>
    heddle.yield %s : tensor<16x16xf32>
  }
  %2 = heddle.fusion(%a = %0) : (tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %s = heddle.tanh %a : tensor<16x16xf32>
    heddle.yield %s : tensor<16x16xf32>
  }
  return %2, %1 : tensor<16x16xf32>, tensor<16x16xf32>
}

// -----

// A fusion that needs whole rows, and one that is not launched next.
// CHECK-LABEL: func.func @fn.left_rows
// CHECK-COUNT-3: call @hd_parallel_for
// CHECK: return
func.func @left_rows(%x: tensor<16x16xf32> {heddle.name = "x", heddle.kind = "input"}) -> (tensor<16xf32>, tensor<16x16xf32>) {
  %0 = heddle.contraction %x, %x batch [] x [] contract [1] x [0] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %1 = heddle.fusion(%a = %0) : (tensor<16x16xf32>) -> tensor<16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %s = heddle.reduce_sum %a [1] : tensor<16x16xf32>
    heddle.yield %s : tensor<16xf32>
  }
  %2 = heddle.fusion(%a = %0) : (tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %s = heddle.tanh %a : tensor<16x16xf32>
    heddle.yield %s : tensor<16x16xf32>
  }
  return %1, %2 : tensor<16xf32>, tensor<16x16xf32>
}

// -----

// Another part of the product, which need not be finished, and a product with a vector.
// CHECK-LABEL: func.func @fn.left_part
// CHECK-COUNT-4: call @hd_parallel_for
// CHECK: return
func.func @left_part(%x: tensor<16x16xf32> {heddle.name = "x", heddle.kind = "input"},
                     %v: tensor<1x16xf32> {heddle.name = "v", heddle.kind = "input"}) -> (tensor<8x16xf32>, tensor<1x16xf32>) {
  %0 = heddle.contraction %x, %x batch [] x [] contract [1] x [0] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %1 = heddle.slice %0 [0, 0] to [8, 16] by [1, 1] : tensor<16x16xf32>
  %2 = heddle.slice %0 [8, 0] to [16, 16] by [1, 1] : tensor<16x16xf32>
  %3 = heddle.fusion(%a = %1, %b = %2) : (tensor<8x16xf32>, tensor<8x16xf32>) -> tensor<8x16xf32> attributes {domain = array<i64: 8, 16>, kind = "rows", row_rank = 1 : i64} {
    %s = heddle.mul %a, %b : tensor<8x16xf32>
    heddle.yield %s : tensor<8x16xf32>
  }
  %4 = heddle.contraction %v, %x batch [] x [] contract [1] x [0] : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %5 = heddle.fusion(%a = %4) : (tensor<1x16xf32>) -> tensor<1x16xf32> attributes {domain = array<i64: 1, 16>, kind = "rows", row_rank = 1 : i64} {
    %s = heddle.tanh %a : tensor<1x16xf32>
    heddle.yield %s : tensor<1x16xf32>
  }
  return %3, %5 : tensor<8x16xf32>, tensor<1x16xf32>
}

// -----

// An update with a moment, which moves four more tensors: to walk these in the blocks of the product costs more than the
// product in the cache saves.
// CHECK-LABEL: func.func @fn.left_moments
// CHECK-COUNT-2: call @hd_parallel_for
// CHECK: return
func.func @left_moments(%x: tensor<4x16xf32> {heddle.name = "x", heddle.kind = "input"},
                        %w: tensor<16x16xf32> {heddle.name = "w", heddle.kind = "parameter"},
                        %m: tensor<16x16xf32> {heddle.name = "m", heddle.kind = "optimizer"})
    -> (tensor<16x16xf32> {heddle.updates = "w"}, tensor<16x16xf32> {heddle.updates = "m"}) {
  %0 = heddle.contraction %x, %x batch [] x [] contract [0] x [0] : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<16x16xf32>
  %1:2 = heddle.fusion(%a = %0, %b = %w, %c = %m) : (tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>) -> (tensor<16x16xf32>, tensor<16x16xf32>) attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %s = heddle.add %c, %a : tensor<16x16xf32>
    %t = heddle.sub %b, %s : tensor<16x16xf32>
    heddle.yield %t, %s : tensor<16x16xf32>, tensor<16x16xf32>
  }
  return %1#0, %1#1 : tensor<16x16xf32>, tensor<16x16xf32>
}
