// RUN: heddle-opt --heddle-cpu-plan=fuse-epilogues=false --remarks-filter-missed=heddle-cpu-plan --verify-diagnostics --split-input-file %s | FileCheck %s

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

// -----

// The kernel reads each row as often as it likes before its last loop writes it.
// CHECK-LABEL: func.func @fn.normalized
// CHECK-SAME: heddle.arena_bytes = 0
// CHECK-COUNT-1: call @hd_parallel_for
// CHECK-NEXT: return
func.func @normalized(%w: tensor<4x64xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<4x64xf32> {heddle.updates = "w"}) {
  %0 = heddle.fusion(%a = %w) : (tensor<4x64xf32>) -> tensor<4x64xf32> attributes {domain = array<i64: 4, 64>, kind = "rows", row_rank = 1 : i64} {
    %1 = heddle.reduce_sum %a [1] : tensor<4x64xf32>
    %2 = heddle.broadcast %1 [0] : tensor<4xf32> to tensor<4x64xf32>
    %3 = heddle.div %a, %2 : tensor<4x64xf32>
    heddle.yield %3 : tensor<4x64xf32>
  }
  return %0 : tensor<4x64xf32>
}

// -----

// Logits, and over them their gradient, by other sizes of the same memory.
// CHECK-LABEL: func.func @fn.logits
// CHECK-SAME: heddle.arena_bytes = 16384
// CHECK-COUNT-3: call @hd_parallel_for
// CHECK-NEXT: return
func.func @logits(%x: tensor<64x8xf32> {heddle.name = "x", heddle.kind = "input"}, %w: tensor<64x8xf32> {heddle.name = "w", heddle.kind = "input"}) -> tensor<64x8xf32> {
  %logits = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<64x8xf32>, tensor<64x8xf32>) -> tensor<64x64xf32>
  %view = heddle.reshape %logits : tensor<64x64xf32> to tensor<2x32x64xf32>
  %d = heddle.fusion(%a = %view) : (tensor<2x32x64xf32>) -> tensor<2x32x64xf32> attributes {domain = array<i64: 2, 32, 64>, kind = "rows", row_rank = 2 : i64} {
    %0 = heddle.exp %a : tensor<2x32x64xf32>
    %1 = heddle.reduce_sum %0 [2] : tensor<2x32x64xf32>
    %2 = heddle.broadcast %1 [0, 1] : tensor<2x32xf32> to tensor<2x32x64xf32>
    %3 = heddle.div %0, %2 : tensor<2x32x64xf32>
    heddle.yield %3 : tensor<2x32x64xf32>
  }
  %flat = heddle.reshape %d : tensor<2x32x64xf32> to tensor<64x64xf32>
  %dx = heddle.contraction %flat, %w batch [] x [] contract [1] x [0] : (tensor<64x64xf32>, tensor<64x8xf32>) -> tensor<64x8xf32>
  return %dx : tensor<64x8xf32>
}

// -----

// Heads that a kernel puts side by side are written so; the sum reads them by strides.
// CHECK-LABEL: func.func @fn.heads
// CHECK-COUNT-3: call @hd_parallel_for
// CHECK-NEXT: return
func.func @heads(%x: tensor<2x3x16x8xf32> {heddle.name = "x", heddle.kind = "input"}, %w: tensor<24x5xf32> {heddle.name = "w", heddle.kind = "input"})
    -> (tensor<32x5xf32>, tensor<2x3x16xf32>) {
  %y:2 = heddle.fusion(%a = %x) : (tensor<2x3x16x8xf32>) -> (tensor<2x3x16x8xf32>, tensor<2x3x16xf32>) attributes {kind = "single"} {
    %0, %1 = heddle.attention %a, %a, %a {causal, scale = 0.5 : f64} : tensor<2x3x16x8xf32>, tensor<2x3x16x8xf32>, tensor<2x3x16x8xf32>
    heddle.yield %0, %1 : tensor<2x3x16x8xf32>, tensor<2x3x16xf32>
  }
  %t = heddle.fusion(%a = %y#0) : (tensor<2x3x16x8xf32>) -> tensor<2x16x3x8xf32> attributes {kind = "single"} {
    %0 = heddle.transpose %a [0, 2, 1, 3] : tensor<2x3x16x8xf32>
    heddle.yield %0 : tensor<2x16x3x8xf32>
  }
  %rows = heddle.reshape %t : tensor<2x16x3x8xf32> to tensor<32x24xf32>
  %z = heddle.contraction %rows, %w batch [] x [] contract [1] x [0] : (tensor<32x24xf32>, tensor<24x5xf32>) -> tensor<32x5xf32>
  %s = heddle.fusion(%a = %y#0, %b = %x) : (tensor<2x3x16x8xf32>, tensor<2x3x16x8xf32>) -> tensor<2x3x16xf32> attributes {domain = array<i64: 2, 3, 16, 8>, kind = "rows", row_rank = 3 : i64} {
    %0 = heddle.mul %a, %b : tensor<2x3x16x8xf32>
    %1 = heddle.reduce_sum %0 [3] : tensor<2x3x16x8xf32>
    heddle.yield %1 : tensor<2x3x16xf32>
  }
  return %z, %s : tensor<32x5xf32>, tensor<2x3x16xf32>
}

// -----

// Parts of new state are written in their place, each over the rows that it is made of.
// CHECK-LABEL: func.func @fn.parts
// CHECK-SAME: heddle.arena_bytes = 0
// CHECK-COUNT-2: call @hd_parallel_for
// CHECK-NEXT: return
func.func @parts(%w: tensor<4x64xf32> {heddle.name = "w", heddle.kind = "parameter"}) -> (tensor<4x64xf32> {heddle.updates = "w"}) {
  %w0 = heddle.slice %w [0, 0] to [3, 64] by [1, 1] : tensor<4x64xf32>
  %0 = heddle.fusion(%a = %w0) : (tensor<3x64xf32>) -> tensor<3x64xf32> attributes {domain = array<i64: 3, 64>, kind = "rows", row_rank = 1 : i64} {
    %1 = heddle.exp %a : tensor<3x64xf32>
    heddle.yield %1 : tensor<3x64xf32>
  }
  %w1 = heddle.slice %w [3, 0] to [4, 64] by [1, 1] : tensor<4x64xf32>
  %2 = heddle.fusion(%a = %w1) : (tensor<1x64xf32>) -> tensor<1x64xf32> attributes {domain = array<i64: 1, 64>, kind = "rows", row_rank = 1 : i64} {
    %1 = heddle.tanh %a : tensor<1x64xf32>
    heddle.yield %1 : tensor<1x64xf32>
  }
  %3 = heddle.fusion(%a = %0, %b = %2) : (tensor<3x64xf32>, tensor<1x64xf32>) -> tensor<4x64xf32> attributes {kind = "single"} {
    %1 = heddle.concat %a, %b {dimension = 0 : i64} : tensor<3x64xf32>, tensor<1x64xf32>
    heddle.yield %1 : tensor<4x64xf32>
  }
  return %3 : tensor<4x64xf32>
}

// -----

// The second part is made of a row that the first replaces and one of its own, in another place: both are copied.
// CHECK-LABEL: func.func @fn.shifted_parts
// CHECK-SAME: heddle.arena_bytes = 1024
// CHECK-COUNT-4: call @hd_parallel_for
// CHECK-NEXT: return
func.func @shifted_parts(%w: tensor<4x64xf32> {heddle.name = "w", heddle.kind = "parameter"}) -> (tensor<4x64xf32> {heddle.updates = "w"}) {
  %w0 = heddle.slice %w [0, 0] to [2, 64] by [1, 1] : tensor<4x64xf32>
  %0 = heddle.fusion(%a = %w0) : (tensor<2x64xf32>) -> tensor<2x64xf32> attributes {domain = array<i64: 2, 64>, kind = "rows", row_rank = 1 : i64} {
    %1 = heddle.exp %a : tensor<2x64xf32>
    heddle.yield %1 : tensor<2x64xf32>
  }
  %w1 = heddle.slice %w [1, 0] to [3, 64] by [1, 1] : tensor<4x64xf32>
  %2 = heddle.fusion(%a = %w1) : (tensor<2x64xf32>) -> tensor<2x64xf32> attributes {domain = array<i64: 2, 64>, kind = "rows", row_rank = 1 : i64} {
    %1 = heddle.tanh %a : tensor<2x64xf32>
    heddle.yield %1 : tensor<2x64xf32>
  }
  %3 = heddle.fusion(%a = %0, %b = %2) : (tensor<2x64xf32>, tensor<2x64xf32>) -> tensor<4x64xf32> attributes {kind = "single"} {
    %1 = heddle.concat %a, %b {dimension = 0 : i64} : tensor<2x64xf32>, tensor<2x64xf32>
    heddle.yield %1 : tensor<4x64xf32>
  }
  return %3 : tensor<4x64xf32>
}
