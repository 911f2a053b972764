// What cannot be compared is said, and is no failure.
// RUN: heddle-opt %s --load-pass-plugin=%plugins/libheddle_broken_passes.so --validate --verify-diagnostics --split-input-file --pass-pipeline="builtin.module(func.func(test-reassociate,heddle-simplify,test-add-argument))"
// RUN: not heddle-opt %s --validate=1,x 2>&1 | FileCheck %s
// CHECK: heddle-opt: --validate is '1,x'; expected seeds, as in --validate=0,1,2

// expected-remark @below {{heddle-simplify was not validated on 'dynamic': on the arguments of seed 0, has an argument of type 'tensor<?xf32>', which random values cannot be made for}}
func.func @dynamic(%x: tensor<?xf32>, %c: tensor<f32>) -> tensor<f32> {
  %0 = heddle.neg %c : tensor<f32>
  %1 = heddle.neg %0 : tensor<f32>
  return %1 : tensor<f32>
}

// -----

// expected-remark @below {{test-add-argument was not validated on 'more': its argument 0 was not there before, or had another type}}
func.func @more(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = heddle.neg %x : tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

// There is nothing to run in a declaration.
func.func private @declared(tensor<?xf32>) -> tensor<?xf32>
