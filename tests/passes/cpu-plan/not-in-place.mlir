// RUN: heddle-opt --heddle-cpu-plan=fuse-epilogues=false --remarks-filter=heddle-cpu-plan --verify-diagnostics --split-input-file %s | FileCheck %s

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

// The kernel reads a row again after it has written the new value of it: a loop for the sum and %2, one for %4.
// CHECK-LABEL: func.func @fn.row_read_again
// CHECK-SAME: heddle.arena_bytes = 1024
// CHECK-COUNT-2: call @hd_parallel_for
// CHECK-NEXT: return
func.func @row_read_again(%w: tensor<4x64xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<4x64xf32>, tensor<4x64xf32> {heddle.updates = "w"}) {
  // expected-remark @below {{Reason="its kernel reads more of the old value than the element that it writes"}}
  %0:2 = heddle.fusion(%a = %w) : (tensor<4x64xf32>) -> (tensor<4x64xf32>, tensor<4x64xf32>) attributes {domain = array<i64: 4, 64>, kind = "rows", row_rank = 1 : i64} {
    %1 = heddle.reduce_sum %a [1] : tensor<4x64xf32>
    %2 = heddle.neg %a : tensor<4x64xf32>
    %3 = heddle.broadcast %1 [0] : tensor<4xf32> to tensor<4x64xf32>
    %4 = heddle.div %a, %3 : tensor<4x64xf32>
    heddle.yield %2, %4 : tensor<4x64xf32>, tensor<4x64xf32>
  }
  return %0#1, %0#0 : tensor<4x64xf32>, tensor<4x64xf32>
}

// -----

// A value of the arena that is needed later.
// CHECK-LABEL: func.func @fn.needed_later
// CHECK-SAME: heddle.arena_bytes = 32768
func.func @needed_later(%x: tensor<64x64xf32> {heddle.name = "x", heddle.kind = "input"}) -> tensor<64x64xf32> {
  %0 = heddle.contraction %x, %x batch [] x [] contract [1] x [1] : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %1 = heddle.fusion(%a = %0) : (tensor<64x64xf32>) -> tensor<64x64xf32> attributes {domain = array<i64: 64, 64>, kind = "rows", row_rank = 1 : i64} {
    %e = heddle.exp %a : tensor<64x64xf32>
    heddle.yield %e : tensor<64x64xf32>
  }
  %2 = heddle.contraction %0, %1 batch [] x [] contract [1] x [1] : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  return %2 : tensor<64x64xf32>
}

// -----

// One that the kernel reads in another order too.
// CHECK-LABEL: func.func @fn.transposed
// CHECK-SAME: heddle.arena_bytes = 32768
func.func @transposed(%x: tensor<64x64xf32> {heddle.name = "x", heddle.kind = "input"}) -> tensor<64x64xf32> {
  %0 = heddle.contraction %x, %x batch [] x [] contract [1] x [1] : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %t = heddle.transpose %0 [1, 0] : tensor<64x64xf32>
  %1 = heddle.fusion(%a = %0, %b = %t) : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32> attributes {domain = array<i64: 64, 64>, kind = "rows", row_rank = 1 : i64} {
    %s = heddle.mul %a, %b : tensor<64x64xf32>
    heddle.yield %s : tensor<64x64xf32>
  }
  %2 = heddle.contraction %1, %x batch [] x [] contract [1] x [1] : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  return %2 : tensor<64x64xf32>
}

// -----

// One that the kernel reads again after it has written %1#0.
// CHECK-LABEL: func.func @fn.read_again
// CHECK-SAME: heddle.arena_bytes = 32768
func.func @read_again(%x: tensor<64x64xf32> {heddle.name = "x", heddle.kind = "input"}) -> (tensor<64x64xf32>, tensor<64x64xf32>) {
  %0 = heddle.contraction %x, %x batch [] x [] contract [1] x [1] : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %1:2 = heddle.fusion(%a = %0) : (tensor<64x64xf32>) -> (tensor<64x64xf32>, tensor<64x64xf32>) attributes {domain = array<i64: 64, 64>, kind = "rows", row_rank = 1 : i64} {
    %n = heddle.neg %a : tensor<64x64xf32>
    %s = heddle.reduce_sum %a [1] : tensor<64x64xf32>
    %all = heddle.broadcast %s [0] : tensor<64xf32> to tensor<64x64xf32>
    %d = heddle.div %a, %all : tensor<64x64xf32>
    heddle.yield %n, %d : tensor<64x64xf32>, tensor<64x64xf32>
  }
  %2 = heddle.contraction %1#0, %x batch [] x [] contract [1] x [1] : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  return %2, %1#1 : tensor<64x64xf32>, tensor<64x64xf32>
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
