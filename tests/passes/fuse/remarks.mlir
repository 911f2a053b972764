// RUN: heddle-opt --heddle-fuse="max-operands=4" --remarks-filter=heddle-fuse --verify-diagnostics %s -o /dev/null

func.func @together(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  // expected-remark-re @below {{[Passed] Fused | Category:heddle-fuse | Function=together | Remark="one kernel of 2 ops: mul and exp (remarks.mlir:{{[0-9]+}})"}}
  %0 = heddle.mul %a, %b : tensor<4xf32>
  %1 = heddle.exp %0 : tensor<4xf32>
  return %1 : tensor<4xf32>
}

// Nothing is said of what stands alone, or reads arguments and single numbers only.
func.func @alone(%a: tensor<4xf32>, %s: tensor<f32>) -> tensor<4xf32> {
  %0 = heddle.exp %s : tensor<f32>
  %1 = heddle.reshape %0 : tensor<f32> to tensor<1xf32>
  %2 = heddle.broadcast %1 [0] : tensor<1xf32> to tensor<4xf32>
  %3 = heddle.mul %a, %2 : tensor<4xf32>
  return %3 : tensor<4xf32>
}

func.func @limit(%a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = heddle.mul %a, %b : tensor<4xf32>
  // expected-remark @below {{[Passed] Fused}}
  %1 = heddle.exp %c : tensor<4xf32>
  // expected-remark-re @below {{[Missed] NotFused | Category:heddle-fuse | Function=limit | Reason="together they would have more than 4 operands and results", Remark="add does not share a kernel with the mul (remarks.mlir:{{[0-9]+}}) that it reads"}}
  %2 = heddle.add %0, %1 : tensor<4xf32>
  return %0, %2 : tensor<4xf32>, tensor<4xf32>
}

// Read by a product and by another kernel, after the product. What products take along is the backend's to say.
func.func @between(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = heddle.exp %x : tensor<8x8xf32>
  %1 = heddle.contraction %0, %0 batch [] x [] contract [1] x [0] : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  // expected-remark-re @below {{Reason="matrix product (remarks.mlir:{{[0-9]+}}) lies between them, and is in neither kernel", Remark="add does not share a kernel with the exp (}}
  %2 = heddle.add %0, %1 : tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}

func.func @across(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = heddle.reduce_sum %x [1] : tensor<8x8xf32>
  %1 = heddle.broadcast %0 [1] : tensor<8xf32> to tensor<8x8xf32>
  // expected-remark @below {{Reason="a value between them is broadcast along other dimensions than those of a row"}}
  %2 = heddle.add %x, %1 : tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}

func.func @by_index(%x: tensor<8x8xf32>, %i: tensor<3xi32>) -> tensor<3x8xf32> {
  %0 = heddle.exp %x : tensor<8x8xf32>
  // expected-remark @below {{Reason="their kernels go over other shapes, [8, 8] and [3, 8]", Remark="gather does not share a kernel with the exp}}
  %1 = heddle.gather %0, %i : tensor<8x8xf32>, tensor<3xi32>
  return %1 : tensor<3x8xf32>
}
func.func @by_index_of_its_shape(%x: tensor<8x8xf32>, %i: tensor<8xi32>) -> tensor<8x8xf32> {
  %0 = heddle.exp %x : tensor<8x8xf32>
  // expected-remark @below {{Reason="gather reads it at places that it computes"}}
  %1 = heddle.gather %0, %i : tensor<8x8xf32>, tensor<8xi32>
  return %1 : tensor<8x8xf32>
}

// The sum over the other axis is in another kernel than the maximum of each row.
func.func @other_axis(%x: tensor<8x16xf32>) -> tensor<16xf32> {
  %0 = heddle.reduce_max %x [1] : tensor<8x16xf32>
  // expected-remark-re @below {{Remark="one kernel of 2 ops: sub (remarks.mlir:{{[0-9]+}}) and reduce_sum (}}
  %1 = heddle.broadcast %0 [0] : tensor<8xf32> to tensor<8x16xf32>
  // expected-remark @below {{[Passed] ComputedByReaders | Category:heddle-fuse | Function=other_axis | Remark="sub (512 bytes) is not written to memory, but computed by another kernel that reads it"}}
  %2 = heddle.sub %x, %1 : tensor<8x16xf32>
  // expected-remark @below {{Reason="reduce_sum reduces over the first dimensions, which is done a column at a time"}}
  %3 = heddle.reduce_sum %2 [0] : tensor<8x16xf32>
  return %3 : tensor<16xf32>
}

func.func @view_between(%x: tensor<8x16xf32>) -> tensor<16x8xf32> {
  %0 = heddle.exp %x : tensor<8x16xf32>
  %1 = heddle.transpose %0 [1, 0] : tensor<8x16xf32>
  // expected-remark-re @below {{Reason="transpose (remarks.mlir:{{[0-9]+}}) lies between them, a view of memory", Remark="neg does not share a kernel with the exp (}}
  %2 = heddle.neg %1 : tensor<16x8xf32>
  return %2 : tensor<16x8xf32>
}

func.func @own_kernel(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<16xf32> {
  %0 = heddle.exp %x : tensor<8xf32>
  // expected-remark @below {{Reason="concat is a kernel of its own", Remark="concat does not share a kernel with the exp}}
  %1 = heddle.concat %0, %y {dimension = 0 : i64} : tensor<8xf32>, tensor<8xf32>
  // expected-remark @below {{Reason="concat is a kernel of its own", Remark="neg does not share a kernel with the concat}}
  %2 = heddle.neg %1 : tensor<16xf32>
  return %2 : tensor<16xf32>
}
