// RUN: heddle-opt --heddle-cpu-plan --split-input-file %s | FileCheck %s

// What a launch moves at least: of a table the rows looked up, 4 of 64 bytes, then the 4 indices and the result. It
// computes nothing. Not the 64 kB of the table.
// CHECK-LABEL: func.func @fn.lookup
// CHECK-SAME: heddle.launches = [{bytes = 528 : i64, kernel = "kernel_0", ops = 0 : i64
func.func @lookup(%table: tensor<1000x16xf32> {heddle.name = "table", heddle.kind = "input"},
                  %rows: tensor<4xi32> {heddle.name = "rows", heddle.kind = "input"}) -> tensor<4x16xf32> {
  %0 = heddle.fusion(%a = %table, %b = %rows) : (tensor<1000x16xf32>, tensor<4xi32>) -> tensor<4x16xf32>
      attributes {domain = array<i64: 4, 16>, kind = "rows", row_rank = 1 : i64} {
    %1 = heddle.gather %a, %b : tensor<1000x16xf32>, tensor<4xi32>
    heddle.yield %1 : tensor<4x16xf32>
  }
  return %0 : tensor<4x16xf32>
}

// -----

// Of a small table no more than there is: 128 bytes, 16 of indices, 256 of %x, 256 and 16 of results. A reduction takes
// each element once, as an addition does: 64 each.
// CHECK-LABEL: func.func @fn.small
// CHECK-SAME: heddle.launches = [{bytes = 672 : i64, kernel = "kernel_0", ops = 128 : i64
func.func @small(%table: tensor<2x16xf32> {heddle.name = "table", heddle.kind = "input"},
                 %rows: tensor<4xi32> {heddle.name = "rows", heddle.kind = "input"},
                 %x: tensor<4x16xf32> {heddle.name = "x", heddle.kind = "input"}) -> (tensor<4x16xf32>, tensor<4xf32>) {
  %0:2 = heddle.fusion(%a = %table, %b = %rows, %c = %x) : (tensor<2x16xf32>, tensor<4xi32>, tensor<4x16xf32>) -> (tensor<4x16xf32>, tensor<4xf32>)
      attributes {domain = array<i64: 4, 16>, kind = "rows", row_rank = 1 : i64} {
    %1 = heddle.gather %a, %b : tensor<2x16xf32>, tensor<4xi32>
    %2 = heddle.add %1, %c : tensor<4x16xf32>
    %3 = heddle.reduce_sum %2 [1] : tensor<4x16xf32>
    heddle.yield %2, %3 : tensor<4x16xf32>, tensor<4xf32>
  }
  return %0#0, %0#1 : tensor<4x16xf32>, tensor<4xf32>
}
