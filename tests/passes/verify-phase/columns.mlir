// RUN: heddle-opt --heddle-verify-phase="phase=fuse" --verify-diagnostics --split-input-file %s

func.func @yields(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // expected-error @below {{of kind columns yields something else than a reduction}}
  %0 = heddle.fusion(%a = %x) : (tensor<4x8xf32>) -> tensor<4x8xf32> attributes {domain = array<i64: 4, 8>, kind = "columns", row_rank = 1 : i64} {
    %1 = heddle.tanh %a : tensor<4x8xf32>
    heddle.yield %1 : tensor<4x8xf32>
  }
  return %0 : tensor<4x8xf32>
}

// -----

func.func @trailing(%x: tensor<4x8xf32>) -> tensor<4xf32> {
  %0 = heddle.fusion(%a = %x) : (tensor<4x8xf32>) -> tensor<4xf32> attributes {domain = array<i64: 4, 8>, kind = "columns", row_rank = 1 : i64} {
    // expected-error @below {{does not reduce the leading 1 dimensions}}
    %1 = heddle.reduce_sum %a [1] : tensor<4x8xf32>
    heddle.yield %1 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

func.func @used(%x: tensor<4x4xf32>) -> tensor<4xf32> {
  %0 = heddle.fusion(%a = %x) : (tensor<4x4xf32>) -> tensor<4xf32> attributes {domain = array<i64: 4, 4>, kind = "columns", row_rank = 1 : i64} {
    // expected-error @below {{in a fusion of kind columns may only be yielded}}
    %1 = heddle.reduce_sum %a [0] : tensor<4x4xf32>
    %2 = heddle.tanh %1 : tensor<4xf32>
    heddle.yield %2 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

func.func @op(%x: tensor<4x8xf32>) -> tensor<8x4xf32> {
  %0 = heddle.fusion(%a = %x) : (tensor<4x8xf32>) -> tensor<8x4xf32> attributes {domain = array<i64: 4, 8>, kind = "columns", row_rank = 1 : i64} {
    // expected-error @below {{may not stand in a fusion of kind columns}}
    %1 = heddle.transpose %a [1, 0] : tensor<4x8xf32>
    heddle.yield %1 : tensor<8x4xf32>
  }
  return %0 : tensor<8x4xf32>
}
