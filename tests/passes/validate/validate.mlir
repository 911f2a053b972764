// RUN: heddle-opt --heddle-validate="pipeline=func.func(heddle-decompose)" --split-input-file %s | FileCheck %s
// RUN: heddle-opt --heddle-validate="pipeline=heddle-pipeline{to=fuse}" --split-input-file %s | FileCheck %s --check-prefix=PHASES

// The module that leaves is the one that the pipeline made.
// CHECK-LABEL: func.func @silu
// CHECK: heddle.sigmoid
// PHASES-LABEL: func.func @silu
// PHASES: heddle.fusion
func.func @silu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = heddle.silu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// There is nothing to run in a declaration.
// CHECK: func.func private @declared
func.func private @declared(tensor<?xf32>) -> tensor<?xf32>
