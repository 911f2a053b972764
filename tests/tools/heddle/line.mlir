// y = a x + b with a training step, and a look-up with labels.
module attributes {heddle.model = "line"} {
  func.func @predict(%x: tensor<3xf32> {heddle.kind = "input", heddle.name = "x"},
                     %a: tensor<f32> {heddle.kind = "parameter", heddle.name = "a", heddle.init = {kind = "constant", value = 2.0 : f64}},
                     %b: tensor<3xf32> {heddle.kind = "parameter", heddle.name = "b", heddle.init = {kind = "ones"}})
      -> (tensor<3xf32> {heddle.name = "y"}) {
    %0 = heddle.broadcast %a [] : tensor<f32> to tensor<3xf32>
    %1 = heddle.mul %0, %x : tensor<3xf32>
    %2 = heddle.add %1, %b : tensor<3xf32>
    return %2 : tensor<3xf32>
  }
  func.func @pick(%i: tensor<2xi32> {heddle.kind = "input", heddle.name = "i"},
                  %b: tensor<3xf32> {heddle.kind = "parameter", heddle.name = "b", heddle.init = {kind = "ones"}})
      -> (tensor<2xf32> {heddle.name = "picked"}, tensor<3xf32> {heddle.updates = "b"}) {
    %0 = heddle.gather %b, %i : tensor<3xf32>, tensor<2xi32>
    %1 = heddle.add %b, %b : tensor<3xf32>
    return %0, %1 : tensor<2xf32>, tensor<3xf32>
  }
}
