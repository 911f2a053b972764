// RUN: heddle-opt --heddle-cpu-plan --remarks-filter=heddle-cpu-plan --verify-diagnostics --split-input-file %s | FileCheck %s

// exp reads the old value after neg has made the new one: that waits in the arena.
// CHECK-LABEL: func.func @fn.read_after
// CHECK-SAME: heddle.arena_bytes = 256
// CHECK-COUNT-3: call @hd_parallel_for
// CHECK-NEXT: return
func.func @read_after(%w: tensor<64xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<64xf32>, tensor<64xf32> {heddle.updates = "w"}) {
  // expected-remark-re @below {{Reason="exp (not-in-place.mlir:{{[0-9]+}}) reads the old value later"}}
  %0 = heddle.fusion(%a = %w) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %1 = heddle.neg %a : tensor<64xf32>
    heddle.yield %1 : tensor<64xf32>
  }
  %2 = heddle.fusion(%a = %w) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %1 = heddle.exp %a : tensor<64xf32>
    heddle.yield %1 : tensor<64xf32>
  }
  return %2, %0 : tensor<64xf32>, tensor<64xf32>
}

// -----

// A view of the old value is read.
// CHECK-LABEL: func.func @fn.view_read_after
// CHECK-COUNT-3: call @hd_parallel_for
// CHECK-NEXT: return
func.func @view_read_after(%w: tensor<64xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<32xf32>, tensor<64xf32> {heddle.updates = "w"}) {
  %v = heddle.slice %w [32] to [64] by [1] : tensor<64xf32>
  // expected-remark-re @below {{Reason="exp (not-in-place.mlir:{{[0-9]+}}) reads the old value later"}}
  %0 = heddle.fusion(%a = %w) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %1 = heddle.neg %a : tensor<64xf32>
    heddle.yield %1 : tensor<64xf32>
  }
  %2 = heddle.fusion(%a = %v) : (tensor<32xf32>) -> tensor<32xf32> attributes {domain = array<i64: 32>, kind = "rows", row_rank = 0 : i64} {
    %1 = heddle.exp %a : tensor<32xf32>
    heddle.yield %1 : tensor<32xf32>
  }
  return %2, %0 : tensor<32xf32>, tensor<64xf32>
}

// -----

// The kernel itself reads a row more than once.
// CHECK-LABEL: func.func @fn.row_read_twice
// CHECK-COUNT-2: call @hd_parallel_for
// CHECK-NEXT: return
func.func @row_read_twice(%w: tensor<4x64xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<4x64xf32> {heddle.updates = "w"}) {
  // expected-remark @below {{Reason="its kernel reads more of the old value than the element that it writes"}}
  %0 = heddle.fusion(%a = %w) : (tensor<4x64xf32>) -> tensor<4x64xf32> attributes {domain = array<i64: 4, 64>, kind = "rows", row_rank = 1 : i64} {
    %1 = heddle.reduce_sum %a [1] : tensor<4x64xf32>
    %2 = heddle.broadcast %1 [0] : tensor<4xf32> to tensor<4x64xf32>
    %3 = heddle.div %a, %2 : tensor<4x64xf32>
    heddle.yield %3 : tensor<4x64xf32>
  }
  return %0 : tensor<4x64xf32>
}

// -----

// Two states that change places: one of the old values is saved before it is overwritten.
// CHECK-LABEL: func.func @fn.exchange
// CHECK-SAME: heddle.arena_bytes = 512
// CHECK-COUNT-4: call @hd_parallel_for
// CHECK-NEXT: return
// expected-remark @+1 {{Reason="the new value is not computed here"}}
func.func @exchange(%v: tensor<64xf32> {heddle.name = "v", heddle.kind = "buffer"},
                    // expected-remark @+1 {{Reason="the new value is not computed here"}}
                    %w: tensor<64xf32> {heddle.name = "w", heddle.kind = "buffer"})
    -> (tensor<64xf32> {heddle.updates = "v"}, tensor<64xf32> {heddle.updates = "w"}) {
  return %w, %v : tensor<64xf32>, tensor<64xf32>
}
