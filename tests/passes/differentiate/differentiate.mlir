// RUN: heddle-opt --heddle-differentiate %s | FileCheck %s

// Both uses of x contribute, and their cotangents are added.
// CHECK-LABEL: func.func @square
// CHECK-SAME: (%[[X:.*]]: tensor<f64>)
// CHECK-DAG: %[[ONE:.*]] = heddle.constant dense<1.0
// CHECK: %[[A:.*]] = heddle.mul %[[ONE]], %[[X]]
// CHECK: %[[B:.*]] = heddle.mul %[[ONE]], %[[X]]
// CHECK: %[[D:.*]] = heddle.add %[[A]], %[[B]]
// CHECK: return %[[D]]
func.func @square(%x: tensor<f64>) -> tensor<f64> {
  %y = heddle.mul %x, %x : tensor<f64>
  %d = heddle.gradient %y wrt %x : (tensor<f64>, tensor<f64>) -> tensor<f64>
  return %d : tensor<f64>
}

// A value that the loss does not depend on gets zeros.
// CHECK-LABEL: func.func @independent
// CHECK: %[[ZERO:.*]] = heddle.constant dense<0.0{{.*}}> : tensor<3xf64>
// CHECK: return %[[ZERO]]
func.func @independent(%x: tensor<f64>, %w: tensor<3xf64>) -> tensor<3xf64> {
  %y = heddle.exp %x : tensor<f64>
  %d = heddle.gradient %y wrt %w : (tensor<f64>, tensor<3xf64>) -> tensor<3xf64>
  return %d : tensor<3xf64>
}

// Nothing is emitted for the operand that nobody asked about.
// CHECK-LABEL: func.func @one_side
// CHECK-SAME: (%[[X:.*]]: tensor<f64>, %[[W:.*]]: tensor<f64>)
// CHECK-COUNT-2: heddle.mul
// CHECK-NOT: heddle.mul
// CHECK: return
func.func @one_side(%x: tensor<f64>, %w: tensor<f64>) -> tensor<f64> {
  %y = heddle.mul %x, %w : tensor<f64>
  %d = heddle.gradient %y wrt %w : (tensor<f64>, tensor<f64>) -> tensor<f64>
  return %d : tensor<f64>
}

// floor lies on no path from w to the loss, so it needs no derivative.
// CHECK-LABEL: func.func @inactive_floor
// CHECK-NOT: heddle.gradient
func.func @inactive_floor(%x: tensor<f64>, %w: tensor<f64>) -> tensor<f64> {
  %f = heddle.floor %x : tensor<f64>
  %y = heddle.mul %f, %w : tensor<f64>
  %d = heddle.gradient %y wrt %w : (tensor<f64>, tensor<f64>) -> tensor<f64>
  return %d : tensor<f64>
}

// A gradient of a gradient: the inner one is replaced first. Here d2(x^2)/dx2.
// CHECK-LABEL: func.func @second
// CHECK-NOT: heddle.gradient
func.func @second(%x: tensor<f64>) -> tensor<f64> {
  %y = heddle.mul %x, %x : tensor<f64>
  %d = heddle.gradient %y wrt %x : (tensor<f64>, tensor<f64>) -> tensor<f64>
  %dd = heddle.gradient %d wrt %x : (tensor<f64>, tensor<f64>) -> tensor<f64>
  return %dd : tensor<f64>
}

// With respect to x and to what was computed from it: d(y^2)/dx = 2 y * 2 x passes through y.
// CHECK-LABEL: func.func @computed
// CHECK: %[[Y:.*]] = heddle.mul %arg0, %arg0
// CHECK: %[[DY:.*]] = heddle.add
// CHECK: %[[DX:.*]] = heddle.add
// CHECK: return %[[DX]], %[[DY]]
func.func @computed(%x: tensor<f64>) -> (tensor<f64>, tensor<f64>) {
  %y = heddle.mul %x, %x : tensor<f64>
  %z = heddle.mul %y, %y : tensor<f64>
  %dx, %dy = heddle.gradient %z wrt %x, %y : (tensor<f64>, tensor<f64>, tensor<f64>) -> (tensor<f64>, tensor<f64>)
  return %dx, %dy : tensor<f64>, tensor<f64>
}

// A comparison has no gradient to carry.
// CHECK-LABEL: func.func @through_mask
// CHECK-NOT: heddle.gradient
func.func @through_mask(%x: tensor<f64>) -> tensor<f64> {
  %zero = heddle.constant dense<0.0> : tensor<f64>
  %m = heddle.compare gt %x, %zero : tensor<f64>
  %y = heddle.select %m, %x, %zero : tensor<f64>
  %d = heddle.gradient %y wrt %x : (tensor<f64>, tensor<f64>) -> tensor<f64>
  return %d : tensor<f64>
}

// Ops without a gradient stay as they are.
// CHECK-LABEL: func.func @untouched
// CHECK-NEXT: heddle.gelu tanh
// CHECK-NEXT: return
func.func @untouched(%x: tensor<4xf64>) -> tensor<4xf64> {
  %y = heddle.gelu tanh %x : tensor<4xf64>
  return %y : tensor<4xf64>
}
