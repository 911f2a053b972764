// RUN: heddle-opt --heddle-decompose="keep=heddle.attention,heddle.attention_gradient" %s | FileCheck %s
// RUN: heddle-opt --validate --pass-pipeline="builtin.module(func.func(heddle-decompose{keep=heddle.attention}))" %s -o /dev/null
// RUN: heddle-opt --heddle-decompose="keep=heddle.attention,heddle.attention_gradient" --remarks-filter=heddle-decompose %s -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=REMARK --implicit-check-not=silu
// REMARK-DAG: [Passed] KeptWhole | Category:heddle-decompose | Function=f32 | Remark="attention stays whole, as one kernel"
// REMARK-DAG: [Missed] Decomposed | Category:heddle-decompose | Function=bf16 | Reason="the kernel for it takes f32 only", Remark="attention does not stay whole, as one kernel"
// REMARK-DAG: Function={{.*}} | Reason="with a single query there is nothing to gain", Remark="attention does not stay whole

// CHECK-LABEL: func.func @f32
// CHECK-NEXT: heddle.attention %arg0, %arg0, %arg0 {causal, scale = 5.000000e-01 : f64}
// CHECK-NEXT: heddle.attention_gradient %arg0, %arg0, %arg0, %{{.*}}, %{{.*}}, %{{.*}} {causal, scale = 5.000000e-01 : f64}
// CHECK-NEXT: return
func.func @f32(%q: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %y, %l = heddle.attention %q, %q, %q {causal, scale = 0.5 : f64}
      : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>
  %dq, %dk, %dv = heddle.attention_gradient %q, %q, %q, %l, %l, %y {causal, scale = 0.5 : f64}
      : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4x8xf32>
  return %dq : tensor<1x2x4x8xf32>
}

// What no kernel takes is decomposed though it is named: the interpreter's type,
// CHECK-LABEL: func.func @f64
// CHECK-NOT: heddle.attention
// CHECK: return
func.func @f64(%q: tensor<1x2x4x8xf64>) -> tensor<1x2x4x8xf64> {
  %y, %l = heddle.attention %q, %q, %q {causal, scale = 0.5 : f64}
      : tensor<1x2x4x8xf64>, tensor<1x2x4x8xf64>, tensor<1x2x4x8xf64>
  %dq, %dk, %dv = heddle.attention_gradient %q, %q, %q, %l, %l, %y {causal, scale = 0.5 : f64}
      : tensor<1x2x4x8xf64>, tensor<1x2x4x8xf64>, tensor<1x2x4x8xf64>, tensor<1x2x4xf64>, tensor<1x2x4xf64>, tensor<1x2x4x8xf64>
  return %dq : tensor<1x2x4x8xf64>
}

// half precision, of which the gradient has operands of f32 too,
// CHECK-LABEL: func.func @bf16
// CHECK-NOT: heddle.attention
// CHECK: return
func.func @bf16(%q: tensor<1x2x4x8xbf16>) -> tensor<1x2x4x8xbf16> {
  %y, %l = heddle.attention %q, %q, %q {scale = 0.5 : f64}
      : tensor<1x2x4x8xbf16>, tensor<1x2x4x8xbf16>, tensor<1x2x4x8xbf16>
  %dq, %dk, %dv = heddle.attention_gradient %q, %q, %q, %l, %l, %y {scale = 0.5 : f64}
      : tensor<1x2x4x8xbf16>, tensor<1x2x4x8xbf16>, tensor<1x2x4x8xbf16>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4x8xbf16>
  return %dq : tensor<1x2x4x8xbf16>
}

// and a single query, whose products are with vectors.
// CHECK-LABEL: func.func @one_query
// CHECK-NOT: heddle.attention
// CHECK: return
func.func @one_query(%q: tensor<1x2x1x8xf32>, %k: tensor<1x2x4x8xf32>) -> tensor<1x2x1x8xf32> {
  %y, %l = heddle.attention %q, %k, %k {scale = 0.5 : f64}
      : tensor<1x2x1x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>
  return %y : tensor<1x2x1x8xf32>
}

// From a position on, a single query stays too: decomposed it would read keys that it does not see.
// CHECK-LABEL: func.func @position
// CHECK: heddle.attention %arg0, %arg1, %arg1 position %arg2 {causal
// CHECK: heddle.attention {{.*}} mask %{{.*}} position %arg2 {causal
// CHECK: heddle.attention_gradient {{.*}} position %arg2 {causal
// CHECK: return
func.func @position(%q: tensor<1x2x1x8xf32>, %k: tensor<1x2x4x8xf32>, %p: tensor<i64>) -> tensor<1x2x1x8xf32> {
  %m = heddle.constant dense<true> : tensor<1x1x1x4xi1>
  %y, %l = heddle.attention %q, %k, %k position %p {causal, scale = 0.5 : f64}
      : tensor<1x2x1x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32> position tensor<i64>
  %z, %lz = heddle.attention %q, %k, %k mask %m position %p {causal, scale = 0.5 : f64}
      : tensor<1x2x1x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32> mask tensor<1x1x1x4xi1> position tensor<i64>
  %dq, %dk, %dv = heddle.attention_gradient %q, %k, %k, %l, %lz, %z position %p {causal, scale = 0.5 : f64}
      : tensor<1x2x1x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x1xf32>, tensor<1x2x1xf32>, tensor<1x2x1x8xf32> position tensor<i64>
  return %dq : tensor<1x2x1x8xf32>
}

// Of another type it is decomposed, the position clamped to [0, S - T].
// CHECK-LABEL: func.func @position_f64
// CHECK-NOT: heddle.attention
// CHECK: %[[FIRST:.*]] = heddle.constant dense<0> : tensor<i32>
// CHECK: %[[LOW:.*]] = heddle.maximum %arg2, %[[FIRST]]
// CHECK: %[[LAST:.*]] = heddle.constant dense<1> : tensor<i32>
// CHECK: %[[P:.*]] = heddle.minimum %[[LOW]], %[[LAST]]
// CHECK: heddle.broadcast %[[P]] [] : tensor<i32> to tensor<1x2x3x4xi32>
// CHECK: return
func.func @position_f64(%q: tensor<1x2x3x8xf64>, %k: tensor<1x2x4x8xf64>, %p: tensor<i32>) -> tensor<1x2x3x8xf64> {
  %y, %l = heddle.attention %q, %k, %k position %p {causal, scale = 0.5 : f64}
      : tensor<1x2x3x8xf64>, tensor<1x2x4x8xf64>, tensor<1x2x4x8xf64> position tensor<i32>
  return %y : tensor<1x2x3x8xf64>
}

// A mask stays.
// CHECK-LABEL: func.func @mask
// CHECK: heddle.attention %arg0, %arg0, %arg0 mask
// CHECK: heddle.attention_gradient {{.*}} mask
// CHECK: return
func.func @mask(%q: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %m = heddle.constant dense<true> : tensor<1x1x1x4xi1>
  %y, %l = heddle.attention %q, %q, %q mask %m {scale = 0.5 : f64}
      : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32> mask tensor<1x1x1x4xi1>
  %dq, %dk, %dv = heddle.attention_gradient %q, %q, %q, %l, %l, %y mask %m {scale = 0.5 : f64}
      : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4x8xf32> mask tensor<1x1x1x4xi1>
  return %dq : tensor<1x2x4x8xf32>
}
