// RUN: heddle-opt --heddle-rematerialize="min-bytes=1024" %s | FileCheck %s
// RUN: heddle-opt --validate --pass-pipeline="builtin.module(func.func(heddle-rematerialize{min-bytes=1024}))" %s -o /dev/null
// RUN: heddle-opt --heddle-rematerialize="min-bytes=1025" %s | FileCheck %s --check-prefix=KEPT
// RUN: heddle-opt --heddle-rematerialize="min-bytes=1024 max-ops=1" %s | FileCheck %s --check-prefix=KEPT
// RUN: heddle-opt --heddle-rematerialize="min-bytes=1024" --remarks-filter=heddle-rematerialize %s -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=REMARK
// REMARK-DAG: [Passed] Rematerialized | Category:heddle-rematerialize | Function=waits | Remark="mul (1024 bytes) is computed again for matrix product ({{.*}}), and its memory is free in between"
// REMARK-DAG: [Missed] Kept | Category:heddle-rematerialize | Function=kept | Reason="what it is computed from is not kept that long", Remark="tanh (1024 bytes) waits in memory where the most is in use"

// %g waits from the first product to the last, while %big is in use, and so does %h, of which it is made.
// CHECK-LABEL: func.func @waits
// CHECK: %[[H:.*]] = heddle.contraction %arg0, %arg1
// CHECK-NEXT: %[[G:.*]] = heddle.fusion(%{{.*}} = %[[H]])
// CHECK: heddle.contraction %[[G]], %arg1
// CHECK: %[[DY:.*]] = heddle.fusion{{.*}} -> tensor<16x16xf32>
// CHECK: %[[AGAIN:.*]] = heddle.fusion(%[[A:.*]] = %[[H]]) : (tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
// CHECK-NEXT: %[[T:.*]] = heddle.tanh %[[A]]
// CHECK-NEXT: %[[M:.*]] = heddle.mul %[[A]], %[[T]]
// CHECK-NEXT: heddle.yield %[[M]]
// CHECK-NEXT: }
// CHECK-NEXT: %[[V:.*]] = heddle.reshape %[[AGAIN]]
// CHECK-NEXT: heddle.contraction %[[DY]], %[[V]]
// KEPT-LABEL: func.func @waits
// KEPT-COUNT-1: heddle.tanh
// KEPT-NOT: heddle.tanh
// KEPT: return
func.func @waits(%x: tensor<16x16xf32>, %w: tensor<16x16xf32>) -> (tensor<16x16xf32>, tensor<16x16xf32>) {
  %h = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %g = heddle.fusion(%a = %h) : (tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.tanh %a : tensor<16x16xf32>
    %1 = heddle.mul %a, %0 : tensor<16x16xf32>
    heddle.yield %1 : tensor<16x16xf32>
  }
  %y = heddle.contraction %g, %w batch [] x [] contract [1] x [1] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %view = heddle.reshape %g : tensor<16x16xf32> to tensor<16x16xf32>
  %column = heddle.reshape %y : tensor<16x16xf32> to tensor<256x1xf32>
  %big = heddle.contraction %column, %column batch [] x [] contract [1] x [1] : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x256xf32>
  %sums = heddle.fusion(%a = %big) : (tensor<256x256xf32>) -> tensor<256xf32> attributes {domain = array<i64: 256, 256>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.reduce_sum %a [1] : tensor<256x256xf32>
    heddle.yield %0 : tensor<256xf32>
  }
  %square = heddle.reshape %sums : tensor<256xf32> to tensor<16x16xf32>
  %dy = heddle.fusion(%a = %square) : (tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.sqrt %a : tensor<16x16xf32>
    heddle.yield %0 : tensor<16x16xf32>
  }
  %dw = heddle.contraction %dy, %view batch [] x [] contract [0] x [0] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %dh = heddle.fusion(%a = %dy, %b = %h) : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.mul %a, %b : tensor<16x16xf32>
    heddle.yield %0 : tensor<16x16xf32>
  }
  return %dw, %dh : tensor<16x16xf32>, tensor<16x16xf32>
}

// A norm again from its operand and what it kept of each row; the sums are not done again.
// CHECK-LABEL: func.func @norm
// CHECK: %[[H:.*]] = heddle.contraction
// CHECK-NEXT: %[[N:[0-9]+]]:2 = heddle.fusion(%{{.*}} = %[[H]])
// CHECK: heddle.reduce_sum
// CHECK: %[[BIG:.*]] = heddle.contraction
// CHECK: heddle.reduce_sum
// CHECK: heddle.fusion(%[[X:.*]] = %[[H]], %[[R:.*]] = %[[N]]#0) : (tensor<16x16xf32>, tensor<16xf32>) -> tensor<16x16xf32>
// CHECK-NEXT: %[[B:.*]] = heddle.broadcast %[[R]] [0]
// CHECK-NEXT: %[[S:.*]] = heddle.sub %[[X]], %[[B]]
// CHECK-NEXT: heddle.yield %[[S]]
// CHECK-NOT: heddle.reduce_sum
// CHECK: return
func.func @norm(%x: tensor<16x16xf32>, %w: tensor<16x16xf32>) -> (tensor<16x16xf32>, tensor<16x16xf32>) {
  %h = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %n:2 = heddle.fusion(%a = %h) : (tensor<16x16xf32>) -> (tensor<16xf32>, tensor<16x16xf32>) attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.reduce_sum %a [1] : tensor<16x16xf32>
    %1 = heddle.broadcast %0 [0] : tensor<16xf32> to tensor<16x16xf32>
    %2 = heddle.sub %a, %1 : tensor<16x16xf32>
    heddle.yield %0, %2 : tensor<16xf32>, tensor<16x16xf32>
  }
  %y = heddle.contraction %n#1, %w batch [] x [] contract [1] x [1] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %column = heddle.reshape %y : tensor<16x16xf32> to tensor<256x1xf32>
  %big = heddle.contraction %column, %column batch [] x [] contract [1] x [1] : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x256xf32>
  %sums = heddle.fusion(%a = %big) : (tensor<256x256xf32>) -> tensor<256xf32> attributes {domain = array<i64: 256, 256>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.reduce_sum %a [1] : tensor<256x256xf32>
    heddle.yield %0 : tensor<256xf32>
  }
  %dy = heddle.reshape %sums : tensor<256xf32> to tensor<16x16xf32>
  %dw = heddle.contraction %dy, %n#1 batch [] x [] contract [0] x [0] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %dh = heddle.fusion(%a = %dy, %b = %h, %c = %n#0) : (tensor<16x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.broadcast %c [0] : tensor<16xf32> to tensor<16x16xf32>
    %1 = heddle.mul %b, %0 : tensor<16x16xf32>
    %2 = heddle.mul %a, %1 : tensor<16x16xf32>
    heddle.yield %2 : tensor<16x16xf32>
  }
  return %dw, %dh : tensor<16x16xf32>, tensor<16x16xf32>
}

// Kept: what it is made of does not wait (the product %h is done with), it is a sum, it is at work where the most
// memory is in use, or it is returned.
// CHECK-LABEL: func.func @kept
// CHECK-COUNT-1: heddle.tanh
// CHECK-NOT: heddle.tanh
// CHECK: return
func.func @kept(%x: tensor<16x16xf32>, %w: tensor<16x16xf32>) -> (tensor<16x16xf32>, tensor<256x256xf32>) {
  %h = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %g = heddle.fusion(%a = %h) : (tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.tanh %a : tensor<16x16xf32>
    heddle.yield %0 : tensor<16x16xf32>
  }
  %y = heddle.contraction %g, %w batch [] x [] contract [1] x [1] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %column = heddle.reshape %y : tensor<16x16xf32> to tensor<256x1xf32>
  %big = heddle.contraction %column, %column batch [] x [] contract [1] x [1] : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x256xf32>
  %e = heddle.fusion(%a = %big) : (tensor<256x256xf32>) -> tensor<256x256xf32> attributes {domain = array<i64: 256, 256>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.exp %a : tensor<256x256xf32>
    heddle.yield %0 : tensor<256x256xf32>
  }
  %z = heddle.contraction %y, %g batch [] x [] contract [1] x [1] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  return %z, %e : tensor<16x16xf32>, tensor<256x256xf32>
}

// Nor of an argument whose new value is written before it: the old one would have to be copied.
// CHECK-LABEL: func.func @overwritten
// CHECK-COUNT-1: heddle.tanh
// CHECK-NOT: heddle.tanh
// CHECK: return
func.func @overwritten(%x: tensor<16x16xf32>, %w: tensor<16x16xf32>, %p: tensor<16x16xf32> {heddle.name = "p", heddle.kind = "parameter"})
    -> (tensor<16x16xf32>, tensor<16x16xf32> {heddle.updates = "p"}) {
  %g = heddle.fusion(%a = %p) : (tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.tanh %a : tensor<16x16xf32>
    heddle.yield %0 : tensor<16x16xf32>
  }
  %y = heddle.contraction %g, %w batch [] x [] contract [1] x [1] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %u = heddle.fusion(%a = %p, %b = %y) : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32> attributes {domain = array<i64: 16, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.sub %a, %b : tensor<16x16xf32>
    heddle.yield %0 : tensor<16x16xf32>
  }
  %column = heddle.reshape %y : tensor<16x16xf32> to tensor<256x1xf32>
  %big = heddle.contraction %column, %column batch [] x [] contract [1] x [1] : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x256xf32>
  %sums = heddle.fusion(%a = %big) : (tensor<256x256xf32>) -> tensor<256xf32> attributes {domain = array<i64: 256, 256>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.reduce_sum %a [1] : tensor<256x256xf32>
    heddle.yield %0 : tensor<256xf32>
  }
  %dy = heddle.reshape %sums : tensor<256xf32> to tensor<16x16xf32>
  %dw = heddle.contraction %dy, %g batch [] x [] contract [0] x [0] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  return %dw, %u : tensor<16x16xf32>, tensor<16x16xf32>
}
