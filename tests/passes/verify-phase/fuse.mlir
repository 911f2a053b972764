// RUN: heddle-opt --heddle-verify-phase="phase=fuse" --verify-diagnostics --split-input-file %s

func.func @allowed(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>) -> (tensor<8x4xf32>, tensor<8xf32>, tensor<4x8xf32>, tensor<2x2xf32>) {
  %c = heddle.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %0 = heddle.fusion(%a = %x) : (tensor<4x8xf32>) -> tensor<8x4xf32> attributes {kind = "single"} {
    %t = heddle.transpose %a [1, 0] : tensor<4x8xf32>
    heddle.yield %t : tensor<8x4xf32>
  }
  %1 = heddle.fusion(%a = %x, %b = %y) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<8xf32> attributes {domain = array<i64: 4, 8>, kind = "columns", row_rank = 1 : i64} {
    %m = heddle.mul %a, %b : tensor<4x8xf32>
    %s = heddle.reduce_sum %m [0] : tensor<4x8xf32>
    heddle.yield %s : tensor<8xf32>
  }
  %2 = heddle.fusion(%a = %x, %b = %1) : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32> attributes {domain = array<i64: 4, 8>, kind = "rows", row_rank = 1 : i64} {
    %s = heddle.reduce_sum %a [1] : tensor<4x8xf32>
    %r = heddle.broadcast %s [0] : tensor<4xf32> to tensor<4x8xf32>
    %v = heddle.broadcast %b [1] : tensor<8xf32> to tensor<4x8xf32>
    %d = heddle.div %v, %r : tensor<4x8xf32>
    heddle.yield %d : tensor<4x8xf32>
  }
  %3 = heddle.slice %x [0, 0] to [2, 2] by [1, 1] : tensor<4x8xf32>
  %4 = heddle.contraction %3, %c batch [] x [] contract [1] x [0] : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0, %1, %2, %4 : tensor<8x4xf32>, tensor<8xf32>, tensor<4x8xf32>, tensor<2x2xf32>
}

// -----

func.func @outside(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{is left outside a fusion after phase fuse}}
  %0 = heddle.tanh %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @contraction(%x: tensor<4x8xf64>) -> tensor<4x4xf64> {
  // expected-error @below {{is of 'f64', but only f32 has a library call}}
  %0 = heddle.contraction %x, %x batch [] x [] contract [1] x [1] : (tensor<4x8xf64>, tensor<4x8xf64>) -> tensor<4x4xf64>
  return %0 : tensor<4x4xf64>
}

// -----

func.func @no_kind(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{needs the attribute kind, which is rows, columns or single}}
  %0 = heddle.fusion(%a = %x) : (tensor<4xf32>) -> tensor<4xf32> {
    heddle.yield %a : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

func.func @no_domain(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{of kind rows needs the attributes domain and row_rank}}
  %0 = heddle.fusion(%a = %x) : (tensor<4xf32>) -> tensor<4xf32> attributes {kind = "rows"} {
    heddle.yield %a : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

func.func @row_rank(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{has row_rank 2 out of range for its domain}}
  %0 = heddle.fusion(%a = %x) : (tensor<4xf32>) -> tensor<4xf32> attributes {domain = array<i64: 4>, kind = "rows", row_rank = 2 : i64} {
    heddle.yield %a : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

func.func @needless_row_rank(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // expected-error @below {{without a reduction has row_rank 0 instead of rank - 1}}
  %0 = heddle.fusion(%a = %x) : (tensor<4x8xf32>) -> tensor<4x8xf32> attributes {domain = array<i64: 4, 8>, kind = "rows", row_rank = 0 : i64} {
    heddle.yield %a : tensor<4x8xf32>
  }
  return %0 : tensor<4x8xf32>
}
