// RUN: heddle-opt --heddle-normalize-reductions="serial-limit=64" --remarks-filter=heddle-normalize-reductions --verify-diagnostics %s -o /dev/null

func.func @middle(%x: tensor<2x3x4xf32>) -> tensor<2x4xf32> {
  // expected-remark @below {{[Missed] Transposed | Category:heddle-normalize-reductions | Function=middle | Reason="it reduces neither the first nor the last dimensions", Remark="what reduce_sum takes (96 bytes) is transposed first"}}
  %0 = heddle.reduce_sum %x [1] : tensor<2x3x4xf32>
  return %0 : tensor<2x4xf32>
}

func.func @all(%x: tensor<16x32xf32>) -> tensor<f32> {
  // expected-remark @below {{[Passed] Split | Category:heddle-normalize-reductions | Function=all | Reason="the first of them runs on all threads", Remark="reduce_sum of 512 elements is two kernels"}}
  %0 = heddle.reduce_sum %x [0, 1] : tensor<16x32xf32>
  return %0 : tensor<f32>
}

func.func @rows(%x: tensor<2x3x4xf32>) -> tensor<2xf32> {
  %0 = heddle.reduce_sum %x [1, 2] : tensor<2x3x4xf32>
  return %0 : tensor<2xf32>
}
