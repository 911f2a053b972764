// RUN: env HEDDLE_DUMP=simplify,codegen heddle-opt --to=codegen %s -o /dev/null 2>&1 | FileCheck %s
// RUN: env HEDDLE_DUMP=all heddle-opt --to=plan %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=ALL
// A phase that does not run has nothing to print, but its name is known.
// RUN: env HEDDLE_DUMP=plan heddle-opt --heddle-pipeline="to=fuse" %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=LATER --allow-empty

// CHECK-NOT: after phase
// CHECK: // ----- after phase simplify -----
// CHECK: heddle.sigmoid
// CHECK: // ----- after phase codegen -----
// CHECK: llvm.func internal @fn.f
// CHECK-NOT: after phase

// ALL: after phase differentiate
// ALL: after phase simplify
// ALL: after phase fuse
// ALL: after phase plan
// ALL-NOT: after phase

// LATER-NOT: {{.}}
func.func @f(%x: tensor<4xf32> {heddle.name = "x", heddle.kind = "input"}) -> tensor<4xf32> {
  %0 = heddle.silu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
