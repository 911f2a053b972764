// RUN: heddle-opt --heddle-cpu-plan --mlir-print-local-scope %s | FileCheck %s
// RUN: heddle-opt --heddle-cpu-plan=pack-parameters=false %s | FileCheck %s --check-prefix=OFF
// RUN: heddle-opt --heddle-cpu-plan=contractions=library %s | FileCheck %s --check-prefix=OFF
// RUN: heddle-opt '--heddle-cpu-plan=vector-bits=128' %s | FileCheck %s --check-prefix=NARROW
// OFF-NOT: heddle.panels
// NARROW: heddle.panels = array<i64: 0, 8>

// A parameter that a product reads, its moment and its gradient lie in panels of 16, along the dimension that is not
// contracted forward; so in every function. The backward product reads them too.
// CHECK-LABEL: func.func @fn.train
// CHECK-SAME: heddle.name = "w", heddle.panels = array<i64: 0, 16>, heddle.updated}
// CHECK-SAME: heddle.name = "m", heddle.panels = array<i64: 0, 16>, heddle.updated}
// CHECK-NOT: heddle.packed
func.func @train(%x: tensor<12x20xf32> {heddle.name = "x", heddle.kind = "input"},
                 %dy: tensor<12x32xf32> {heddle.name = "dy", heddle.kind = "input"},
                 %w: tensor<32x20xf32> {heddle.name = "w", heddle.kind = "parameter"},
                 %m: tensor<32x20xf32> {heddle.name = "m", heddle.kind = "optimizer"})
    -> (tensor<12x32xf32>, tensor<12x20xf32>, tensor<f32>, tensor<32x20xf32> {heddle.updates = "w"},
        tensor<32x20xf32> {heddle.updates = "m"}) {
  %y = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<32x20xf32>) -> tensor<12x32xf32>
  %dx = heddle.contraction %dy, %w batch [] x [] contract [1] x [0] : (tensor<12x32xf32>, tensor<32x20xf32>) -> tensor<12x20xf32>
  %dw = heddle.contraction %dy, %x batch [] x [] contract [0] x [0] : (tensor<12x32xf32>, tensor<12x20xf32>) -> tensor<32x20xf32>
  // The sum of all squares is the same in any order.
  %norm = heddle.fusion(%g = %dw) : (tensor<32x20xf32>) -> tensor<f32>
      attributes {domain = array<i64: 32, 20>, kind = "rows", row_rank = 0 : i64} {
    %square = heddle.mul %g, %g : tensor<32x20xf32>
    %sum = heddle.reduce_sum %square [0, 1] : tensor<32x20xf32>
    heddle.yield %sum : tensor<f32>
  }
  %new:2 = heddle.fusion(%v = %w, %g = %dw, %old = %m, %n = %norm)
      : (tensor<32x20xf32>, tensor<32x20xf32>, tensor<32x20xf32>, tensor<f32>) -> (tensor<32x20xf32>, tensor<32x20xf32>)
      attributes {domain = array<i64: 32, 20>, kind = "rows", row_rank = 1 : i64} {
    %scale = heddle.broadcast %n [] : tensor<f32> to tensor<32x20xf32>
    %scaled = heddle.mul %g, %scale : tensor<32x20xf32>
    %moment = heddle.add %old, %scaled : tensor<32x20xf32>
    %value = heddle.sub %v, %moment : tensor<32x20xf32>
    heddle.yield %value, %moment : tensor<32x20xf32>, tensor<32x20xf32>
  }
  return %y, %dx, %norm, %new#0, %new#1 : tensor<12x32xf32>, tensor<12x20xf32>, tensor<f32>, tensor<32x20xf32>, tensor<32x20xf32>
}

// CHECK-LABEL: func.func @fn.vector
// CHECK-SAME: heddle.name = "w", heddle.panels = array<i64: 0, 16>}
func.func @vector(%x: tensor<1x20xf32> {heddle.name = "x", heddle.kind = "input"},
                  %w: tensor<32x20xf32> {heddle.name = "w", heddle.kind = "parameter"}) -> tensor<1x32xf32> {
  %y = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<1x20xf32>, tensor<32x20xf32>) -> tensor<1x32xf32>
  return %y : tensor<1x32xf32>
}

// Seen through a transposition, along the second dimension.
// CHECK-LABEL: func.func @fn.transposed
// CHECK-SAME: heddle.name = "wt", heddle.panels = array<i64: 1, 16>}
func.func @transposed(%x: tensor<12x20xf32> {heddle.name = "x", heddle.kind = "input"},
                      %w: tensor<20x32xf32> {heddle.name = "wt", heddle.kind = "parameter"}) -> tensor<12x32xf32> {
  %t = heddle.transpose %w [1, 0] : tensor<20x32xf32>
  %y = heddle.contraction %x, %t batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<32x20xf32>) -> tensor<12x32xf32>
  return %y : tensor<12x32xf32>
}

// Left in rows: what is no state, what is no multiple of panels, what is only multiplied with vectors, what a product
// has as its first operand, what is returned, what is broadcast in an update, what is updated from an input, and what
// rows are sliced of.
// CHECK-LABEL: func.func @fn.in_rows
// CHECK-NOT: heddle.panels
// CHECK: return
func.func @in_rows(%x: tensor<12x20xf32> {heddle.name = "x", heddle.kind = "input"},
                   %line: tensor<1x20xf32> {heddle.name = "line", heddle.kind = "input"},
                   %given: tensor<32x20xf32> {heddle.name = "given", heddle.kind = "input"},
                   %odd: tensor<33x20xf32> {heddle.name = "odd", heddle.kind = "parameter"},
                   %seldom: tensor<32x20xf32> {heddle.name = "seldom", heddle.kind = "parameter"},
                   %first: tensor<32x20xf32> {heddle.name = "first", heddle.kind = "parameter"},
                   %returned: tensor<32x20xf32> {heddle.name = "returned", heddle.kind = "parameter"},
                   %scaled: tensor<32x20xf32> {heddle.name = "scaled", heddle.kind = "parameter"},
                   %scale: tensor<20xf32> {heddle.name = "scale", heddle.kind = "parameter"},
                   %set: tensor<32x20xf32> {heddle.name = "set", heddle.kind = "parameter"},
                   %cut: tensor<32x20xf32> {heddle.name = "cut", heddle.kind = "parameter"})
    -> (tensor<12x32xf32>, tensor<12x33xf32>, tensor<1x32xf32>, tensor<32x12xf32>, tensor<12x32xf32>, tensor<12x32xf32>,
        tensor<12x32xf32>, tensor<12x32xf32>, tensor<12x32xf32>, tensor<32x20xf32>, tensor<2x20xf32>,
        tensor<32x20xf32> {heddle.updates = "scaled"}, tensor<32x20xf32> {heddle.updates = "set"}) {
  %0 = heddle.contraction %x, %given batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<32x20xf32>) -> tensor<12x32xf32>
  %1 = heddle.contraction %x, %odd batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<33x20xf32>) -> tensor<12x33xf32>
  %2 = heddle.contraction %line, %seldom batch [] x [] contract [1] x [1] : (tensor<1x20xf32>, tensor<32x20xf32>) -> tensor<1x32xf32>
  %3 = heddle.contraction %first, %x batch [] x [] contract [1] x [1] : (tensor<32x20xf32>, tensor<12x20xf32>) -> tensor<32x12xf32>
  %4 = heddle.contraction %x, %first batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<32x20xf32>) -> tensor<12x32xf32>
  %5 = heddle.contraction %x, %returned batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<32x20xf32>) -> tensor<12x32xf32>
  %6 = heddle.contraction %x, %scaled batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<32x20xf32>) -> tensor<12x32xf32>
  %7 = heddle.contraction %x, %set batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<32x20xf32>) -> tensor<12x32xf32>
  %8 = heddle.contraction %x, %cut batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<32x20xf32>) -> tensor<12x32xf32>
  %9 = heddle.slice %cut [3, 0] to [5, 20] by [1, 1] : tensor<32x20xf32>
  %10 = heddle.fusion(%a = %scaled, %b = %scale) : (tensor<32x20xf32>, tensor<20xf32>) -> tensor<32x20xf32>
      attributes {domain = array<i64: 32, 20>, kind = "rows", row_rank = 1 : i64} {
    %c = heddle.broadcast %b [1] : tensor<20xf32> to tensor<32x20xf32>
    %d = heddle.mul %a, %c : tensor<32x20xf32>
    heddle.yield %d : tensor<32x20xf32>
  }
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %returned, %9, %10, %given
      : tensor<12x32xf32>, tensor<12x33xf32>, tensor<1x32xf32>, tensor<32x12xf32>, tensor<12x32xf32>, tensor<12x32xf32>, tensor<12x32xf32>, tensor<12x32xf32>, tensor<12x32xf32>, tensor<32x20xf32>, tensor<2x20xf32>, tensor<32x20xf32>, tensor<32x20xf32>
}

// A step that is not the same in any order keeps the parameter of another function in rows.
// CHECK-LABEL: func.func @fn.predict
// CHECK-SAME: heddle.name = "scaled"}
func.func @predict(%x: tensor<12x20xf32> {heddle.name = "x", heddle.kind = "input"},
                   %w: tensor<32x20xf32> {heddle.name = "scaled", heddle.kind = "parameter"}) -> tensor<12x32xf32> {
  %y = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<32x20xf32>) -> tensor<12x32xf32>
  return %y : tensor<12x32xf32>
}
