// RUN: %heddle-opt %s --load-dialect-plugin=%plugin --heddle-simplify | FileCheck %s

// CHECK-LABEL: @constant(
// CHECK-NEXT: %[[Y:.*]] = heddle.constant dense<7.61594152> : tensor<4xf32>
// CHECK-NEXT: return %[[Y]]
func.func @constant() -> tensor<4xf32> {
  %x = heddle.constant dense<10.0> : tensor<4xf32>
  %y = lm.softcap %x {cap = 10.0 : f64} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// CHECK-LABEL: @argument(
// CHECK-NEXT: lm.softcap
func.func @argument(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = lm.softcap %x {cap = 10.0 : f64} : tensor<4xf32>
  return %y : tensor<4xf32>
}
