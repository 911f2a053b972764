// RUN: heddle-opt --heddle-place-updates --heddle-cpu-plan --split-input-file %s | FileCheck %s
// RUN: heddle-opt --heddle-place-updates --split-input-file %s | FileCheck %s --check-prefix=ORDER

// The new state is written as soon as its gradient is there, so that %g and %y may share a place.
// CHECK-LABEL: func.func @fn.early
// CHECK-SAME: heddle.arena_bytes = 256
// ORDER-LABEL: func.func @early
// ORDER: heddle.exp
// ORDER: heddle.sub
// ORDER: heddle.tanh
// ORDER: heddle.exp
func.func @early(%x: tensor<64xf32> {heddle.name = "x", heddle.kind = "input"},
                 %p: tensor<64xf32> {heddle.name = "p", heddle.kind = "parameter"})
    -> (tensor<64xf32> {heddle.name = "z"}, tensor<64xf32> {heddle.updates = "p"}) {
  %g = heddle.fusion(%a = %x) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %0 = heddle.exp %a : tensor<64xf32>
    heddle.yield %0 : tensor<64xf32>
  }
  %y = heddle.fusion(%a = %x) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %0 = heddle.tanh %a : tensor<64xf32>
    heddle.yield %0 : tensor<64xf32>
  }
  %z = heddle.fusion(%a = %y) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %0 = heddle.exp %a : tensor<64xf32>
    heddle.yield %0 : tensor<64xf32>
  }
  %u = heddle.fusion(%a = %p, %b = %g) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %0 = heddle.sub %a, %b : tensor<64xf32>
    heddle.yield %0 : tensor<64xf32>
  }
  return %z, %u : tensor<64xf32>, tensor<64xf32>
}

// -----

// Not before the last reader of the old state: there is no copy of it.
// CHECK-LABEL: func.func @fn.late
// CHECK-SAME: heddle.arena_bytes = 512
// CHECK-COUNT-4: call @hd_parallel_for
// CHECK-NOT: call @hd_parallel_for
// ORDER-LABEL: func.func @late
// ORDER: heddle.exp
// ORDER: heddle.tanh
// ORDER: heddle.mul
// ORDER: heddle.sub
func.func @late(%x: tensor<64xf32> {heddle.name = "x", heddle.kind = "input"},
                %p: tensor<64xf32> {heddle.name = "p", heddle.kind = "parameter"})
    -> (tensor<64xf32> {heddle.name = "z"}, tensor<64xf32> {heddle.updates = "p"}) {
  %g = heddle.fusion(%a = %x) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %0 = heddle.exp %a : tensor<64xf32>
    heddle.yield %0 : tensor<64xf32>
  }
  %y = heddle.fusion(%a = %x) : (tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %0 = heddle.tanh %a : tensor<64xf32>
    heddle.yield %0 : tensor<64xf32>
  }
  %z = heddle.fusion(%a = %y, %b = %p) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %0 = heddle.mul %a, %b : tensor<64xf32>
    heddle.yield %0 : tensor<64xf32>
  }
  %u = heddle.fusion(%a = %p, %b = %g) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32> attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
    %0 = heddle.sub %a, %b : tensor<64xf32>
    heddle.yield %0 : tensor<64xf32>
  }
  return %z, %u : tensor<64xf32>, tensor<64xf32>
}
