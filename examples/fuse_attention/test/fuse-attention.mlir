// RUN: %heddle-opt %s --load-pass-plugin=%plugin --pass-pipeline="builtin.module(func.func(fuse-attention))" | FileCheck %s
// RUN: %heddle-opt %s --load-pass-plugin=%plugin --pass-pipeline="builtin.module(func.func(fuse-attention))" --validate=0,1,2 2>&1 >%t | FileCheck %s --check-prefix=SAME
// RUN: %heddle-opt %s --load-pass-plugin=%plugin --pass-pipeline="builtin.module(func.func(fuse-attention{min-keys=7}))" | FileCheck %s --check-prefix=FEW
// RUN: %heddle-opt %s --load-pass-plugin=%plugin --pass-pipeline="builtin.module(func.func(fuse-attention))" --remarks-filter=fuse-attention 2>&1 >%t | FileCheck %s --check-prefix=REMARK

// SAME: 7 passes validated: 2 functions compared, 5 left alone, 0 different, 0 skipped
// FEW-NOT: heddle.attention

// CHECK-LABEL: @scaled(
// CHECK-SAME: %[[Q:[a-z0-9]+]]: {{.*}}, %[[K:[a-z0-9]+]]: {{.*}}, %[[V:[a-z0-9]+]]: {{.*}})
// CHECK: %[[Y:.*]], %{{.*}} = heddle.attention %[[Q]], %[[K]], %[[V]] {scale = 2.500000e-01 : f64}
// CHECK: return %[[Y]]
func.func @scaled(%q: tensor<2x3x5x16xf32>, %k: tensor<2x3x6x16xf32>, %v: tensor<2x3x6x8xf32>) -> tensor<2x3x5x8xf32> {
  %scale = heddle.constant dense<0.25> : tensor<2x3x5x6xf32>
  %s = heddle.dot_general %q, %k batch [0, 1] x [0, 1] contract [3] x [3] : tensor<2x3x5x16xf32>, tensor<2x3x6x16xf32>
  %scaled = heddle.mul %scale, %s : tensor<2x3x5x6xf32>
  %p = heddle.softmax %scaled {dimension = 3 : i64} : tensor<2x3x5x6xf32>
  // REMARK: :[[@LINE+1]]:{{[0-9]+}}: remark: [Passed] Fused | {{.*}}Remark="attention is fused"
  %y = heddle.dot_general %p, %v batch [0, 1] x [0, 1] contract [3] x [2] : tensor<2x3x5x6xf32>, tensor<2x3x6x8xf32>
  return %y : tensor<2x3x5x8xf32>
}

// The keys are transposed, and the scores divided.
// CHECK-LABEL: @transposed(
// CHECK: %[[K:.*]] = heddle.transpose %{{.*}} [0, 1, 3, 2] : tensor<2x3x16x6xf32>
// CHECK: heddle.attention %{{.*}}, %[[K]], %{{.*}} {scale = 2.500000e-01 : f64}
func.func @transposed(%q: tensor<2x3x5x16xf32>, %k: tensor<2x3x16x6xf32>, %v: tensor<2x3x6x8xf32>) -> tensor<2x3x5x8xf32> {
  %root = heddle.constant dense<4.0> : tensor<2x3x5x6xf32>
  %s = heddle.dot_general %q, %k batch [0, 1] x [0, 1] contract [3] x [2] : tensor<2x3x5x16xf32>, tensor<2x3x16x6xf32>
  %scaled = heddle.div %s, %root : tensor<2x3x5x6xf32>
  %p = heddle.softmax %scaled {dimension = 3 : i64} : tensor<2x3x5x6xf32>
  // REMARK: :[[@LINE+1]]:{{[0-9]+}}: remark: [Passed] Fused | {{.*}}Remark="attention is fused"
  %y = heddle.dot_general %p, %v batch [0, 1] x [0, 1] contract [3] x [2] : tensor<2x3x5x6xf32>, tensor<2x3x6x8xf32>
  return %y : tensor<2x3x5x8xf32>
}

// What it must not touch.
// CHECK-LABEL: @probabilities_returned(
// CHECK-NOT: heddle.attention
func.func @probabilities_returned(%q: tensor<2x3x5x16xf32>, %k: tensor<2x3x6x16xf32>, %v: tensor<2x3x6x8xf32>)
    -> (tensor<2x3x5x8xf32>, tensor<2x3x5x6xf32>) {
  %s = heddle.dot_general %q, %k batch [0, 1] x [0, 1] contract [3] x [3] : tensor<2x3x5x16xf32>, tensor<2x3x6x16xf32>
  %p = heddle.softmax %s {dimension = 3 : i64} : tensor<2x3x5x6xf32>
  // REMARK: :[[@LINE+1]]:{{[0-9]+}}: remark: [Missed] NotFused | {{.*}}Reason="its probabilities are used elsewhere too"
  %y = heddle.dot_general %p, %v batch [0, 1] x [0, 1] contract [3] x [2] : tensor<2x3x5x6xf32>, tensor<2x3x6x8xf32>
  return %y, %p : tensor<2x3x5x8xf32>, tensor<2x3x5x6xf32>
}

// CHECK-LABEL: @scores_returned(
// CHECK-NOT: heddle.attention
func.func @scores_returned(%q: tensor<2x3x5x16xf32>, %k: tensor<2x3x6x16xf32>, %v: tensor<2x3x6x8xf32>)
    -> (tensor<2x3x5x8xf32>, tensor<2x3x5x6xf32>) {
  %s = heddle.dot_general %q, %k batch [0, 1] x [0, 1] contract [3] x [3] : tensor<2x3x5x16xf32>, tensor<2x3x6x16xf32>
  %p = heddle.softmax %s {dimension = 3 : i64} : tensor<2x3x5x6xf32>
  // REMARK: :[[@LINE+1]]:{{[0-9]+}}: remark: [Missed] NotFused | {{.*}}Reason="its scores are used elsewhere too"
  %y = heddle.dot_general %p, %v batch [0, 1] x [0, 1] contract [3] x [2] : tensor<2x3x5x6xf32>, tensor<2x3x6x8xf32>
  return %y, %s : tensor<2x3x5x8xf32>, tensor<2x3x5x6xf32>
}

// CHECK-LABEL: @over_queries(
// CHECK-NOT: heddle.attention
func.func @over_queries(%q: tensor<2x3x6x16xf32>, %k: tensor<2x3x6x16xf32>, %v: tensor<2x3x6x8xf32>) -> tensor<2x3x6x8xf32> {
  %s = heddle.dot_general %q, %k batch [0, 1] x [0, 1] contract [3] x [3] : tensor<2x3x6x16xf32>, tensor<2x3x6x16xf32>
  %p = heddle.softmax %s {dimension = 2 : i64} : tensor<2x3x6x6xf32>
  // REMARK: :[[@LINE+1]]:{{[0-9]+}}: remark: [Missed] NotFused | {{.*}}Reason="the softmax is not along the last dimension"
  %y = heddle.dot_general %p, %v batch [0, 1] x [0, 1] contract [3] x [2] : tensor<2x3x6x6xf32>, tensor<2x3x6x8xf32>
  return %y : tensor<2x3x6x8xf32>
}

// CHECK-LABEL: @masked(
// CHECK-NOT: heddle.attention
func.func @masked(%q: tensor<2x3x5x16xf32>, %k: tensor<2x3x6x16xf32>, %v: tensor<2x3x6x8xf32>, %m: tensor<2x3x5x6xf32>) -> tensor<2x3x5x8xf32> {
  %s = heddle.dot_general %q, %k batch [0, 1] x [0, 1] contract [3] x [3] : tensor<2x3x5x16xf32>, tensor<2x3x6x16xf32>
  %masked = heddle.add %s, %m : tensor<2x3x5x6xf32>
  %p = heddle.softmax %masked {dimension = 3 : i64} : tensor<2x3x5x6xf32>
  // REMARK: :[[@LINE+1]]:{{[0-9]+}}: remark: [Missed] NotFused | {{.*}}Reason="its scores are not a product of queries and keys, or that times a number"
  %y = heddle.dot_general %p, %v batch [0, 1] x [0, 1] contract [3] x [2] : tensor<2x3x5x6xf32>, tensor<2x3x6x8xf32>
  return %y : tensor<2x3x5x8xf32>
}

// Rows of scores without heads, and the same keys for all queries: other products.
// CHECK-LABEL: @pooled(
// CHECK-NOT: heddle.attention
func.func @pooled(%s: tensor<5x6xf32>, %v: tensor<6x8xf32>) -> tensor<5x8xf32> {
  %p = heddle.softmax %s {dimension = 1 : i64} : tensor<5x6xf32>
  // REMARK: :[[@LINE+1]]:{{[0-9]+}}: remark: [Missed] NotFused | {{.*}}Reason="expected [batch, heads, T, S] times [batch, heads, S, E]"
  %y = heddle.dot_general %p, %v batch [] x [] contract [1] x [0] : tensor<5x6xf32>, tensor<6x8xf32>
  return %y : tensor<5x8xf32>
}
