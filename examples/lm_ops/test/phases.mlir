// From the op to code: the same numbers after each pass, and one kernel for what is elementwise.
// RUN: %heddle-opt %s --load-dialect-plugin=%plugin --validate=0,1,2 --to=fuse 2>%t | FileCheck %s
// RUN: FileCheck %s --check-prefix=SAME <%t
// RUN: %heddle-opt %s --load-dialect-plugin=%plugin --to=codegen | FileCheck %s --check-prefix=CODE

// SAME: 0 different, 0 skipped

module attributes {heddle.model = "lm"} {
  // CHECK-LABEL: @both(
  // CHECK-NOT: lm.swiglu
  // CHECK: heddle.fusion
  // CHECK: heddle.sigmoid
  // CHECK: lm.softcap
  // CHECK: heddle.yield
  // CHECK-NOT: heddle.fusion
  // CODE: llvm.func
  func.func @both(%x: tensor<64x32xf32> {heddle.kind = "input", heddle.name = "x"})
      -> (tensor<64x16xf32> {heddle.name = "y"}) {
    %h = lm.swiglu %x : tensor<64x32xf32>
    %y = lm.softcap %h {cap = 5.0 : f64} : tensor<64x16xf32>
    return %y : tensor<64x16xf32>
  }
}
