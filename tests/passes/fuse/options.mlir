// RUN: heddle-opt --heddle-fuse="max-operands=4" %s | FileCheck %s
// RUN: not heddle-opt --heddle-fuse="max-operands=1" %s 2>&1 | FileCheck %s --check-prefix=FEW
// RUN: not heddle-opt --heddle-fuse="max-operands=64" %s 2>&1 | FileCheck %s --check-prefix=MANY
// FEW: error: option 'max-operands' is 1, but lies between 2 and 63
// MANY: error: option 'max-operands' is 64, but lies between 2 and 63

// Together the two would have three operands and two results.
// CHECK-LABEL: func.func @limit
// CHECK: heddle.fusion
// CHECK-NEXT: heddle.mul
// CHECK-NEXT: heddle.yield
// CHECK: heddle.fusion
func.func @limit(%a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = heddle.mul %a, %b : tensor<4xf32>
  %1 = heddle.exp %c : tensor<4xf32>
  %2 = heddle.add %0, %1 : tensor<4xf32>
  return %0, %2 : tensor<4xf32>, tensor<4xf32>
}
