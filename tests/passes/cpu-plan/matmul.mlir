// RUN: heddle-opt --heddle-cpu-plan --split-input-file %s | FileCheck %s
// RUN: heddle-opt --heddle-cpu-plan=contractions=library --split-input-file %s | FileCheck %s --check-prefix=LIBRARY
// RUN: heddle-opt --heddle-cpu-plan=vector-bits=512\ vector-registers=32 --split-input-file %s | FileCheck %s --check-prefix=WIDE

// A product becomes a kernel whose tile is two vectors wide, and as high as registers allow: 6 x 16 with AVX2, 14 x 32
// with AVX-512. It takes the bias in its stride. Two equal products share a kernel.
// CHECK-LABEL: func.func @fn.layers
// CHECK-SAME: heddle.contractions = []
// CHECK-COUNT-2: call @hd_parallel_for
// CHECK: llvm.func internal @matmul_0
// CHECK-COUNT-24: math.fma {{.*}} : vector<16xf32>
// CHECK-NOT: math.fma
// CHECK-NOT: @matmul_1
// LIBRARY-LABEL: func.func @fn.layers
// LIBRARY-NOT: hd_parallel_for
// LIBRARY-COUNT-2: call @hd_contract
// LIBRARY-NOT: math.fma
// WIDE: llvm.func internal @matmul_0
// WIDE-COUNT-56: math.fma {{.*}} : vector<32xf32>
// WIDE-NOT: math.fma
func.func @layers(%x: tensor<12x16xf32> {heddle.name = "x", heddle.kind = "input"},
                  %y: tensor<16x16xf32> {heddle.name = "y", heddle.kind = "input"},
                  %b: tensor<16xf32> {heddle.name = "b", heddle.kind = "input"}) -> tensor<12x16xf32> {
  %0 = heddle.contraction %x, %y bias %b batch [] x [] contract [1] x [0]
      : (tensor<12x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<12x16xf32>
  %1 = heddle.contraction %0, %y bias %b batch [] x [] contract [1] x [0]
      : (tensor<12x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<12x16xf32>
  return %1 : tensor<12x16xf32>
}

// -----

// A product with a vector moves the matrix once, which the library does as fast; so does an empty sum.
// CHECK-LABEL: func.func @fn.vector
// CHECK: call @hd_contract
// CHECK: call @hd_contract
// CHECK-NOT: math.fma
func.func @vector(%x: tensor<1x16xf32> {heddle.name = "x", heddle.kind = "input"},
                  %y: tensor<16x16xf32> {heddle.name = "y", heddle.kind = "input"},
                  %e: tensor<4x0xf32> {heddle.name = "e", heddle.kind = "input"},
                  %f: tensor<0x4xf32> {heddle.name = "f", heddle.kind = "input"}) -> (tensor<1x16xf32>, tensor<4x4xf32>) {
  %0 = heddle.contraction %x, %y batch [] x [] contract [1] x [0] : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %1 = heddle.contraction %e, %f batch [] x [] contract [1] x [0] : (tensor<4x0xf32>, tensor<0x4xf32>) -> tensor<4x4xf32>
  return %0, %1 : tensor<1x16xf32>, tensor<4x4xf32>
}
