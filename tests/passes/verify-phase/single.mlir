// RUN: heddle-opt --heddle-verify-phase="phase=fuse" --verify-diagnostics --split-input-file %s

// Arithmetic has loops of its own form.
func.func @arithmetic(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = heddle.fusion(%a = %x) : (tensor<4xf32>) -> tensor<4xf32> attributes {kind = "single"} {
    // expected-error @below {{may not stand in a fusion of kind single, since it has no kernel of its own}}
    %1 = heddle.tanh %a : tensor<4xf32>
    heddle.yield %1 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

func.func @gather(%x: tensor<4xf32>, %i: tensor<2xi32>) -> tensor<2xf32> {
  %0 = heddle.fusion(%a = %x, %b = %i) : (tensor<4xf32>, tensor<2xi32>) -> tensor<2xf32> attributes {kind = "single"} {
    // expected-error @below {{may not stand in a fusion of kind single, since it has no kernel of its own}}
    %1 = heddle.gather %a, %b : tensor<4xf32>, tensor<2xi32>
    heddle.yield %1 : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// -----

func.func @contraction(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %0 = heddle.fusion(%a = %x) : (tensor<2x2xf32>) -> tensor<2x2xf32> attributes {kind = "single"} {
    // expected-error @below {{may not stand in a fusion of kind single, since it has no kernel of its own}}
    %1 = heddle.contraction %a, %a batch [] x [] contract [1] x [0] : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    heddle.yield %1 : tensor<2x2xf32>
  }
  return %0 : tensor<2x2xf32>
}

// -----

func.func @two(%x: tensor<4xf32>) -> tensor<1xf32> {
  // expected-error @below {{of kind single holds 2 ops instead of one}}
  %0 = heddle.fusion(%a = %x) : (tensor<4xf32>) -> tensor<1xf32> attributes {kind = "single"} {
    %1 = heddle.slice %a [0] to [2] by [1] : tensor<4xf32>
    %2 = heddle.slice %1 [1] to [2] by [1] : tensor<2xf32>
    heddle.yield %2 : tensor<1xf32>
  }
  return %0 : tensor<1xf32>
}

// -----

func.func @other_result(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{of kind single yields something else than the results of its op}}
  %0 = heddle.fusion(%a = %x) : (tensor<4xf32>) -> tensor<4xf32> attributes {kind = "single"} {
    %1 = heddle.slice %a [0] to [2] by [1] : tensor<4xf32>
    heddle.yield %a : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

// Each result of the op, in order.
func.func @some_results(%q: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  // expected-error @below {{of kind single yields something else than the results of its op}}
  %0 = heddle.fusion(%a = %q) : (tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> attributes {kind = "single"} {
    %y, %l = heddle.attention %a, %a, %a {scale = 1.0 : f64} : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>
    heddle.yield %y : tensor<1x1x4x8xf32>
  }
  return %0 : tensor<1x1x4x8xf32>
}

// -----

func.func @all_results(%q: tensor<1x1x4x8xf32>) -> tensor<1x1x4xf32> {
  %0:2 = heddle.fusion(%a = %q) : (tensor<1x1x4x8xf32>) -> (tensor<1x1x4x8xf32>, tensor<1x1x4xf32>) attributes {kind = "single"} {
    %y, %l = heddle.attention %a, %a, %a {scale = 1.0 : f64} : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>
    heddle.yield %y, %l : tensor<1x1x4x8xf32>, tensor<1x1x4xf32>
  }
  return %0#1 : tensor<1x1x4xf32>
}
