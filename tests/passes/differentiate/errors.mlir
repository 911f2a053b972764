// RUN: heddle-opt --heddle-differentiate -verify-diagnostics -split-input-file %s

func.func @floor(%x: tensor<f64> {heddle.name = "scale", heddle.kind = "parameter"}) -> tensor<f64> {
  // expected-note@+1 {{on the path: heddle.exp}}
  %e = heddle.exp %x : tensor<f64>
  // expected-error@+2 {{'heddle.floor' has no derivative, but the gradient with respect to 'scale' passes through it; use stop_gradient if that is meant}}
  // expected-note@+1 {{on the path: heddle.floor}}
  %f = heddle.floor %e : tensor<f64>
  // expected-note@+1 {{on the path: heddle.neg}}
  %y = heddle.neg %f : tensor<f64>
  // expected-note@+1 {{the gradient is taken here}}
  %d = heddle.gradient %y wrt %x : (tensor<f64>, tensor<f64>) -> tensor<f64>
  return %d : tensor<f64>
}

// -----

// Behind a stop_gradient the same op is fine.
func.func @stopped(%x: tensor<f64>) -> tensor<f64> {
  %f = heddle.floor %x : tensor<f64>
  %s = heddle.stop_gradient %f : tensor<f64>
  %y = heddle.mul %s, %x : tensor<f64>
  %d = heddle.gradient %y wrt %x : (tensor<f64>, tensor<f64>) -> tensor<f64>
  return %d : tensor<f64>
}
