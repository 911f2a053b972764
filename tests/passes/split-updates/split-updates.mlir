// RUN: heddle-opt --heddle-split-updates="max-bytes=1024" --heddle-verify-phase="phase=fuse" --split-input-file %s | FileCheck %s
// RUN: heddle-opt --validate --pass-pipeline="builtin.module(func.func(heddle-split-updates{max-bytes=1024}))" --split-input-file %s -o /dev/null
// RUN: heddle-opt --heddle-split-updates="max-bytes=2304" --split-input-file %s | FileCheck %s --check-prefix=WHOLE
// RUN: heddle-opt --heddle-split-updates="max-bytes=1024" --heddle-cpu-plan --split-input-file %s | FileCheck %s --check-prefix=PLAN
// RUN: heddle-opt --heddle-split-updates="max-bytes=1024" --remarks-filter=heddle-split-updates --split-input-file %s -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=REMARK
// REMARK: [Passed] Split | Category:heddle-split-updates | Function=train | Remark="a gradient (2304 bytes) is computed and used in 3 parts"

// 36 rows of 64 bytes in three parts of 12; what is there of the rows that are added goes to each, or zeros. All
// parts are written in their place: beside products, masks, additions and updates there is no launch.
// CHECK-LABEL: func.func @train
// CHECK: %[[Y:[0-9]+]]:2 = heddle.fusion
// CHECK: %[[X0:.*]] = heddle.slice %[[Y]]#0 [0, 0] to [8, 12] by [1, 1]
// CHECK: %[[G0:.*]] = heddle.contraction %[[X0]], {{.*}} contract [0] x [0] : (tensor<8x12xf32>, tensor<8x16xf32>) -> tensor<12x16xf32>
// CHECK: %[[M0:[0-9]+]]:2 = heddle.fusion(%{{.*}} = %arg2, {{.*}}) : (tensor<4xi32>, tensor<4x16xf32>) -> (tensor<4xi32>, tensor<4x16xf32>)
// CHECK: %[[S0:.*]] = heddle.fusion({{.*}} = %[[G0]], {{.*}} = %[[M0]]#0, {{.*}} = %[[M0]]#1) {{.*}}kind = "single"
// CHECK-NEXT: heddle.scatter_add {{.*}} : tensor<12x16xf32>
// CHECK: %[[P0:.*]] = heddle.slice %arg3 [0, 0] to [12, 16] by [1, 1]
// CHECK: %[[U0:.*]] = heddle.fusion({{.*}} = %[[P0]], {{.*}} = %[[S0]], {{.*}} = %arg4) {{.*}}domain = array<i64: 12, 16>
// CHECK-NEXT: heddle.constant dense<1.000000e-01> : tensor<12x16xf32>
// CHECK: heddle.slice %[[Y]]#0 [0, 12] to [8, 24] by [1, 1]
// CHECK: heddle.slice %[[Y]]#0 [0, 24] to [8, 36] by [1, 1]
// CHECK: %[[U2:.*]] = heddle.fusion({{.*}}) {{.*}}domain = array<i64: 12, 16>
// CHECK: %[[U:.*]] = heddle.fusion({{.*}} = %[[U0]], {{.*}}, {{.*}} = %[[U2]]) {{.*}}kind = "single"
// CHECK-NEXT: heddle.concat {{.*}} {dimension = 0 : i64}
// CHECK: return %[[U]]
// WHOLE-LABEL: func.func @train
// WHOLE: heddle.contraction
// WHOLE-NOT: heddle.contraction
// WHOLE: return
// PLAN-LABEL: func.func @fn.train
// PLAN-COUNT-14: call @hd_parallel_for
// PLAN-NOT: call @hd_parallel_for
// PLAN: return
func.func @train(%x: tensor<8x36xf32> {heddle.name = "x", heddle.kind = "input"}, %h: tensor<8x16xf32> {heddle.name = "h", heddle.kind = "input"},
                 %i: tensor<4xi32> {heddle.name = "i", heddle.kind = "input"}, %p: tensor<36x16xf32> {heddle.name = "p", heddle.kind = "parameter"},
                 %c: tensor<16xf32> {heddle.name = "c", heddle.kind = "input"})
    -> (tensor<36x16xf32> {heddle.updates = "p"}) {
  %y:2 = heddle.fusion(%a = %x) : (tensor<8x36xf32>) -> (tensor<8x36xf32>, tensor<8xf32>) attributes {domain = array<i64: 8, 36>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.exp %a : tensor<8x36xf32>
    %1 = heddle.reduce_sum %0 [1] : tensor<8x36xf32>
    heddle.yield %0, %1 : tensor<8x36xf32>, tensor<8xf32>
  }
  %z = heddle.fusion(%a = %h, %b = %y#1) : (tensor<8x16xf32>, tensor<8xf32>) -> tensor<8x16xf32> attributes {domain = array<i64: 8, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.broadcast %b [0] : tensor<8xf32> to tensor<8x16xf32>
    %1 = heddle.mul %a, %0 : tensor<8x16xf32>
    heddle.yield %1 : tensor<8x16xf32>
  }
  %g = heddle.contraction %y#0, %z batch [] x [] contract [0] x [0] : (tensor<8x36xf32>, tensor<8x16xf32>) -> tensor<36x16xf32>
  %four = heddle.slice %z [0, 0] to [4, 16] by [1, 1] : tensor<8x16xf32>
  %s = heddle.fusion(%a = %g, %b = %i, %d = %four) : (tensor<36x16xf32>, tensor<4xi32>, tensor<4x16xf32>) -> tensor<36x16xf32> attributes {kind = "single"} {
    %0 = heddle.scatter_add %a, %b, %d : tensor<36x16xf32>, tensor<4xi32>, tensor<4x16xf32>
    heddle.yield %0 : tensor<36x16xf32>
  }
  %u = heddle.fusion(%a = %p, %b = %s, %d = %c) : (tensor<36x16xf32>, tensor<36x16xf32>, tensor<16xf32>) -> tensor<36x16xf32> attributes {domain = array<i64: 36, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.constant dense<0.1> : tensor<36x16xf32>
    %1 = heddle.mul %b, %0 : tensor<36x16xf32>
    %2 = heddle.broadcast %d [1] : tensor<16xf32> to tensor<36x16xf32>
    %3 = heddle.mul %1, %2 : tensor<36x16xf32>
    %4 = heddle.sub %a, %3 : tensor<36x16xf32>
    heddle.yield %4 : tensor<36x16xf32>
  }
  return %u : tensor<36x16xf32>
}

// -----

// What is computed depends on the place of the row.
// CHECK-LABEL: func.func @counted
// CHECK-COUNT-1: heddle.contraction
// CHECK-NOT: heddle.contraction
// CHECK: return
func.func @counted(%x: tensor<8x36xf32>, %p: tensor<36x16xf32> {heddle.name = "p", heddle.kind = "parameter"})
    -> (tensor<36x16xf32> {heddle.updates = "p"}) {
  %y = heddle.fusion(%a = %x) : (tensor<8x36xf32>) -> tensor<8x36xf32> attributes {domain = array<i64: 8, 36>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.exp %a : tensor<8x36xf32>
    heddle.yield %0 : tensor<8x36xf32>
  }
  %z = heddle.slice %y [0, 0] to [8, 16] by [1, 1] : tensor<8x36xf32>
  %g = heddle.contraction %y, %z batch [] x [] contract [0] x [0] : (tensor<8x36xf32>, tensor<8x16xf32>) -> tensor<36x16xf32>
  %u = heddle.fusion(%a = %p, %b = %g) : (tensor<36x16xf32>, tensor<36x16xf32>) -> tensor<36x16xf32> attributes {domain = array<i64: 36, 16>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.iota {dimension = 0 : i64} : tensor<36x16xf32>
    %1 = heddle.mul %b, %0 : tensor<36x16xf32>
    %2 = heddle.sub %a, %1 : tensor<36x16xf32>
    heddle.yield %2 : tensor<36x16xf32>
  }
  return %u : tensor<36x16xf32>
}

// -----

// The gradient is returned too, and so has another reader.
// CHECK-LABEL: func.func @shared
// CHECK-COUNT-1: heddle.contraction
// CHECK-NOT: heddle.contraction
// CHECK: return
func.func @shared(%x: tensor<8x36xf32>, %p: tensor<36x36xf32> {heddle.name = "p", heddle.kind = "parameter"})
    -> (tensor<36x36xf32>, tensor<36x36xf32> {heddle.updates = "p"}) {
  %y = heddle.fusion(%a = %x) : (tensor<8x36xf32>) -> tensor<8x36xf32> attributes {domain = array<i64: 8, 36>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.exp %a : tensor<8x36xf32>
    heddle.yield %0 : tensor<8x36xf32>
  }
  %g = heddle.contraction %y, %y batch [] x [] contract [0] x [0] : (tensor<8x36xf32>, tensor<8x36xf32>) -> tensor<36x36xf32>
  %u = heddle.fusion(%a = %p, %b = %g) : (tensor<36x36xf32>, tensor<36x36xf32>) -> tensor<36x36xf32> attributes {domain = array<i64: 36, 36>, kind = "rows", row_rank = 1 : i64} {
    %0 = heddle.sub %a, %b : tensor<36x36xf32>
    heddle.yield %0 : tensor<36x36xf32>
  }
  return %g, %u : tensor<36x36xf32>, tensor<36x36xf32>
}
