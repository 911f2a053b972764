// RUN: heddle-opt --heddle-cpu-plan %s | FileCheck %s
// RUN: heddle-opt --heddle-cpu-plan=pack-parameters=false %s | FileCheck %s --check-prefix=OFF
// RUN: heddle-opt --heddle-cpu-plan=contractions=library %s | FileCheck %s --check-prefix=OFF
// OFF-NOT: heddle.packed
// OFF-NOT: @pack.

// A product with a parameter reads it from a packed copy, an argument after the state; 24 columns are
// two panels of 16, and 20 rows are padded to 24.
// CHECK-LABEL: func.func @fn.few_rows
// CHECK-SAME: memref<24x20xf32> {heddle.kind = "parameter", heddle.name = "w"}, %{{.*}}: memref<768xf32> {heddle.packed = 0 : i64}, %{{.*}}: memref<0xi8>)
// CHECK: %[[KERNEL:.*]] = llvm.mlir.addressof @[[FEW:matmul_[0-9]+]]
func.func @few_rows(%x: tensor<12x20xf32> {heddle.name = "x", heddle.kind = "input"},
                    %w: tensor<24x20xf32> {heddle.name = "w", heddle.kind = "parameter"}) -> tensor<12x24xf32> {
  %0 = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<24x20xf32>) -> tensor<12x24xf32>
  return %0 : tensor<12x24xf32>
}

// Another function shares the copy. Read in another order, the parameter has another one.
// CHECK-LABEL: func.func @fn.same_and_transposed
// CHECK-SAME: {heddle.packed = 0 : i64}
// CHECK-SAME: {heddle.packed = 1 : i64}
func.func @same_and_transposed(%x: tensor<7x20xf32> {heddle.name = "x", heddle.kind = "input"},
                               %w: tensor<24x20xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<7x24xf32>, tensor<7x20xf32>) {
  %0 = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<7x20xf32>, tensor<24x20xf32>) -> tensor<7x24xf32>
  %1 = heddle.contraction %0, %w batch [] x [] contract [1] x [0] : (tensor<7x24xf32>, tensor<24x20xf32>) -> tensor<7x20xf32>
  return %0, %1 : tensor<7x24xf32>, tensor<7x20xf32>
}

// Left as they lie: what is no parameter, what the function changes, what a vector is multiplied with, what many rows
// share the packing of, and what the product would have as its first operand.
// CHECK-LABEL: func.func @fn.not_packed
// CHECK-SAME: {heddle.kind = "parameter", heddle.name = "changed", heddle.updated}
// CHECK-NOT: heddle.packed
// CHECK: return
func.func @not_packed(%x: tensor<7x20xf32> {heddle.name = "x", heddle.kind = "input"},
                      %given: tensor<24x20xf32> {heddle.name = "given", heddle.kind = "input"},
                      %line: tensor<1x20xf32> {heddle.name = "line", heddle.kind = "input"},
                      %many: tensor<1025x20xf32> {heddle.name = "many", heddle.kind = "input"},
                      %changed: tensor<24x20xf32> {heddle.name = "changed", heddle.kind = "parameter"},
                      %w: tensor<24x20xf32> {heddle.name = "w", heddle.kind = "parameter"})
    -> (tensor<7x24xf32>, tensor<1x24xf32>, tensor<1025x24xf32>, tensor<24x7xf32>, tensor<7x24xf32>,
        tensor<24x20xf32> {heddle.updates = "changed"}) {
  %0 = heddle.contraction %x, %given batch [] x [] contract [1] x [1] : (tensor<7x20xf32>, tensor<24x20xf32>) -> tensor<7x24xf32>
  %1 = heddle.contraction %line, %w batch [] x [] contract [1] x [1] : (tensor<1x20xf32>, tensor<24x20xf32>) -> tensor<1x24xf32>
  %2 = heddle.contraction %many, %w batch [] x [] contract [1] x [1] : (tensor<1025x20xf32>, tensor<24x20xf32>) -> tensor<1025x24xf32>
  %3 = heddle.contraction %w, %x batch [] x [] contract [1] x [1] : (tensor<24x20xf32>, tensor<7x20xf32>) -> tensor<24x7xf32>
  %4 = heddle.contraction %x, %changed batch [] x [] contract [1] x [1] : (tensor<7x20xf32>, tensor<24x20xf32>) -> tensor<7x24xf32>
  %5 = heddle.fusion(%a = %changed) : (tensor<24x20xf32>) -> tensor<24x20xf32>
      attributes {domain = array<i64: 24, 20>, kind = "rows", row_rank = 1 : i64} {
    %6 = heddle.neg %a : tensor<24x20xf32>
    heddle.yield %6 : tensor<24x20xf32>
  }
  return %0, %1, %2, %3, %4, %5 : tensor<7x24xf32>, tensor<1x24xf32>, tensor<1025x24xf32>, tensor<24x7xf32>, tensor<7x24xf32>, tensor<24x20xf32>
}

// While a tile is computed, its share of the next panel is fetched.
// CHECK: llvm.func internal @[[FEW]]
// CHECK: "llvm.intr.prefetch"{{.*}}hint = 2
// CHECK: math.fma
// CHECK: llvm.func internal @pack_
// CHECK: llvm.func @pack.0(%[[CALL:.*]]: !llvm.ptr, %[[FROM:.*]]: !llvm.ptr, %{{.*}}: !llvm.ptr) attributes {heddle.bytes = 3072 : i64, heddle.packer = "w"}
// CHECK: addressof @pack_
// CHECK: call @hd_parallel_for(%[[CALL]]
// CHECK: llvm.func @pack.1
// CHECK-NOT: @pack.2
