// Wrong rules are named, at the op whose rule it is, once for each kind of op.
// RUN: heddle-opt %s --load-dialect-plugin=%plugins/libheddle_wrong_derivatives.so --heddle-check-gradients --verify-diagnostics --split-input-file -o /dev/null

func.func @sign(%x: tensor<4xf32> {heddle.name = "x"}) -> tensor<4xf32> {
  %0 = math.log2 %x : tensor<4xf32>
  // expected-error-re @below {{the derivative of 'math.sin' is wrong for operand 0: along a random direction it gives the slope {{-?[0-9.]+}}, but its results change by {{-?[0-9.]+}}; the step and rounding explain {{[0-9.]+}}e-{{[0-9]+}} (on the arguments of seed 0)}}
  %1 = math.sin %0 : tensor<4xf32>
  %2 = math.sin %1 : tensor<4xf32>
  %sin3 = math.sin %2 : tensor<4xf32> // of two, the signs would cancel
  %3 = heddle.reduce_sum %sin3 [0] : tensor<4xf32>
  // expected-note @below {{the gradient of the loss with respect to 'x' is wrong}}
  %d = heddle.gradient %3 wrt %x : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  return %d : tensor<4xf32>
}

// -----

// Beside ops that are right and beside a large term.
func.func @factor(%x: tensor<2x3xf32>, %y: tensor<3xf32>) -> tensor<2x3xf32> {
  // expected-error @below {{the derivative of 'math.exp2' is wrong for operand 0}}
  %0 = math.exp2 %x : tensor<2x3xf32>
  %1 = heddle.tanh %x : tensor<2x3xf32>
  %2 = heddle.add %0, %1 : tensor<2x3xf32>
  %c = heddle.constant dense<1.0e3> : tensor<2x3xf32>
  %3 = heddle.mul %x, %c : tensor<2x3xf32>
  %4 = heddle.add %2, %3 : tensor<2x3xf32>
  %5 = heddle.reduce_sum %4 [0, 1] : tensor<2x3xf32>
  // expected-note @below {{with respect to argument 0 is wrong}}
  %d = heddle.gradient %5 wrt %x : (tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %d : tensor<2x3xf32>
}

// -----

// A derivative of what has none to see.
func.func @step(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error-re @below {{the derivative of 'math.floor' is wrong for operand 0: along a random direction it gives the slope {{.*}}, but its results change by 0;}}
  %0 = math.floor %x : tensor<8xf32>
  %1 = heddle.reduce_sum %0 [0] : tensor<8xf32>
  // expected-note @below {{with respect to argument 0 is wrong}}
  %d = heddle.gradient %1 wrt %x : (tensor<f32>, tensor<8xf32>) -> tensor<8xf32>
  return %d : tensor<8xf32>
}

// -----

// Without a rule it is the error that heddle-differentiate gives.
func.func @missing(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{'math.sqrt' has no derivative, but the gradient with respect to argument 0 passes through it}}
  // expected-note @below {{on the path: math.sqrt}}
  %0 = math.sqrt %x : tensor<f32>
  // expected-note @below {{the gradient is taken here}}
  %d = heddle.gradient %0 wrt %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %d : tensor<f32>
}

// -----

// What cannot be checked is said: here there is no range of arguments on which the loss is a number.
func.func @nowhere(%x: tensor<f32>) -> tensor<f32> {
  %c = heddle.constant dense<-4.0> : tensor<f32>
  %0 = heddle.add %x, %c : tensor<f32>
  %1 = heddle.log %0 : tensor<f32>
  // expected-remark @below {{the gradient was not checked: the loss or a derivative is not a number on the arguments of seed 0}}
  %d = heddle.gradient %1 wrt %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %d : tensor<f32>
}

// -----

// Here no step is short enough: the sine turns by a radian in one.
func.func @rough(%x: tensor<f32> {heddle.name = "x"}) -> tensor<f32> {
  %c = heddle.constant dense<1.0e7> : tensor<f32>
  %0 = heddle.mul %x, %c : tensor<f32>
  %1 = heddle.sin %0 : tensor<f32>
  // expected-remark @below {{the gradient was not checked: the loss is not smooth in 'x' on the arguments of seed 0}}
  %d = heddle.gradient %1 wrt %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %d : tensor<f32>
}
