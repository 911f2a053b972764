// A Transformer block with embeddings and the gradient of its loss.
module attributes {heddle.model = "gpt"} {
  func.func @train(%arg0: tensor<2x3xi32> {heddle.kind = "input", heddle.name = "tokens"}, %arg1: tensor<2x3xi32> {heddle.kind = "input", heddle.name = "targets"}, %arg2: tensor<7x8xf64> {heddle.kind = "parameter", heddle.name = "wte.weight", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg3: tensor<3x8xf64> {heddle.kind = "parameter", heddle.name = "wpe.weight", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg4: tensor<8xf64> {heddle.kind = "parameter", heddle.name = "h.0.ln_1.weight", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg5: tensor<8xf64> {heddle.kind = "parameter", heddle.name = "h.0.ln_1.bias", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg6: tensor<24x8xf64> {heddle.kind = "parameter", heddle.name = "h.0.attn.c_attn.weight", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg7: tensor<24xf64> {heddle.kind = "parameter", heddle.name = "h.0.attn.c_attn.bias", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg8: tensor<8x8xf64> {heddle.kind = "parameter", heddle.name = "h.0.attn.c_proj.weight", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg9: tensor<8xf64> {heddle.kind = "parameter", heddle.name = "h.0.attn.c_proj.bias", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg10: tensor<8xf64> {heddle.kind = "parameter", heddle.name = "h.0.ln_2.weight", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg11: tensor<8xf64> {heddle.kind = "parameter", heddle.name = "h.0.ln_2.bias", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg12: tensor<32x8xf64> {heddle.kind = "parameter", heddle.name = "h.0.mlp.c_fc.weight", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg13: tensor<32xf64> {heddle.kind = "parameter", heddle.name = "h.0.mlp.c_fc.bias", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg14: tensor<8x32xf64> {heddle.kind = "parameter", heddle.name = "h.0.mlp.c_proj.weight", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg15: tensor<8xf64> {heddle.kind = "parameter", heddle.name = "h.0.mlp.c_proj.bias", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg16: tensor<8xf64> {heddle.kind = "parameter", heddle.name = "ln_f.weight", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}, %arg17: tensor<8xf64> {heddle.kind = "parameter", heddle.name = "ln_f.bias", heddle.init = {kind = "normal", mean = 0.0 : f64, std = 0.02 : f64}}) -> (tensor<f64> {heddle.name = "loss"}, tensor<7x8xf64> {heddle.name = "d.wte.weight"}, tensor<3x8xf64> {heddle.name = "d.wpe.weight"}, tensor<8xf64> {heddle.name = "d.h.0.ln_1.weight"}, tensor<8xf64> {heddle.name = "d.h.0.ln_1.bias"}, tensor<24x8xf64> {heddle.name = "d.h.0.attn.c_attn.weight"}, tensor<24xf64> {heddle.name = "d.h.0.attn.c_attn.bias"}, tensor<8x8xf64> {heddle.name = "d.h.0.attn.c_proj.weight"}, tensor<8xf64> {heddle.name = "d.h.0.attn.c_proj.bias"}, tensor<8xf64> {heddle.name = "d.h.0.ln_2.weight"}, tensor<8xf64> {heddle.name = "d.h.0.ln_2.bias"}, tensor<32x8xf64> {heddle.name = "d.h.0.mlp.c_fc.weight"}, tensor<32xf64> {heddle.name = "d.h.0.mlp.c_fc.bias"}, tensor<8x32xf64> {heddle.name = "d.h.0.mlp.c_proj.weight"}, tensor<8xf64> {heddle.name = "d.h.0.mlp.c_proj.bias"}, tensor<8xf64> {heddle.name = "d.ln_f.weight"}, tensor<8xf64> {heddle.name = "d.ln_f.bias"}) {
    %0 = heddle.gather %arg2, %arg0 : tensor<7x8xf64>, tensor<2x3xi32>
    %1 = heddle.broadcast %arg3 [1, 2] : tensor<3x8xf64> to tensor<2x3x8xf64>
    %2 = heddle.add %0, %1 : tensor<2x3x8xf64>
    %3 = heddle.layer_norm %2, %arg4, %arg5 {epsilon = 1.0e-5 : f64} : tensor<2x3x8xf64>, tensor<8xf64>
    %4 = heddle.dot_general %3, %arg6 batch [] x [] contract [2] x [1] : tensor<2x3x8xf64>, tensor<24x8xf64>
    %5 = heddle.broadcast %arg7 [2] : tensor<24xf64> to tensor<2x3x24xf64>
    %6 = heddle.add %4, %5 : tensor<2x3x24xf64>
    %7 = heddle.slice %6 [0, 0, 0] to [2, 3, 8] by [1, 1, 1] : tensor<2x3x24xf64>
    %8 = heddle.reshape %7 : tensor<2x3x8xf64> to tensor<2x3x2x4xf64>
    %9 = heddle.transpose %8 [0, 2, 1, 3] : tensor<2x3x2x4xf64>
    %10 = heddle.slice %6 [0, 0, 8] to [2, 3, 16] by [1, 1, 1] : tensor<2x3x24xf64>
    %11 = heddle.reshape %10 : tensor<2x3x8xf64> to tensor<2x3x2x4xf64>
    %12 = heddle.transpose %11 [0, 2, 1, 3] : tensor<2x3x2x4xf64>
    %13 = heddle.slice %6 [0, 0, 16] to [2, 3, 24] by [1, 1, 1] : tensor<2x3x24xf64>
    %14 = heddle.reshape %13 : tensor<2x3x8xf64> to tensor<2x3x2x4xf64>
    %15 = heddle.transpose %14 [0, 2, 1, 3] : tensor<2x3x2x4xf64>
    %16, %logsumexp = heddle.attention %9, %12, %15 {causal, scale = 0.5 : f64} : tensor<2x2x3x4xf64>, tensor<2x2x3x4xf64>, tensor<2x2x3x4xf64>
    %17 = heddle.transpose %16 [0, 2, 1, 3] : tensor<2x2x3x4xf64>
    %18 = heddle.reshape %17 : tensor<2x3x2x4xf64> to tensor<2x3x8xf64>
    %19 = heddle.dot_general %18, %arg8 batch [] x [] contract [2] x [1] : tensor<2x3x8xf64>, tensor<8x8xf64>
    %20 = heddle.broadcast %arg9 [2] : tensor<8xf64> to tensor<2x3x8xf64>
    %21 = heddle.add %19, %20 : tensor<2x3x8xf64>
    %22 = heddle.add %2, %21 : tensor<2x3x8xf64>
    %23 = heddle.layer_norm %22, %arg10, %arg11 {epsilon = 1.0e-5 : f64} : tensor<2x3x8xf64>, tensor<8xf64>
    %24 = heddle.dot_general %23, %arg12 batch [] x [] contract [2] x [1] : tensor<2x3x8xf64>, tensor<32x8xf64>
    %25 = heddle.broadcast %arg13 [2] : tensor<32xf64> to tensor<2x3x32xf64>
    %26 = heddle.add %24, %25 : tensor<2x3x32xf64>
    %27 = heddle.gelu tanh %26 : tensor<2x3x32xf64>
    %28 = heddle.dot_general %27, %arg14 batch [] x [] contract [2] x [1] : tensor<2x3x32xf64>, tensor<8x32xf64>
    %29 = heddle.broadcast %arg15 [2] : tensor<8xf64> to tensor<2x3x8xf64>
    %30 = heddle.add %28, %29 : tensor<2x3x8xf64>
    %31 = heddle.add %22, %30 : tensor<2x3x8xf64>
    %32 = heddle.layer_norm %31, %arg16, %arg17 {epsilon = 1.0e-5 : f64} : tensor<2x3x8xf64>, tensor<8xf64>
    %33 = heddle.dot_general %32, %arg2 batch [] x [] contract [2] x [1] : tensor<2x3x8xf64>, tensor<7x8xf64>
    %34 = heddle.reshape %33 : tensor<2x3x7xf64> to tensor<6x7xf64>
    %36 = heddle.reshape %arg1 : tensor<2x3xi32> to tensor<6xi32>
    %35 = heddle.cross_entropy %34, %36 {ignore_index = -1 : i64} : tensor<6x7xf64>, tensor<6xi32>
    %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52 = heddle.gradient %35 wrt %arg2, %arg3, %arg4, %arg5, %arg6, %arg7, %arg8, %arg9, %arg10, %arg11, %arg12, %arg13, %arg14, %arg15, %arg16, %arg17 : (tensor<f64>, tensor<7x8xf64>, tensor<3x8xf64>, tensor<8xf64>, tensor<8xf64>, tensor<24x8xf64>, tensor<24xf64>, tensor<8x8xf64>, tensor<8xf64>, tensor<8xf64>, tensor<8xf64>, tensor<32x8xf64>, tensor<32xf64>, tensor<8x32xf64>, tensor<8xf64>, tensor<8xf64>, tensor<8xf64>) -> (tensor<7x8xf64>, tensor<3x8xf64>, tensor<8xf64>, tensor<8xf64>, tensor<24x8xf64>, tensor<24xf64>, tensor<8x8xf64>, tensor<8xf64>, tensor<8xf64>, tensor<8xf64>, tensor<32x8xf64>, tensor<32xf64>, tensor<8x32xf64>, tensor<8xf64>, tensor<8xf64>, tensor<8xf64>)
    func.return %35, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52 : tensor<f64>, tensor<7x8xf64>, tensor<3x8xf64>, tensor<8xf64>, tensor<8xf64>, tensor<24x8xf64>, tensor<24xf64>, tensor<8x8xf64>, tensor<8xf64>, tensor<8xf64>, tensor<8xf64>, tensor<32x8xf64>, tensor<32xf64>, tensor<8x32xf64>, tensor<8xf64>, tensor<8xf64>, tensor<8xf64>
  }
}
