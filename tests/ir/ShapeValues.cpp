//===- ShapeValues.cpp - values of constants and changes of shape ----------===//

#include "ValueCases.h"

namespace heddle::test {

std::vector<ValueCase> shapeValues() {
  const Argument twoByThree = {"2x3xf32", {1, 2, 3, 4, 5, 6}};
  const Argument cube = {"2x2x3xf32", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}};
  auto at = [](double index) { return Argument{"i32", {index}}; };
  return {
      {"heddle.constant dense<[[1.5, -2.0]]> : tensor<1x2xf32>", {}, {1.5, -2}},
      {"heddle.constant dense<0.5> : tensor<2xbf16>", {}, {0.5, 0.5}},
      {"heddle.constant dense<-7> : tensor<2x2xi8>", {}, {-7, -7, -7, -7}},
      {"heddle.constant dense<[true, false]> : tensor<2xi1>", {}, {1, 0}}, // not -1
      {"heddle.constant dense<true> : tensor<2xi1>", {}, {1, 1}},
      {"heddle.constant dense<> : tensor<0x2xf32>", {}, {}},

      {"heddle.iota {dimension = 1 : i64} : tensor<2x3xi32>", {}, {0, 1, 2, 0, 1, 2}},
      {"heddle.iota {dimension = 0 : i64} : tensor<2x3xf32>", {}, {0, 0, 0, 1, 1, 1}},
      {"heddle.iota {dimension = 1 : i64} : tensor<2x0xi32>", {}, {}},

      {"heddle.reshape %0 : tensor<2x3xf32> to tensor<3x2x1xf32>",
       {twoByThree},
       {1, 2, 3, 4, 5, 6}},
      {"heddle.reshape %0 : tensor<1x1xf32> to tensor<f32>", {{"1x1xf32", {7}}}, {7}},
      {"heddle.reshape %0 : tensor<0x4xf32> to tensor<3x0xf32>", {{"0x4xf32", {}}}, {}},

      {"heddle.transpose %0 [1, 0] : tensor<2x3xf32>", {twoByThree}, {1, 4, 2, 5, 3, 6}},
      // y[a, b, c] = x[b, c, a]: the inverse permutation would give another order.
      {"heddle.transpose %0 [2, 0, 1] : tensor<2x2x3xf32>",
       {cube},
       {0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}},
      {"heddle.transpose %0 [] : tensor<f32>", {{"f32", {3}}}, {3}},

      {"heddle.broadcast %0 [1] : tensor<2xf32> to tensor<3x2xf32>",
       {{"2xf32", {1, 2}}},
       {1, 2, 1, 2, 1, 2}},
      {"heddle.broadcast %0 [0] : tensor<2xf32> to tensor<2x3xf32>",
       {{"2xf32", {1, 2}}},
       {1, 1, 1, 2, 2, 2}},
      {"heddle.broadcast %0 [0, 1] : tensor<2x1xf32> to tensor<2x2xf32>",
       {{"2x1xf32", {1, 2}}},
       {1, 1, 2, 2}},
      {"heddle.broadcast %0 [0, 2] : tensor<1x2xf32> to tensor<2x2x2xf32>",
       {{"1x2xf32", {1, 2}}},
       {1, 2, 1, 2, 1, 2, 1, 2}},
      {"heddle.broadcast %0 [] : tensor<i1> to tensor<2xi1>", {{"i1", {1}}}, {1, 1}},
      {"heddle.broadcast %0 [0] : tensor<1xf32> to tensor<0xf32>", {{"1xf32", {1}}}, {}},

      {"heddle.slice %0 [0, 1] to [2, 3] by [1, 1] : tensor<2x3xf32>", {twoByThree}, {2, 3, 5, 6}},
      {"heddle.slice %0 [1, 0] to [2, 3] by [3, 2] : tensor<2x3xf32>", {twoByThree}, {4, 6}},
      {"heddle.slice %0 [0, 3] to [2, 3] by [1, 1] : tensor<2x3xf32>",
       {twoByThree},
       {}}, // starts at the end

      {"heddle.pad %0 low [1, 0] high [0, 2] interior [0, 1] : tensor<1x2xf32>",
       {{"1x2xf32", {1, 2}}},
       {0, 0, 0, 0, 0, 1, 0, 2, 0, 0}},
      {"heddle.pad %0 low [1] high [1] interior [5] : tensor<1xf32>",
       {{"1xf32", {4}}},
       {0, 4, 0}}, // no neighbours
      {"heddle.pad %0 low [1] high [1] interior [5] : tensor<0xi32>", {{"0xi32", {}}}, {0, 0}},

      {"heddle.concat %0, %1 {dimension = 1 : i64} : tensor<2x3xf32>, tensor<2x1xf32>",
       {twoByThree, {"2x1xf32", {7, 8}}},
       {1, 2, 3, 7, 4, 5, 6, 8}},
      {"heddle.concat %0, %1, %0 {dimension = 0 : i64} : tensor<1xf32>, tensor<0xf32>, "
       "tensor<1xf32>",
       {{"1xf32", {1}}, {"0xf32", {}}},
       {1, 1}},

      {"heddle.dynamic_slice %0 at %1, %2 sizes [1, 2] : tensor<2x3xf32>, tensor<i32>, tensor<i32>",
       {twoByThree, at(1), at(0)},
       {4, 5}},
      // Clamped at both ends.
      {"heddle.dynamic_slice %0 at %1, %2 sizes [1, 2] : tensor<2x3xf32>, tensor<i32>, tensor<i32>",
       {twoByThree, at(-1), at(2)},
       {2, 3}},
      {"heddle.dynamic_slice %0 at %1, %2 sizes [2, 0] : tensor<2x3xf32>, tensor<i32>, tensor<i32>",
       {twoByThree, at(1), at(9)},
       {}},
      {"heddle.dynamic_slice %0 at %1 sizes [1] : tensor<2xf32>, tensor<i64>",
       {{"2xf32", {1, 2}}, {"i64", {4294967296}}},
       {2}},

      {"heddle.dynamic_update_slice %0, %1 at %2, %3 : tensor<2x3xf32>, tensor<1x2xf32>, "
       "tensor<i32>, tensor<i32>",
       {twoByThree, {"1x2xf32", {8, 9}}, at(0), at(1)},
       {1, 8, 9, 4, 5, 6}},
      {"heddle.dynamic_update_slice %0, %1 at %2, %3 : tensor<2x3xf32>, tensor<1x2xf32>, "
       "tensor<i32>, tensor<i32>",
       {twoByThree, {"1x2xf32", {8, 9}}, at(7), at(-7)},
       {1, 2, 3, 8, 9, 6}},
      {"heddle.dynamic_update_slice %0, %1 at %2 : tensor<2xf32>, tensor<0xf32>, tensor<i32>",
       {{"2xf32", {1, 2}}, {"0xf32", {}}, at(1)},
       {1, 2}},
  };
}

} // namespace heddle::test
