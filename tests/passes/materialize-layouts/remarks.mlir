// RUN: heddle-opt --heddle-materialize-layouts --remarks-filter=heddle-materialize-layouts --verify-diagnostics %s -o /dev/null

func.func @merged(%x: tensor<4x8xf32>) -> tensor<32xf32> {
  // expected-remark-re @below {{[Missed] LayoutCopied | Category:heddle-materialize-layouts | Function=merged | Reason="reshape (remarks.mlir:{{[0-9]+}}) needs its elements in another order than in memory", Remark="the result of transpose (128 bytes) is copied"}}
  %0 = heddle.transpose %x [1, 0] : tensor<4x8xf32>
  %1 = heddle.reshape %0 : tensor<8x4xf32> to tensor<32xf32>
  return %1 : tensor<32xf32>
}

func.func @returned(%x: tensor<4x8xf32>) -> tensor<8x4xf32> {
  // expected-remark @below {{Reason="the function returns it, in another order than it has in memory"}}
  %0 = heddle.transpose %x [1, 0] : tensor<4x8xf32>
  return %0 : tensor<8x4xf32>
}

// A reshape that needs no copy.
func.func @view(%x: tensor<4x8xf32>) -> tensor<32xf32> {
  %0 = heddle.reshape %x : tensor<4x8xf32> to tensor<32xf32>
  return %0 : tensor<32xf32>
}
