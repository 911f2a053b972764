// RUN: heddle-opt --heddle-verify-phase="phase=fuse" --verify-diagnostics --split-input-file %s

func.func @shape(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = heddle.fusion(%a = %x) : (tensor<8xf32>) -> tensor<8xf32> attributes {domain = array<i64: 4, 8>, kind = "rows", row_rank = 1 : i64} {
    // expected-error @below {{has a shape that is neither the domain of its fusion nor a row of it}}
    %1 = heddle.tanh %a : tensor<8xf32>
    heddle.yield %1 : tensor<8xf32>
  }
  return %0 : tensor<8xf32>
}

// -----

func.func @yields(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @below {{yields a value whose shape is neither the domain nor a row of it}}
  %0 = heddle.fusion(%a = %x) : (tensor<8xf32>) -> tensor<8xf32> attributes {domain = array<i64: 4, 8>, kind = "rows", row_rank = 1 : i64} {
    heddle.yield %a : tensor<8xf32>
  }
  return %0 : tensor<8xf32>
}

// -----

func.func @leading(%x: tensor<4x8xf32>) -> tensor<8xf32> {
  %0 = heddle.fusion(%a = %x) : (tensor<4x8xf32>) -> tensor<8xf32> attributes {domain = array<i64: 4, 8>, kind = "rows", row_rank = 1 : i64} {
    // expected-error @below {{does not reduce the trailing 1 dimensions}}
    %1 = heddle.reduce_sum %a [0] : tensor<4x8xf32>
    heddle.yield %1 : tensor<8xf32>
  }
  return %0 : tensor<8xf32>
}

// -----

func.func @reduces_row(%x: tensor<4xf32>) -> tensor<f32> {
  %0 = heddle.fusion(%a = %x) : (tensor<4xf32>) -> tensor<f32> attributes {domain = array<i64: 4, 8>, kind = "rows", row_rank = 1 : i64} {
    // expected-error @below {{does not reduce a value of the fusion's domain}}
    %1 = heddle.reduce_sum %a [0] : tensor<4xf32>
    heddle.yield %1 : tensor<f32>
  }
  return %0 : tensor<f32>
}

// -----

func.func @broadcast(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = heddle.fusion(%a = %x) : (tensor<8x8xf32>) -> tensor<8x8xf32> attributes {domain = array<i64: 8, 8>, kind = "rows", row_rank = 1 : i64} {
    %1 = heddle.reduce_sum %a [1] : tensor<8x8xf32>
    // expected-error @below {{in a fusion broadcasts operands of the fusion, or rows to the domain}}
    %2 = heddle.broadcast %1 [1] : tensor<8xf32> to tensor<8x8xf32>
    heddle.yield %2 : tensor<8x8xf32>
  }
  return %0 : tensor<8x8xf32>
}

// -----

func.func @op(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = heddle.fusion(%a = %x) : (tensor<4x8xf32>) -> tensor<4x8xf32> attributes {domain = array<i64: 4, 8>, kind = "rows", row_rank = 1 : i64} {
    // expected-error @below {{may not stand in a fusion of kind rows}}
    %1 = heddle.slice %a [0, 0] to [4, 8] by [1, 1] : tensor<4x8xf32>
    heddle.yield %1 : tensor<4x8xf32>
  }
  return %0 : tensor<4x8xf32>
}

// -----

func.func @constant() -> tensor<2xf32> {
  %0 = heddle.fusion() : () -> tensor<2xf32> attributes {domain = array<i64: 2>, kind = "rows", row_rank = 0 : i64} {
    // expected-error @below {{in a fusion has one value for all elements}}
    %1 = heddle.constant dense<[1.0, 2.0]> : tensor<2xf32>
    heddle.yield %1 : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// -----

func.func @computed_index(%t: tensor<10xf32>, %i: tensor<4xi32>) -> tensor<4xf32> {
  %0 = heddle.fusion(%a = %t, %b = %i) : (tensor<10xf32>, tensor<4xi32>) -> tensor<4xf32> attributes {domain = array<i64: 4>, kind = "rows", row_rank = 0 : i64} {
    %1 = heddle.add %b, %b : tensor<4xi32>
    // expected-error @below {{in a fusion takes only operands of the fusion}}
    %2 = heddle.gather %a, %1 : tensor<10xf32>, tensor<4xi32>
    heddle.yield %2 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

func.func @gathered_row(%t: tensor<10xf32>, %i: tensor<4xi32>) -> tensor<4xf32> {
  %0 = heddle.fusion(%a = %t, %b = %i) : (tensor<10xf32>, tensor<4xi32>) -> tensor<4xf32> attributes {domain = array<i64: 4, 8>, kind = "rows", row_rank = 1 : i64} {
    // expected-error @below {{in a fusion has the shape of the domain}}
    %1 = heddle.gather %a, %b : tensor<10xf32>, tensor<4xi32>
    heddle.yield %1 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
