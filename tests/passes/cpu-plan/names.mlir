// RUN: heddle-opt --heddle-cpu-plan --split-input-file %s | FileCheck %s

// A model's functions may be called what kernels, and the runtime's functions, are called.
// CHECK-DAG: llvm.func @hd_contract
// CHECK-DAG: func.func @fn.hd_contract{{.*}} heddle.entry = "hd_contract"
// CHECK-DAG: func.func @fn.kernel_0{{.*}} heddle.entry = "kernel_0"
// CHECK-DAG: llvm.func internal @kernel_0
func.func @hd_contract(%x: tensor<64xf32> {heddle.name = "x", heddle.kind = "input"}) -> tensor<64xf32> {
  return %x : tensor<64xf32>
}
func.func @kernel_0(%x: tensor<64xf32> {heddle.name = "x", heddle.kind = "input"}) -> tensor<64xf32> {
  return %x : tensor<64xf32>
}

// -----

// What is planned already, in the LLVM dialect, is left as it is.
// CHECK: llvm.func @other() {
// CHECK-NEXT: llvm.return
llvm.func @other() {
  llvm.return
}
