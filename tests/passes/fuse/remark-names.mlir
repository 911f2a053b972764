// RUN: heddle-opt --heddle-fuse --remarks-filter=heddle-fuse %s -o /dev/null 2>&1 | FileCheck %s
// RUN: heddle-opt --heddle-fuse --remarks-filter-passed=heddle-fuse %s -o /dev/null 2>&1 | FileCheck %s
// Nobody asked, or not about this:
// RUN: heddle-opt --heddle-fuse %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=NONE --allow-empty
// RUN: heddle-opt --heddle-fuse --remarks-filter-missed=heddle-fuse %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=NONE --allow-empty
// RUN: heddle-opt --heddle-fuse --remarks-filter=heddle-decompose %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=NONE --allow-empty
// NONE-NOT: remark

// What was made of an op that the user wrote has that one's name, and the user's line.
// CHECK: model.cpp:7:3: remark: [Passed] Fused | Category:heddle-fuse | Function=f | Remark="one kernel of 3 ops: silu and neg (model.cpp:9)"
// CHECK-NOT: remark
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = heddle.sigmoid %x : tensor<8xf32> loc("silu"("/home/ada/model.cpp":7:3))
  %1 = heddle.mul %x, %0 : tensor<8xf32> loc("silu"("/home/ada/model.cpp":7:3))
  %2 = heddle.neg %1 : tensor<8xf32> loc("/home/ada/model.cpp":9:3)
  return %2 : tensor<8xf32>
}
