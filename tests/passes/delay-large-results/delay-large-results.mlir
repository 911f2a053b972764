// RUN: heddle-opt --heddle-delay-large-results="min-bytes=4096" --split-input-file %s | FileCheck %s
// RUN: heddle-opt --validate --pass-pipeline="builtin.module(func.func(heddle-delay-large-results{min-bytes=4096}))" --split-input-file %s -o /dev/null
// RUN: heddle-opt --heddle-delay-large-results="min-bytes=65537" --split-input-file %s | FileCheck %s --check-prefix=SMALL
// RUN: heddle-opt --heddle-delay-large-results="min-bytes=4096" --remarks-filter=heddle-delay-large-results --split-input-file %s -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=REMARK
// REMARK: [Passed] Delayed | Category:heddle-delay-large-results | Function=late | Remark="matrix product (65 kB) is computed late, for broadcast ({{.*}}): its operands take less memory"
// REMARK: Delayed {{.*}}Function=overwritten
// REMARK: Delayed {{.*}}Function=together
// REMARK: Delayed {{.*}}Function=apart
// REMARK-NOT: Delayed

// %table is larger than %y, which alone waits for it; the view moves along.
// CHECK-LABEL: func.func @late
// CHECK: %[[Y:.*]] = heddle.fusion
// CHECK-NEXT: heddle.exp
// CHECK: heddle.tanh
// CHECK: %[[TABLE:.*]] = heddle.contraction %[[Y]], %arg0
// CHECK-NEXT: %[[VIEW:.*]] = heddle.reshape %[[TABLE]]
// CHECK-NEXT: heddle.fusion({{.*}} = %[[VIEW]]
// SMALL-LABEL: func.func @late
// SMALL: heddle.contraction
// SMALL: heddle.tanh
func.func @late(%x: tensor<128x4xf32>) -> tensor<16384xf32> {
  %y = heddle.fusion(%a = %x) : (tensor<128x4xf32>) -> tensor<128x4xf32> attributes {domain = array<i64: 128, 4>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.exp %a : tensor<128x4xf32>
    heddle.yield %0 : tensor<128x4xf32>
  }
  %table = heddle.contraction %y, %x batch [] x [] contract [1] x [1] : (tensor<128x4xf32>, tensor<128x4xf32>) -> tensor<128x128xf32>
  %view = heddle.reshape %table : tensor<128x128xf32> to tensor<16384xf32>
  %z = heddle.fusion(%a = %x) : (tensor<128x4xf32>) -> tensor<128x4xf32> attributes {domain = array<i64: 128, 4>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.tanh %a : tensor<128x4xf32>
    heddle.yield %0 : tensor<128x4xf32>
  }
  %one = heddle.slice %z [0, 0] to [1, 1] by [1, 1] : tensor<128x4xf32>
  %scalar = heddle.reshape %one : tensor<1x1xf32> to tensor<f32>
  %sum = heddle.fusion(%a = %view, %b = %scalar) : (tensor<16384xf32>, tensor<f32>) -> tensor<16384xf32> attributes {domain = array<i64: 16384>, kind = "rows", row_rank = 0 : i64} {
    %0 = heddle.broadcast %b [] : tensor<f32> to tensor<16384xf32>
    %1 = heddle.add %a, %0 : tensor<16384xf32>
    heddle.yield %1 : tensor<16384xf32>
  }
  return %sum : tensor<16384xf32>
}

// -----

// %small takes less than %big, which would have to wait for it.
// CHECK-LABEL: func.func @small
// CHECK: heddle.exp
// CHECK: heddle.contraction
// CHECK: heddle.tanh
// CHECK: heddle.mul
func.func @small(%x: tensor<64x64xf32>) -> tensor<64x16xf32> {
  %big = heddle.fusion(%a = %x) : (tensor<64x64xf32>) -> tensor<64x64xf32> attributes {domain = array<i64: 64, 64>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.exp %a : tensor<64x64xf32>
    heddle.yield %0 : tensor<64x64xf32>
  }
  %rows = heddle.slice %x [0, 0] to [16, 64] by [1, 1] : tensor<64x64xf32>
  %small = heddle.contraction %big, %rows batch [] x [] contract [1] x [1] : (tensor<64x64xf32>, tensor<16x64xf32>) -> tensor<64x16xf32>
  %z = heddle.fusion(%a = %x) : (tensor<64x64xf32>) -> tensor<64x64xf32> attributes {domain = array<i64: 64, 64>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.tanh %a : tensor<64x64xf32>
    heddle.yield %0 : tensor<64x64xf32>
  }
  %columns = heddle.slice %z [0, 0] to [64, 16] by [1, 1] : tensor<64x64xf32>
  %y = heddle.fusion(%a = %small, %b = %columns) : (tensor<64x16xf32>, tensor<64x16xf32>) -> tensor<64x16xf32> attributes {domain = array<i64: 64, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.mul %a, %b : tensor<64x16xf32>
    heddle.yield %0 : tensor<64x16xf32>
  }
  return %y : tensor<64x16xf32>
}

// -----

// Not past the new value of %p, which it reads.
// CHECK-LABEL: func.func @overwritten
// CHECK: heddle.tanh
// CHECK: heddle.contraction %arg1, %arg1
// CHECK-NEXT: heddle.fusion
// CHECK-NEXT: heddle.sub
// CHECK: heddle.exp
// CHECK: heddle.mul
func.func @overwritten(%x: tensor<64x4xf32>, %p: tensor<64x4xf32> {heddle.name = "p", heddle.kind = "parameter"})
    -> (tensor<64x64xf32>, tensor<64x4xf32> {heddle.updates = "p"}) {
  %big = heddle.contraction %p, %p batch [] x [] contract [1] x [1] : (tensor<64x4xf32>, tensor<64x4xf32>) -> tensor<64x64xf32>
  %t = heddle.fusion(%a = %x) : (tensor<64x4xf32>) -> tensor<64x4xf32> attributes {domain = array<i64: 64, 4>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.tanh %a : tensor<64x4xf32>
    heddle.yield %0 : tensor<64x4xf32>
  }
  %u = heddle.fusion(%a = %p, %b = %t) : (tensor<64x4xf32>, tensor<64x4xf32>) -> tensor<64x4xf32> attributes {domain = array<i64: 64, 4>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.sub %a, %b : tensor<64x4xf32>
    heddle.yield %0 : tensor<64x4xf32>
  }
  %e = heddle.fusion(%a = %x) : (tensor<64x4xf32>) -> tensor<64x4xf32> attributes {domain = array<i64: 64, 4>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.exp %a : tensor<64x4xf32>
    heddle.yield %0 : tensor<64x4xf32>
  }
  %column = heddle.slice %e [0, 0] to [64, 1] by [1, 1] : tensor<64x4xf32>
  %vector = heddle.reshape %column : tensor<64x1xf32> to tensor<64xf32>
  %y = heddle.fusion(%a = %big, %b = %vector) : (tensor<64x64xf32>, tensor<64xf32>) -> tensor<64x64xf32> attributes {domain = array<i64: 64, 64>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.broadcast %b [0] : tensor<64xf32> to tensor<64x64xf32>
    %1 = heddle.mul %a, %0 : tensor<64x64xf32>
    heddle.yield %1 : tensor<64x64xf32>
  }
  return %y, %u : tensor<64x64xf32>, tensor<64x4xf32>
}

// -----

// The new value of %w is computed with the gradient that it reads: %dx comes before both, not between them.
// CHECK-LABEL: func.func @together
// CHECK: heddle.exp
// CHECK: heddle.contraction %arg1, %arg2
// CHECK-NEXT: heddle.contraction
// CHECK-NEXT: heddle.fusion
// CHECK-NEXT: heddle.sub
func.func @together(%x: tensor<16x64xf32>, %dy: tensor<16x64xf32>,
                    %w: tensor<64x64xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<16x64xf32>, tensor<64x64xf32> {heddle.updates = "w"}) {
  %dx = heddle.contraction %dy, %w batch [] x [] contract [1] x [1] : (tensor<16x64xf32>, tensor<64x64xf32>) -> tensor<16x64xf32>
  %e = heddle.fusion(%a = %x) : (tensor<16x64xf32>) -> tensor<16x64xf32> attributes {domain = array<i64: 16, 64>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.exp %a : tensor<16x64xf32>
    heddle.yield %0 : tensor<16x64xf32>
  }
  %dw = heddle.contraction %e, %dy batch [] x [] contract [0] x [0] : (tensor<16x64xf32>, tensor<16x64xf32>) -> tensor<64x64xf32>
  %u = heddle.fusion(%a = %w, %b = %dw) : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32> attributes {domain = array<i64: 64, 64>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.sub %a, %b : tensor<64x64xf32>
    heddle.yield %0 : tensor<64x64xf32>
  }
  %y = heddle.fusion(%a = %dx, %b = %x) : (tensor<16x64xf32>, tensor<16x64xf32>) -> tensor<16x64xf32> attributes {domain = array<i64: 16, 64>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.mul %a, %b : tensor<16x64xf32>
    heddle.yield %0 : tensor<16x64xf32>
  }
  return %y, %u : tensor<16x64xf32>, tensor<64x64xf32>
}

// -----

// The gradient takes less than %dx, which would have to be there while it is computed from %e: not together.
// CHECK-LABEL: func.func @apart
// CHECK: heddle.exp
// CHECK: %[[DW:.*]] = heddle.contraction %{{[0-9]+}}, %arg1
// CHECK-NEXT: heddle.contraction %arg1, %arg2
// CHECK-NEXT: heddle.fusion({{.*}} = %[[DW]])
func.func @apart(%x: tensor<64x64xf32>, %dy: tensor<64x8xf32>,
                 %w: tensor<64x8xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<64x64xf32>, tensor<64x8xf32> {heddle.updates = "w"}) {
  %dx = heddle.contraction %dy, %w batch [] x [] contract [1] x [1] : (tensor<64x8xf32>, tensor<64x8xf32>) -> tensor<64x64xf32>
  %e = heddle.fusion(%a = %x) : (tensor<64x64xf32>) -> tensor<64x64xf32> attributes {domain = array<i64: 64, 64>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.exp %a : tensor<64x64xf32>
    heddle.yield %0 : tensor<64x64xf32>
  }
  %dw = heddle.contraction %e, %dy batch [] x [] contract [0] x [0] : (tensor<64x64xf32>, tensor<64x8xf32>) -> tensor<64x8xf32>
  %u = heddle.fusion(%a = %w, %b = %dw) : (tensor<64x8xf32>, tensor<64x8xf32>) -> tensor<64x8xf32> attributes {domain = array<i64: 64, 8>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.sub %a, %b : tensor<64x8xf32>
    heddle.yield %0 : tensor<64x8xf32>
  }
  %y = heddle.fusion(%a = %dx, %b = %x) : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32> attributes {domain = array<i64: 64, 64>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.mul %a, %b : tensor<64x64xf32>
    heddle.yield %0 : tensor<64x64xf32>
  }
  return %y, %u : tensor<64x64xf32>, tensor<64x8xf32>
}
