// The phases give the same numbers; what they make incomparable is said once.
// RUN: heddle-opt --validate=0,1,2 --to=codegen %s 2>&1 >%t | FileCheck %s --implicit-check-not="remark:"
// RUN: FileCheck %s --check-prefix=CODE < %t
// RUN: heddle-opt --validate=7 --pass-pipeline="builtin.module(func.func(heddle-decompose))" %s 2>&1 >%t | FileCheck %s --check-prefix=ONE
// CODE: llvm.func
// ONE: heddle-opt: 2 passes validated: 2 functions compared, 0 left alone, 0 different, 0 skipped
module attributes {heddle.model = "phases"} {
  // CHECK: phases.mlir:[[@LINE+1]]:{{[0-9]+}}: remark: heddle-differentiate was not validated on results new 'w' of 'train': the interpreter cannot evaluate them both before and after it
  func.func @train(%x: tensor<4x3xf32> {heddle.kind = "input", heddle.name = "x"},
                   %labels: tensor<4xi32> {heddle.kind = "input", heddle.name = "labels"},
                   %w: tensor<3x5xf32> {heddle.kind = "parameter", heddle.name = "w", heddle.init = {kind = "ones"}})
      -> (tensor<f32> {heddle.name = "loss"}, tensor<3x5xf32> {heddle.updates = "w"}) {
    %p = heddle.dot_general %x, %w batch [] x [] contract [1] x [0] : tensor<4x3xf32>, tensor<3x5xf32>
    %loss = heddle.cross_entropy %p, %labels {ignore_index = -100 : i64} : tensor<4x5xf32>, tensor<4xi32>
    %dw = heddle.gradient %loss wrt %w : (tensor<f32>, tensor<3x5xf32>) -> tensor<3x5xf32>
    %new = heddle.sub %w, %dw : tensor<3x5xf32>
    return %loss, %new : tensor<f32>, tensor<3x5xf32>
  }
  // CHECK: phases.mlir:[[@LINE-10]]:{{[0-9]+}}: remark: heddle-cpu-plan was not validated on 'train': there is no such function, of one block, after it
  // CHECK: remark: heddle-cpu-plan was not validated on 'predict'
  // A logarithm of what is negative is no number: positive ones are drawn.
  func.func @predict(%x: tensor<4x3xf32> {heddle.kind = "input", heddle.name = "x"}) -> (tensor<4xf32> {heddle.name = "y"}) {
    %s = heddle.softmax %x {dimension = 1 : i64} : tensor<4x3xf32>
    %l = heddle.log %x : tensor<4x3xf32>
    %p = heddle.mul %s, %l : tensor<4x3xf32>
    %y = heddle.reduce_sum %p [1] : tensor<4x3xf32>
    return %y : tensor<4xf32>
  }
}
// CHECK: heddle-opt: {{[0-9]+}} passes validated: {{[0-9]+}} functions compared, {{[0-9]+}} left alone, 0 different, {{[0-9]+}} skipped
