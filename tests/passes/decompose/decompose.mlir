// RUN: heddle-opt --heddle-decompose %s | FileCheck %s
// RUN: heddle-opt --heddle-decompose="keep=heddle.silu" %s | FileCheck %s --check-prefix=KEEP
// RUN: not heddle-opt --heddle-decompose="keep=heddle.sillu" %s 2>&1 | FileCheck %s --check-prefix=ERROR
// RUN: heddle-opt --validate --pass-pipeline="builtin.module(func.func(heddle-decompose))" %s -o /dev/null
// ERROR: option 'keep' names 'heddle.sillu', which is not an op

// CHECK-LABEL: func.func @silu
// CHECK-NOT: heddle.silu
// CHECK: heddle.sigmoid
// KEEP-LABEL: func.func @silu
// KEEP: heddle.silu
func.func @silu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = heddle.silu %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

// What attention is made of is decomposed in turn.
// CHECK-LABEL: func.func @attention
// CHECK-NOT: heddle.{{attention|softmax}}
// CHECK: heddle.dot_general
// CHECK: return
func.func @attention(%q: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %y, %l = heddle.attention %q, %q, %q {causal, scale = 0.5 : f64}
      : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>
  return %y : tensor<1x2x4x8xf32>
}

// Primitives are left alone.
// CHECK-LABEL: func.func @primitive
// CHECK-NEXT: heddle.tanh
// CHECK-NEXT: return
func.func @primitive(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = heddle.tanh %x : tensor<4xf32>
  return %y : tensor<4xf32>
}
