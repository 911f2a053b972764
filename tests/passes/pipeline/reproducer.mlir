// heddle-opt's own flag, and running what it writes: the pass that failed, on what it found.
// RUN: not heddle-opt %s --from=simplify --to=fuse --mlir-disable-threading --mlir-pass-pipeline-crash-reproducer=%t.mlir --mlir-pass-pipeline-local-reproducer 2>&1 >/dev/null | FileCheck %s --check-prefix=ERROR
// RUN: FileCheck %s --input-file=%t.mlir
// RUN: not heddle-opt --run-reproducer %t.mlir 2>&1 >/dev/null | FileCheck %s --check-prefix=AGAIN
// A dump is a pass with a name: it may be among those of a reproducer.
// RUN: not heddle-opt %s --pass-pipeline="builtin.module(heddle-dump{phase=mine},heddle-verify-phase{phase=differentiate})" --mlir-pass-pipeline-crash-reproducer=%t.mlir >/dev/null 2>&1
// RUN: not heddle-opt --run-reproducer %t.mlir 2>&1 >/dev/null | FileCheck %s --check-prefix=DUMPED

// ERROR: is left after phase differentiate
// ERROR: reproducer generated at
// CHECK: heddle.gradient
// CHECK: pipeline: "builtin.module(heddle-verify-phase{keep={{.*}} phase=simplify})"
// AGAIN: is left after phase differentiate
// DUMPED: after phase mine
func.func @f(%x: tensor<f32>) -> tensor<f32> {
  %0 = heddle.silu %x : tensor<f32>
  %1 = heddle.gradient %0 wrt %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %1 : tensor<f32>
}
