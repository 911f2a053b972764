// A training step by hand: tanh(x wT + b), its squares, and gradient descent. One parameter's name is hostile to HTML.
module attributes {heddle.model = "step"} {
  func.func @train(%x: tensor<4x3xf32> {heddle.kind = "input", heddle.name = "x"},
                   %w: tensor<2x3xf32> {heddle.kind = "parameter", heddle.name = "fc.weight", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 1.0 : f64}},
                   %b: tensor<2xf32> {heddle.kind = "parameter", heddle.name = "</script><b>&\22'", heddle.init = {kind = "zeros"}})
      -> (tensor<f32> {heddle.name = "loss"}, tensor<2x3xf32> {heddle.updates = "fc.weight"}, tensor<2xf32> {heddle.updates = "</script><b>&\22'"}) {
    %product = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<4x3xf32>, tensor<2x3xf32>
    %bias = heddle.broadcast %b [1] : tensor<2xf32> to tensor<4x2xf32>
    %sum = heddle.add %product, %bias : tensor<4x2xf32>
    %y = heddle.tanh %sum : tensor<4x2xf32>
    %square = heddle.mul %y, %y : tensor<4x2xf32>
    %loss = heddle.reduce_sum %square [0, 1] : tensor<4x2xf32>
    %gradient:2 = heddle.gradient %loss wrt %w, %b : (tensor<f32>, tensor<2x3xf32>, tensor<2xf32>) -> (tensor<2x3xf32>, tensor<2xf32>)
    %rate = heddle.constant dense<0.1> : tensor<2x3xf32>
    %step = heddle.mul %gradient#0, %rate : tensor<2x3xf32>
    %new = heddle.sub %w, %step : tensor<2x3xf32>
    %newb = heddle.sub %b, %gradient#1 : tensor<2xf32>
    return %loss, %new, %newb : tensor<f32>, tensor<2x3xf32>, tensor<2xf32>
  }




  // Too far from any op to be quoted.
}
