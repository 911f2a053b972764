// A classifier of two layers and the gradient of its loss.
module attributes {heddle.model = "mlp"} {
  func.func @train(%arg0: tensor<4x5xf64> {heddle.kind = "input", heddle.name = "x"}, %arg1: tensor<4xi32> {heddle.kind = "input", heddle.name = "y"}, %arg2: tensor<6x5xf64> {heddle.kind = "parameter", heddle.name = "fc1.weight", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg3: tensor<6xf64> {heddle.kind = "parameter", heddle.name = "fc1.bias", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg4: tensor<3x6xf64> {heddle.kind = "parameter", heddle.name = "fc2.weight", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg5: tensor<3xf64> {heddle.kind = "parameter", heddle.name = "fc2.bias", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}) -> (tensor<f64> {heddle.name = "loss"}, tensor<6x5xf64> {heddle.name = "d.fc1.weight"}, tensor<6xf64> {heddle.name = "d.fc1.bias"}, tensor<3x6xf64> {heddle.name = "d.fc2.weight"}, tensor<3xf64> {heddle.name = "d.fc2.bias"}) {
    %0 = heddle.dot_general %arg0, %arg2 batch [] x [] contract [1] x [1] : tensor<4x5xf64>, tensor<6x5xf64>
    %1 = heddle.broadcast %arg3 [1] : tensor<6xf64> to tensor<4x6xf64>
    %2 = heddle.add %0, %1 : tensor<4x6xf64>
    %3 = heddle.relu %2 : tensor<4x6xf64>
    %4 = heddle.dot_general %3, %arg4 batch [] x [] contract [1] x [1] : tensor<4x6xf64>, tensor<3x6xf64>
    %5 = heddle.broadcast %arg5 [1] : tensor<3xf64> to tensor<4x3xf64>
    %6 = heddle.add %4, %5 : tensor<4x3xf64>
    %7 = heddle.cross_entropy %6, %arg1 {ignore_index = -100 : i64} : tensor<4x3xf64>, tensor<4xi32>
    %8, %9, %10, %11 = heddle.gradient %7 wrt %arg2, %arg3, %arg4, %arg5 : (tensor<f64>, tensor<6x5xf64>, tensor<6xf64>, tensor<3x6xf64>, tensor<3xf64>) -> (tensor<6x5xf64>, tensor<6xf64>, tensor<3x6xf64>, tensor<3xf64>)
    func.return %7, %8, %9, %10, %11 : tensor<f64>, tensor<6x5xf64>, tensor<6xf64>, tensor<3x6xf64>, tensor<3xf64>
  }
}
