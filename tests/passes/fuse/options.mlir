// RUN: heddle-opt --heddle-fuse="remarks=true max-operands=4" --verify-diagnostics %s
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
  // expected-remark-re @below {{not in one fusion with the op at {{.*}}: they would have too many operands and results}}
  %1 = heddle.exp %c : tensor<4xf32>
  %2 = heddle.add %0, %1 : tensor<4xf32>
  return %0, %2 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @between
// CHECK-COUNT-2: heddle.fusion
func.func @between(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = heddle.exp %x : tensor<8x8xf32>
  %1 = heddle.contraction %0, %0 batch [] x [] contract [1] x [0] : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  // expected-remark-re @below {{not in one fusion with the op at {{.*}}: an op outside lies between them}}
  %2 = heddle.add %0, %1 : tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}

// CHECK-LABEL: func.func @across
// CHECK-COUNT-2: heddle.fusion
func.func @across(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = heddle.reduce_sum %x [1] : tensor<8x8xf32>
  %1 = heddle.broadcast %0 [1] : tensor<8xf32> to tensor<8x8xf32>
  // expected-remark-re @below {{not in one fusion with the op at {{.*}}: a value between them is broadcast along other dimensions than those of a row}}
  %2 = heddle.add %x, %1 : tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}
