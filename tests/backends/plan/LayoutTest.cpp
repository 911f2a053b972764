//===- LayoutTest.cpp - views are layouts ----------------------------------===//

#include "heddle/cpu/Layout.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using heddle::cpu::Layout;

namespace {
struct Layouts : testing::Test {
  mlir::MLIRContext context;
  Layout dense(llvm::ArrayRef<int64_t> shape) {
    return Layout::dense(mlir::RankedTensorType::get(shape, mlir::Float32Type::get(&context)));
  }
  static std::vector<int64_t> vec(llvm::ArrayRef<int64_t> values) { return values.vec(); }
};

TEST_F(Layouts, SplittingHeadsOfAFusedProjectionIsAView) {
  // [batch, T, 3 C] -> k of it -> [batch, T, heads, D] -> [batch, heads, T, D]
  Layout k = dense({2, 7, 24}).sliced({0, 0, 8}, {2, 7, 16}, {1, 1, 1});
  EXPECT_FALSE(k.isDense());
  auto heads = k.reshaped({2, 7, 2, 4});
  ASSERT_TRUE(heads);
  Layout moved = heads->transposed({0, 2, 1, 3});
  EXPECT_EQ(vec(moved.shape), (std::vector<int64_t>{2, 2, 7, 4}));
  EXPECT_EQ(vec(moved.strides), (std::vector<int64_t>{168, 4, 24, 1}));
  EXPECT_EQ(moved.offset, 8);
}

TEST_F(Layouts, MergingTransposedDimensionsIsNone) {
  EXPECT_FALSE(dense({4, 6}).transposed({1, 0}).reshaped({24}));
  EXPECT_FALSE(dense({4, 6, 2}).transposed({1, 0, 2}).reshaped({24, 2}));
}

TEST_F(Layouts, DimensionsOfSizeOneDoNotCount) {
  EXPECT_TRUE(dense({1, 5}).transposed({1, 0}).isDense());
  auto reshaped = dense({5, 1, 3}).transposed({1, 0, 2}).reshaped({15});
  ASSERT_TRUE(reshaped);
  EXPECT_EQ(vec(reshaped->strides), (std::vector<int64_t>{1}));
}

TEST_F(Layouts, EmptyTensorsAreDense) {
  EXPECT_TRUE(dense({0, 4}).transposed({1, 0}).isDense());
  EXPECT_EQ(dense({3, 0}).count(), 0);
}

TEST_F(Layouts, SlicesKeepTheirStep) {
  Layout every = dense({10}).sliced({1}, {10}, {3});
  EXPECT_EQ(vec(every.shape), (std::vector<int64_t>{3}));
  EXPECT_EQ(vec(every.strides), (std::vector<int64_t>{3}));
  EXPECT_EQ(every.offset, 1);
}
} // namespace
