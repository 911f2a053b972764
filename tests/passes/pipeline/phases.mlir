// RUN: heddle-opt --to=differentiate %s | FileCheck %s --check-prefix=DIFFERENTIATE
// RUN: heddle-opt --to=simplify %s | FileCheck %s --check-prefix=SIMPLIFY
// RUN: heddle-opt --to=fuse %s | FileCheck %s --check-prefix=FUSE
// RUN: heddle-opt --heddle-pipeline="to=fuse" %s | FileCheck %s --check-prefix=FUSE
// RUN: heddle-opt --to=plan %s | FileCheck %s --check-prefix=PLAN
// RUN: heddle-opt --to=codegen %s | FileCheck %s --check-prefix=CODEGEN

// A phase takes up where the one before it ended.
// RUN: heddle-opt --to=simplify %s | heddle-opt --from=fuse --to=fuse | FileCheck %s --check-prefix=FUSE
// RUN: heddle-opt --to=fuse %s | heddle-opt --from=plan | FileCheck %s --check-prefix=CODEGEN

// Passes that are named one by one run after the phases.
// RUN: heddle-opt --to=differentiate --heddle-decompose %s | FileCheck %s --check-prefix=SIMPLIFY

// Phases that are not asked for do not run, nor do any without --from and --to.
// RUN: not heddle-opt --from=simplify --to=simplify %s 2>&1 | FileCheck %s --check-prefix=SKIPPED
// RUN: heddle-opt %s | FileCheck %s --check-prefix=NONE

// DIFFERENTIATE-NOT: heddle.gradient
// DIFFERENTIATE: heddle.silu
// SIMPLIFY-NOT: heddle.silu
// SIMPLIFY: heddle.sigmoid
// SIMPLIFY-NOT: heddle.silu
// FUSE: heddle.fusion
// FUSE: kind = "rows"
// PLAN-NOT: heddle.fusion
// PLAN: func.func @fn.f({{.*}}memref<{{[0-9]+}}xi8>) attributes {heddle.arena_bytes
// PLAN: call @hd_parallel_for
// CODEGEN-NOT: func.func
// CODEGEN: llvm.func internal @fn.f
// SKIPPED: error: is left after phase differentiate
// NONE: heddle.silu
// NONE: heddle.gradient
func.func @f(%x: tensor<4xf32> {heddle.name = "x", heddle.kind = "input"}) -> tensor<4xf32> {
  %0 = heddle.silu %x : tensor<4xf32>
  %1 = heddle.reduce_sum %0 [0] : tensor<4xf32>
  %2 = heddle.gradient %1 wrt %x : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}
