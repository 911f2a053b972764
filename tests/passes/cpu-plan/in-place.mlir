// RUN: heddle-opt --heddle-cpu-plan --remarks-filter-missed=heddle-cpu-plan --verify-diagnostics --split-input-file %s | FileCheck %s

// The new value goes to the parameter's own memory: no result, no arena, no copy.
// CHECK-LABEL: func.func @fn.update
// CHECK-SAME: %[[G:[a-z0-9]+]]: memref<64xf32> {heddle.kind = "input", heddle.name = "g"}
// CHECK-SAME: %[[W:[a-z0-9]+]]: memref<64xf32> {heddle.kind = "parameter", heddle.name = "w", heddle.updated}
// CHECK-SAME: memref<0xi8>
// CHECK: %[[I:.*]] = memref.extract_aligned_pointer_as_index %[[W]]
// CHECK-NEXT: %[[C:.*]] = arith.index_cast %[[I]]
// CHECK-NEXT: %[[P:.*]] = llvm.inttoptr %[[C]]
// CHECK: llvm.store %[[P]], %{{.*}}
// CHECK: llvm.store %{{.*}}
// CHECK: llvm.store %[[P]], %{{.*}}
// CHECK-COUNT-1: call @hd_parallel_for
// CHECK-NEXT: return
func.func @update(%g: tensor<64xf32> {heddle.name = "g", heddle.kind = "input"},
                  %w: tensor<64xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<64xf32> {heddle.updates = "w"}) {
  %0 = heddle.fusion(%a = %w, %b = %g) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %1 = heddle.sub %a, %b : tensor<64xf32>
    heddle.yield %1 : tensor<64xf32>
  }
  return %0 : tensor<64xf32>
}

// -----

// Of a cache, the box alone is written.
// CHECK-LABEL: func.func @fn.cache
// CHECK-COUNT-1: call @hd_parallel_for
// CHECK-NEXT: return
func.func @cache(%u: tensor<1x8xf32> {heddle.name = "u", heddle.kind = "input"},
                 %i: tensor<i32> {heddle.name = "i", heddle.kind = "input"},
                 %c: tensor<64x8xf32> {heddle.name = "c", heddle.kind = "buffer"})
    -> (tensor<64x8xf32> {heddle.updates = "c"}) {
  %zero = heddle.constant dense<0> : tensor<i32>
  %0 = heddle.fusion(%a = %c, %b = %u, %at = %i, %z = %zero) : (tensor<64x8xf32>, tensor<1x8xf32>, tensor<i32>, tensor<i32>) -> tensor<64x8xf32> attributes {kind = "single"} {
    %1 = heddle.dynamic_update_slice %a, %b at %at, %z : tensor<64x8xf32>, tensor<1x8xf32>, tensor<i32>, tensor<i32>
    heddle.yield %1 : tensor<64x8xf32>
  }
  return %0 : tensor<64x8xf32>
}

// -----

// A reader before the update is no hindrance.
// CHECK-LABEL: func.func @fn.read_before
// CHECK-COUNT-2: call @hd_parallel_for
// CHECK-NEXT: return
func.func @read_before(%w: tensor<64xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<64xf32>, tensor<64xf32> {heddle.updates = "w"}) {
  %0 = heddle.fusion(%a = %w) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %1 = heddle.exp %a : tensor<64xf32>
    heddle.yield %1 : tensor<64xf32>
  }
  %2 = heddle.fusion(%a = %w) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %1 = heddle.neg %a : tensor<64xf32>
    heddle.yield %1 : tensor<64xf32>
  }
  return %0, %2 : tensor<64xf32>, tensor<64xf32>
}

// -----

// Rows are added into the product itself, which nobody else reads: three launches, no copy.
// CHECK-LABEL: func.func @fn.scatter
// CHECK-SAME: heddle.arena_bytes = 1024
// CHECK-COUNT-3: call @hd_parallel_for
// CHECK-NOT: call @hd_parallel_for
// CHECK: return
func.func @scatter(%x: tensor<16x16xf32> {heddle.name = "x", heddle.kind = "input"}, %i: tensor<4xi32> {heddle.name = "i", heddle.kind = "input"}, %u: tensor<4x16xf32> {heddle.name = "u", heddle.kind = "input"})
    -> (tensor<16x16xf32> {heddle.name = "y"}) {
  %table = heddle.contraction %x, %x batch [] x [] contract [1] x [1] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %sum = heddle.fusion(%a = %table, %b = %i, %c = %u) : (tensor<16x16xf32>, tensor<4xi32>, tensor<4x16xf32>) -> tensor<16x16xf32> attributes {kind = "single"} {
    %0 = heddle.scatter_add %a, %b, %c : tensor<16x16xf32>, tensor<4xi32>, tensor<4x16xf32>
    heddle.yield %0 : tensor<16x16xf32>
  }
  %y = heddle.fusion(%a = %sum) : (tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.exp %a : tensor<16x16xf32>
    heddle.yield %0 : tensor<16x16xf32>
  }
  return %y : tensor<16x16xf32>
}

// -----

// The product is read once more: it is copied first.
// CHECK-LABEL: func.func @fn.scatter_shared
// CHECK-COUNT-4: call @hd_parallel_for
// CHECK: return
func.func @scatter_shared(%x: tensor<16x16xf32> {heddle.name = "x", heddle.kind = "input"}, %i: tensor<4xi32> {heddle.name = "i", heddle.kind = "input"}, %u: tensor<4x16xf32> {heddle.name = "u", heddle.kind = "input"})
    -> (tensor<16x16xf32> {heddle.name = "y"}) {
  %table = heddle.contraction %x, %x batch [] x [] contract [1] x [1] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %sum = heddle.fusion(%a = %table, %b = %i, %c = %u) : (tensor<16x16xf32>, tensor<4xi32>, tensor<4x16xf32>) -> tensor<16x16xf32> attributes {kind = "single"} {
    %0 = heddle.scatter_add %a, %b, %c : tensor<16x16xf32>, tensor<4xi32>, tensor<4x16xf32>
    heddle.yield %0 : tensor<16x16xf32>
  }
  %y = heddle.fusion(%a = %sum, %b = %table) : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.mul %a, %b : tensor<16x16xf32>
    heddle.yield %0 : tensor<16x16xf32>
  }
  return %y : tensor<16x16xf32>
}
