// RUN: heddle-opt --heddle-cpu-plan --split-input-file %s | FileCheck %s
// RUN: heddle-opt --heddle-cpu-plan=contractions=library --split-input-file %s | FileCheck %s --check-prefix=LIBRARY
// RUN: heddle-opt --heddle-cpu-plan=vector-bits=512\ vector-registers=32 --split-input-file %s | FileCheck %s --check-prefix=WIDE
// RUN: heddle-opt --heddle-cpu-plan --remarks-filter=heddle-cpu-plan --split-input-file %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: heddle-opt --heddle-cpu-plan=contractions=library --remarks-filter=heddle-cpu-plan --split-input-file %s -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ASKED
// REMARK-NOT: Function=layers
// REMARK: [Analysis] Library | Category:heddle-cpu-plan | Function=vector | Reason="it is empty", Remark="matrix product is done by oneDNN"
// REMARK: Function=strided | Reason="it is with a vector whose elements do not lie next to each other", Remark="matrix product is done by oneDNN"
// ASKED: [Analysis] Library | Category:heddle-cpu-plan | Function=layers | Reason="it was asked for all products", Remark="matrix product is done by oneDNN"

// A product becomes a kernel whose tile is two vectors wide, and as high as registers allow (6 rows with AVX2, 14 with
// AVX-512) where that leaves no tile short: 12 rows are two tiles of 6, or one of 12. It takes the bias in its stride. Two
// equal products share a kernel. With AVX-512, 16 columns are one vector. The lines of a tile are fetched in its inner loop.
// CHECK-LABEL: func.func @fn.layers
// CHECK-SAME: heddle.contractions = []
// CHECK-COUNT-2: call @hd_parallel_for
// CHECK: llvm.func internal @matmul_0
// CHECK-NOT: rw = 1
// CHECK: scf.for {{.*}} iter_args
// CHECK: "llvm.intr.prefetch"(%{{.*}}) <{cache = 1 : i32, hint = 3 : i32, rw = 1 : i32}>
// CHECK-COUNT-24: math.fma {{.*}} : vector<16xf32>
// CHECK-NOT: math.fma
// CHECK-NOT: @matmul_1
// LIBRARY-LABEL: func.func @fn.layers
// LIBRARY-NOT: hd_parallel_for
// LIBRARY-COUNT-2: call @hd_contract
// LIBRARY-NOT: math.fma
// WIDE: llvm.func internal @matmul_0
// WIDE-COUNT-48: math.fma {{.*}} : vector<16xf32>
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

// A product with a vector moves the matrix once, in the order in which it lies: four rows at once if these are along the
// contracted dimension, else eight of its steps at once. An empty sum goes to the library.
// CHECK-LABEL: func.func @fn.vector
// CHECK-COUNT-2: call @hd_parallel_for
// CHECK: call @hd_contract
// CHECK: llvm.func internal @matmul_0
// CHECK-COUNT-8: math.fma {{.*}} : vector<8xf32>
// CHECK-NOT: math.fma
// CHECK: llvm.func internal @matmul_1
// CHECK-COUNT-8: math.fma {{.*}} : vector<8xf32>
// CHECK-COUNT-4: vector.reduction <add>
// CHECK-NOT: math.fma
// LIBRARY-LABEL: func.func @fn.vector
// LIBRARY-COUNT-3: call @hd_contract
// WIDE: func.func @fn.vector
func.func @vector(%x: tensor<1x16xf32> {heddle.name = "x", heddle.kind = "input"},
                  %y: tensor<16x16xf32> {heddle.name = "y", heddle.kind = "input"},
                  %e: tensor<4x0xf32> {heddle.name = "e", heddle.kind = "input"},
                  %f: tensor<0x4xf32> {heddle.name = "f", heddle.kind = "input"}) -> (tensor<1x16xf32>, tensor<1x16xf32>, tensor<4x4xf32>) {
  %0 = heddle.contraction %x, %y batch [] x [] contract [1] x [0] : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %1 = heddle.contraction %x, %y batch [] x [] contract [1] x [1] : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %2 = heddle.contraction %e, %f batch [] x [] contract [1] x [0] : (tensor<4x0xf32>, tensor<0x4xf32>) -> tensor<4x4xf32>
  return %0, %1, %2 : tensor<1x16xf32>, tensor<1x16xf32>, tensor<4x4xf32>
}

// -----

// A vector whose elements are not neighbours is none that could be read in vectors, along a matrix whose are: the
// library copies it. As a kernel of the module, which a user may ask for, it is a product like any other.
// CHECK-LABEL: func.func @fn.strided
// CHECK: call @hd_contract
// CHECK-NOT: math.fma
func.func @strided(%x: tensor<16x3xf32> {heddle.name = "x", heddle.kind = "input"},
                   %y: tensor<16x16xf32> {heddle.name = "y", heddle.kind = "input"}) -> tensor<16x1xf32> {
  %0 = heddle.slice %x [0, 1] to [16, 2] by [1, 1] : tensor<16x3xf32>
  %1 = heddle.contraction %y, %0 batch [] x [] contract [1] x [0] : (tensor<16x16xf32>, tensor<16x1xf32>) -> tensor<16x1xf32>
  return %1 : tensor<16x1xf32>
}

// -----

// With AVX-512, 27 rows are a tile of 14 and one of 13, each with code of its own. The rows of %x are read where they
// lie: there is scratch for panels of %y and for a tile that the columns cut. Those of %p are a page apart, and packed.
// CHECK-LABEL: func.func @fn.rows
// WIDE-LABEL: func.func @fn.rows
// WIDE: llvm.func internal @[[NEAR:matmul_[0-9]+]]
// WIDE-COUNT-2: llvm.alloca
// WIDE-NOT: llvm.alloca
// WIDE-COUNT-56: math.fma {{.*}} : vector<32xf32>
// WIDE: else
// WIDE-COUNT-52: math.fma {{.*}} : vector<32xf32>
// WIDE-NOT: math.fma
// WIDE: llvm.func internal @[[FAR:matmul_[0-9]+]]
// WIDE-COUNT-3: llvm.alloca
// WIDE-COUNT-56: math.fma {{.*}} : vector<32xf32>
// WIDE: else
// WIDE-COUNT-52: math.fma {{.*}} : vector<32xf32>
func.func @rows(%x: tensor<27x24xf32> {heddle.name = "x", heddle.kind = "input"},
                %p: tensor<27x1024xf32> {heddle.name = "p", heddle.kind = "input"},
                %y: tensor<24x40xf32> {heddle.name = "y", heddle.kind = "input"},
                %z: tensor<1024x40xf32> {heddle.name = "z", heddle.kind = "input"}) -> (tensor<27x40xf32>, tensor<27x40xf32>) {
  %0 = heddle.contraction %x, %y batch [] x [] contract [1] x [0] : (tensor<27x24xf32>, tensor<24x40xf32>) -> tensor<27x40xf32>
  %1 = heddle.contraction %p, %z batch [] x [] contract [1] x [0] : (tensor<27x1024xf32>, tensor<1024x40xf32>) -> tensor<27x40xf32>
  return %0, %1 : tensor<27x40xf32>, tensor<27x40xf32>
}
