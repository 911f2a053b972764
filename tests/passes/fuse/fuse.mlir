// RUN: heddle-opt --heddle-fuse --split-input-file %s | FileCheck %s
// RUN: heddle-opt --validate --pass-pipeline="builtin.module(func.func(heddle-fuse))" --split-input-file %s -o /dev/null

// A softmax is one pass over the rows.
// CHECK-LABEL: func.func @rows
// CHECK-NEXT: heddle.fusion(%{{.*}} = %arg0) {{.*}} attributes {domain = array<i64: 4, 8>, kind = "rows", row_rank = 1 : i64}
// CHECK-COUNT-1: heddle.reduce_max
// CHECK-COUNT-1: heddle.reduce_sum
// CHECK: heddle.yield
// CHECK-NOT: heddle.fusion
func.func @rows(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = heddle.reduce_max %x [1] : tensor<4x8xf32>
  %1 = heddle.broadcast %0 [0] : tensor<4xf32> to tensor<4x8xf32>
  %2 = heddle.sub %x, %1 : tensor<4x8xf32>
  %3 = heddle.exp %2 : tensor<4x8xf32>
  %4 = heddle.reduce_sum %3 [1] : tensor<4x8xf32>
  %5 = heddle.broadcast %4 [0] : tensor<4xf32> to tensor<4x8xf32>
  %6 = heddle.div %3, %5 : tensor<4x8xf32>
  return %6 : tensor<4x8xf32>
}

// -----

// What is summed down the columns is computed on the way.
// CHECK-LABEL: func.func @columns
// CHECK: %[[F:.*]] = heddle.fusion({{.*}} attributes {domain = array<i64: 4, 8>, kind = "columns", row_rank = 1 : i64}
// CHECK-NEXT: heddle.mul
// CHECK-NEXT: heddle.reduce_sum %{{.*}} [0]
// CHECK-NEXT: heddle.yield %{{.*}} : tensor<8xf32>
// CHECK-NEXT: }
// CHECK-NEXT: return %[[F]]
func.func @columns(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>) -> tensor<8xf32> {
  %0 = heddle.mul %x, %y : tensor<4x8xf32>
  %1 = heddle.reduce_sum %0 [0] : tensor<4x8xf32>
  return %1 : tensor<8xf32>
}

// -----

// An op that moves data has no loop to share.
// CHECK-LABEL: func.func @single
// CHECK: heddle.fusion({{.*}} attributes {kind = "single"} {
// CHECK-NEXT: heddle.concat
// CHECK-NEXT: heddle.yield
// CHECK: heddle.fusion({{.*}} kind = "rows"
// CHECK-NEXT: heddle.tanh
// CHECK-NEXT: heddle.yield
func.func @single(%x: tensor<4xf32>, %y: tensor<2xf32>) -> tensor<6xf32> {
  %0 = heddle.concat %x, %y {dimension = 0 : i64} : tensor<4xf32>, tensor<2xf32>
  %1 = heddle.tanh %0 : tensor<6xf32>
  return %1 : tensor<6xf32>
}

// -----

// exp and add are of one shape, but the contraction between them needs the one and is needed by the other.
// CHECK-LABEL: func.func @cycle
// CHECK: heddle.fusion
// CHECK-NEXT: heddle.exp
// CHECK-NEXT: heddle.yield
// CHECK: heddle.contraction
// CHECK: heddle.fusion
// CHECK-NEXT: heddle.add
// CHECK-NEXT: heddle.yield
func.func @cycle(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = heddle.exp %x : tensor<8x8xf32>
  %1 = heddle.contraction %0, %0 batch [] x [] contract [1] x [0] : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %2 = heddle.add %0, %1 : tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}

// -----

// A product costs less to compute again than to write and read.
// CHECK-LABEL: func.func @recomputed
// CHECK: heddle.fusion({{.*}} -> tensor<8xf32> {{.*}} kind = "columns"
// CHECK-NEXT: heddle.mul
// CHECK: heddle.fusion({{.*}} -> tensor<4xf32> {{.*}} kind = "rows"
// CHECK-NEXT: heddle.mul
func.func @recomputed(%x: tensor<4x8xf32>) -> (tensor<8xf32>, tensor<4xf32>) {
  %0 = heddle.mul %x, %x : tensor<4x8xf32>
  %1 = heddle.reduce_sum %0 [0] : tensor<4x8xf32>
  %2 = heddle.reduce_sum %0 [1] : tensor<4x8xf32>
  return %1, %2 : tensor<8xf32>, tensor<4xf32>
}

// -----

// What takes long, or much memory to read, is written once.
// CHECK-LABEL: func.func @written
// CHECK-COUNT-1: heddle.add
// CHECK-NOT: heddle.add
func.func @written(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>, %c: tensor<4x8xf32>, %d: tensor<4x8xf32>,
                   %e: tensor<4x8xf32>) -> (tensor<8xf32>, tensor<4xf32>) {
  %0 = heddle.mul %a, %b : tensor<4x8xf32>
  %1 = heddle.mul %c, %d : tensor<4x8xf32>
  %2 = heddle.div %0, %e : tensor<4x8xf32>
  %3 = heddle.add %1, %2 : tensor<4x8xf32>
  %4 = heddle.reduce_sum %3 [0] : tensor<4x8xf32>
  %5 = heddle.reduce_max %3 [1] : tensor<4x8xf32>
  return %4, %5 : tensor<8xf32>, tensor<4xf32>
}

// -----

// A gather reads memory: what computes its indices is another kernel. Arithmetic counts an iota where it needs it.
// CHECK-LABEL: func.func @gather_of_iota
// CHECK: %[[I:.*]] = heddle.fusion() : () -> tensor<4xi32>
// CHECK-NEXT: heddle.iota
// CHECK-NEXT: heddle.yield
// CHECK: heddle.fusion(%[[T:.*]] = %arg0, %[[A:.*]] = %[[I]])
// CHECK-NEXT: heddle.gather %[[T]], %[[A]]
func.func @gather_of_iota(%t: tensor<10x8xf32>) -> tensor<4x8xf32> {
  %0 = heddle.iota {dimension = 0 : i64} : tensor<4xi32>
  %1 = heddle.gather %t, %0 : tensor<10x8xf32>, tensor<4xi32>
  return %1 : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @gather_of_broadcast
// CHECK: %[[I:.*]] = heddle.fusion(%{{.*}} = %arg1) : (tensor<i32>) -> tensor<4xi32>
// CHECK-NEXT: heddle.broadcast
// CHECK: heddle.fusion({{.*}} = %[[I]])
// CHECK-NEXT: heddle.gather
func.func @gather_of_broadcast(%t: tensor<10x8xf32>, %i: tensor<i32>) -> tensor<4x8xf32> {
  %0 = heddle.broadcast %i [] : tensor<i32> to tensor<4xi32>
  %1 = heddle.gather %t, %0 : tensor<10x8xf32>, tensor<4xi32>
  return %1 : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @iota_both_ways
// CHECK: heddle.fusion(
// CHECK: heddle.yield %{{.*}} : tensor<4xi32>
// CHECK: heddle.fusion({{.*}} -> tensor<4xi32>
// CHECK-DAG: heddle.gather %{{.*}}, %arg{{[0-9]+}} :
// CHECK-DAG: heddle.iota
// CHECK: heddle.add
func.func @iota_both_ways(%t: tensor<10xi32>) -> tensor<4xi32> {
  %0 = heddle.iota {dimension = 0 : i64} : tensor<4xi32>
  %1 = heddle.gather %t, %0 : tensor<10xi32>, tensor<4xi32>
  %2 = heddle.add %1, %0 : tensor<4xi32>
  return %2 : tensor<4xi32>
}

// -----

// Views, contractions and constants are no kernels.
// CHECK-LABEL: func.func @untouched
// CHECK-NEXT: heddle.reshape
// CHECK-NEXT: heddle.transpose
// CHECK-NEXT: heddle.slice
// CHECK-NEXT: heddle.constant
// CHECK-NEXT: heddle.contraction
// CHECK-NEXT: return
func.func @untouched(%x: tensor<32xf32>) -> tensor<2x3xf32> {
  %w = heddle.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %0 = heddle.reshape %x : tensor<32xf32> to tensor<8x4xf32>
  %1 = heddle.transpose %0 [1, 0] : tensor<8x4xf32>
  %2 = heddle.slice %1 [0, 0] to [2, 2] by [1, 1] : tensor<4x8xf32>
  %3 = heddle.contraction %2, %w batch [] x [] contract [1] x [0] : (tensor<2x2xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %3 : tensor<2x3xf32>
}
// CHECK: func.func private @declared
func.func private @declared(tensor<4xf32>) -> tensor<4xf32>

// Of a batch of one too, a norm is one kernel.
// CHECK-LABEL: func.func @norm_of_one
// CHECK-COUNT-1: heddle.fusion
// CHECK-NOT: heddle.fusion
// CHECK: return
func.func @norm_of_one(%x: tensor<1x4x8xf32>) -> tensor<1x4x8xf32> {
  %c = heddle.constant dense<0.125> : tensor<1x4xf32>
  %0 = heddle.reduce_sum %x [2] : tensor<1x4x8xf32>
  %1 = heddle.mul %0, %c : tensor<1x4xf32>
  %2 = heddle.broadcast %1 [0, 1] : tensor<1x4xf32> to tensor<1x4x8xf32>
  %3 = heddle.sub %x, %2 : tensor<1x4x8xf32>
  %4 = heddle.mul %3, %3 : tensor<1x4x8xf32>
  %5 = heddle.reduce_sum %4 [2] : tensor<1x4x8xf32>
  %6 = heddle.rsqrt %5 : tensor<1x4xf32>
  %7 = heddle.broadcast %6 [0, 1] : tensor<1x4xf32> to tensor<1x4x8xf32>
  %8 = heddle.mul %3, %7 : tensor<1x4x8xf32>
  return %8 : tensor<1x4x8xf32>
}
