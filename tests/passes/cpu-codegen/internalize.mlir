// RUN: heddle-opt --heddle-cpu-internalize --verify-diagnostics --split-input-file %s | FileCheck %s

// What has a body, or a value, is for this module alone, and kernels stay out of line.
// CHECK: llvm.mlir.global internal constant @table(dense<1.000000e+00> : tensor<4xf32>)
llvm.mlir.global external constant @table(dense<1.0> : tensor<4xf32>) : !llvm.array<4 x f32>
// CHECK: llvm.mlir.global internal @zero() {addr_space = 0 : i32} : i64
llvm.mlir.global external @zero() : i64 {
  %0 = llvm.mlir.zero : i64
  llvm.return %0 : i64
}
// CHECK: llvm.func internal @fn.f(%{{.*}}: !llvm.ptr) attributes {{{.*}}no_inline}
llvm.func @fn.f(%run: !llvm.ptr) {
  llvm.call @kernel_0(%run) : (!llvm.ptr) -> ()
  llvm.return
}
// CHECK: llvm.func internal @kernel_0(%{{.*}}: !llvm.ptr) attributes {{{.*}}no_inline}
llvm.func internal @kernel_0(%pointers: !llvm.ptr) {
  llvm.return
}

// What is only declared is found elsewhere.
// CHECK: llvm.mlir.global external @elsewhere()
llvm.mlir.global external @elsewhere() : i64
// CHECK: llvm.func @expf(f32) -> f32
// CHECK-NOT: no_inline
llvm.func @expf(f32) -> f32

// -----

llvm.func @left(%x: f128) -> f128 {
  // expected-error @below {{'math.exp' op has no lowering on the CPU, or none for these types}}
  %0 = math.exp %x : f128
  llvm.return %0 : f128
}

// -----

// A function too.
// expected-error @below {{'func.func' op has no lowering on the CPU, or none for these types}}
func.func private @declared(tensor<4xf32>)
