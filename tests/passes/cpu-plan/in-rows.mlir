// Why parameters that products read do not lie in panels.
// RUN: heddle-opt --heddle-cpu-plan --remarks-filter-missed=heddle-cpu-plan --verify-diagnostics --split-input-file %s

func.func @odd(%x: tensor<12x20xf32> {heddle.name = "x", heddle.kind = "input"},
               %w: tensor<33x20xf32> {heddle.name = "w", heddle.kind = "parameter"}) -> tensor<12x33xf32> {
  // expected-remark @below {{Reason="33 rows are no multiple of 16", Remark="'w' does not lie in the order in which matrix product reads it"}}
  %0 = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<33x20xf32>) -> tensor<12x33xf32>
  return %0 : tensor<12x33xf32>
}

// -----

// A lookup in one function, a product in another: said once.
func.func @lookup(%i: tensor<3xi32> {heddle.name = "i", heddle.kind = "input"},
                  %w: tensor<32x20xf32> {heddle.name = "table", heddle.kind = "parameter"}) -> tensor<3x20xf32> {
  %0 = heddle.fusion(%a = %w, %b = %i) : (tensor<32x20xf32>, tensor<3xi32>) -> tensor<3x20xf32>
      attributes {domain = array<i64: 3, 20>, kind = "rows", row_rank = 1 : i64} {
    %1 = heddle.gather %a, %b : tensor<32x20xf32>, tensor<3xi32>
    heddle.yield %1 : tensor<3x20xf32>
  }
  return %0 : tensor<3x20xf32>
}
func.func @logits(%x: tensor<12x20xf32> {heddle.name = "x", heddle.kind = "input"},
                  %w: tensor<32x20xf32> {heddle.name = "table", heddle.kind = "parameter"}) -> tensor<12x32xf32> {
  // expected-remark @below {{Reason="what gather computes depends on where its elements are", Remark="'table' does not lie in the order in which matrix product reads it"}}
  %0 = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<32x20xf32>) -> tensor<12x32xf32>
  return %0 : tensor<12x32xf32>
}
func.func @logits_again(%x: tensor<12x20xf32> {heddle.name = "x", heddle.kind = "input"},
                        %w: tensor<32x20xf32> {heddle.name = "table", heddle.kind = "parameter"}) -> tensor<12x32xf32> {
  %0 = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<32x20xf32>) -> tensor<12x32xf32>
  return %0 : tensor<12x32xf32>
}

// -----

// The other dimension will do; nothing is said.
func.func @other(%x: tensor<12x20xf32> {heddle.name = "x", heddle.kind = "input"},
                 %w: tensor<48x20xf32> {heddle.name = "w", heddle.kind = "parameter"},
                 %y: tensor<12x48xf32> {heddle.name = "y", heddle.kind = "input"}) -> (tensor<12x20xf32>, tensor<12x48xf32>) {
  %0 = heddle.contraction %y, %w batch [] x [] contract [1] x [0] : (tensor<12x48xf32>, tensor<48x20xf32>) -> tensor<12x20xf32>
  %1 = heddle.contraction %x, %w batch [] x [] contract [1] x [1] : (tensor<12x20xf32>, tensor<48x20xf32>) -> tensor<12x48xf32>
  return %0, %1 : tensor<12x20xf32>, tensor<12x48xf32>
}
