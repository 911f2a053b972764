// RUN: not heddle-opt --heddle-cpu-plan=vector-bits=0 %s 2>&1 | FileCheck %s
// RUN: not heddle-opt --heddle-cpu-plan=vector-registers=0 %s 2>&1 | FileCheck %s
// RUN: not heddle-opt --heddle-cpu-plan=contractions=both %s 2>&1 | FileCheck %s --check-prefix=PROVIDER

// CHECK: a vector has 128, 256 or 512 bits, and there are 8 or more of them
// PROVIDER: both
func.func @f(%x: tensor<4xf32> {heddle.name = "x", heddle.kind = "input"}) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
