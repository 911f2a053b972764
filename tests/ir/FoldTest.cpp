//===- FoldTest.cpp - what folds, and what must not -------------------------===//

#include "Testing.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace heddle::test;

namespace {
struct FoldCase {
  std::string name;
  std::vector<std::string> types;
  std::string before, after; // `after` empty: nothing folds
};
void PrintTo(const FoldCase &c, std::ostream *out) { *out << c.name; }

std::string textOf(mlir::func::FuncOp function) {
  std::string text;
  llvm::raw_string_ostream(text) << function;
  return text;
}
void fold(mlir::func::FuncOp function) {
  ASSERT_TRUE(
      mlir::succeeded(mlir::applyPatternsGreedily(function, mlir::FrozenRewritePatternSet())));
}

class Folds : public testing::TestWithParam<FoldCase> {};
TEST_P(Folds, ToTheSameValues) {
  const FoldCase &c = GetParam();
  Session session;
  auto before = session.parse(c.before, c.types),
       after = session.parse(c.after.empty() ? c.before : c.after, c.types);
  ASSERT_TRUE(before && after) << session.firstError();
  std::vector<Argument> arguments;
  for (auto [i, type] : llvm::enumerate(before.getArgumentTypes())) {
    auto tensor = llvm::cast<mlir::RankedTensorType>(type);
    arguments.push_back({c.types[i], spread(tensor.getNumElements(), -2.0, 2.0)});
    for (double &value : arguments.back().values)
      if (!llvm::isa<mlir::FloatType>(tensor.getElementType()))
        value = value > 0.0 ? 1.0 : 0.0;
  }
  auto want = session.interpret(before, arguments);
  fold(before);
  EXPECT_EQ(textOf(before), textOf(after));
  auto got = session.interpret(before, arguments);
  ASSERT_EQ(session.firstError(), "");
  ASSERT_EQ(got.size(), want.size());
  // Folding rounds to the element type, the interpreter does not: an ulp of f32, of f16 where there
  // is any.
  for (size_t r = 0; r < want.size(); ++r)
    expectValues(got[r], want[r], c.before.find("f16") != std::string::npos ? 0x1p42 : 0x1p29);
}

/// `op` on %0 and a constant of its type.
FoldCase withConstant(const std::string &name, const std::string &op, const std::string &constant,
                      const std::string &type, bool constantFirst, bool folds) {
  std::string text = "%c = heddle.constant dense<" + constant + "> : tensor<" + type +
                     ">\n%r = heddle." + op + (constantFirst ? " %c, %0" : " %0, %c") +
                     " : tensor<" + type + ">\n" + "return %r : tensor<" + type + ">";
  return {name, {type}, text, folds ? "return %0 : tensor<" + type + ">" : ""};
}
/// `op` on two constants.
FoldCase ofConstants(const std::string &name, const std::string &op, const std::string &x,
                     const std::string &y, const std::string &result,
                     const std::string &type = "2xf32") {
  std::string tensor = " : tensor<" + type + ">";
  return {name,
          {},
          "%x = heddle.constant dense<" + x + ">" + tensor + "\n%y = heddle.constant dense<" + y +
              ">" + tensor + "\nheddle." + op + " %x, %y" + tensor,
          result.empty() ? "" : "heddle.constant dense<" + result + ">"};
}

std::vector<FoldCase> elementwise() {
  return {
      {"neg_of_neg",
       {"2xf32"},
       "%a = heddle.neg %0 : tensor<2xf32>\nheddle.neg %a : tensor<2xf32>",
       "return %0 : tensor<2xf32>"},
      {"neg_of_neg_of_neg",
       {"2xi32"},
       "%a = heddle.neg %0 : tensor<2xi32>\n%b = heddle.neg %a : tensor<2xi32>\nheddle.neg %b : "
       "tensor<2xi32>",
       "heddle.neg %0 : tensor<2xi32>"},
      {"neg_of_splat",
       {},
       "%c = heddle.constant dense<2.0> : tensor<2xf32>\nheddle.neg %c : tensor<2xf32>",
       "heddle.constant dense<-2.0> : tensor<2xf32>"},
      {"not_neg_of_list",
       {},
       "%c = heddle.constant dense<[1.0, 2.0]> : tensor<2xf32>\nheddle.neg %c : tensor<2xf32>",
       ""},
      withConstant("add_zero", "add", "0.0", "2xf32", false, true),
      withConstant("zero_add", "add", "0", "2xi32", true, true),
      withConstant("not_add_one", "add", "1.0", "2xf32", false, false),
      withConstant("sub_zero", "sub", "0.0", "2xf32", false, true),
      withConstant("not_zero_sub", "sub", "0.0", "2xf32", true, false),
      withConstant("mul_one", "mul", "1.0", "2xf32", false, true),
      withConstant("one_mul", "mul", "1", "2xi8", true, true),
      withConstant("not_mul_zero", "mul", "0.0", "2xf32", false, false), // NaN where x is
      withConstant("not_zero_mul", "mul", "0.0", "2xf32", true, false),
      withConstant("not_mul_list", "mul", "[1.0, 2.0]", "2xf32", false, false),
      withConstant("div_one", "div", "1.0", "2xf32", false, true),
      withConstant("div_one_integer", "div", "1", "2xi64", false, true),
      withConstant("not_one_div", "div", "1.0", "2xf32", true, false),
      {"not_sub_itself", {"2xf32"}, "heddle.sub %0, %0 : tensor<2xf32>", ""}, // NaN where x is
      {"not_div_itself", {"2xf32"}, "heddle.div %0, %0 : tensor<2xf32>", ""},
      {"not_compare_itself", {"2xf32"}, "heddle.compare eq %0, %0 : tensor<2xf32>", ""},
      ofConstants("add_splats", "add", "0.1", "0.2", "0.3> : tensor<2xf32"),
      ofConstants("add_rounds_to_f16", "add", "1.0", "0.0004", "1.0> : tensor<2xf16", "2xf16"),
      ofConstants("sub_splats", "sub", "1.0", "3.0", "-2.0> : tensor<2xf32"),
      ofConstants("mul_splats", "mul", "2.0", "3.0", "6.0> : tensor<2xf32"),
      ofConstants("div_splats", "div", "3.0", "2.0", "1.5> : tensor<2xf32"),
      ofConstants("div_by_zero", "div", "2.0", "0.0", "0x7F800000> : tensor<2xf32"),
      ofConstants("not_div_of_integers", "div", "7", "2", "", "2xi32"), // nor any of integers
      ofConstants("not_add_of_integers", "add", "7", "2", "", "2xi32"),
      ofConstants("compare_floats", "compare lt", "1.0", "2.0", "true> : tensor<2xi1"),
      ofConstants("compare_nan", "compare ne", "0x7FC00000", "0x7FC00000", "true> : tensor<2xi1"),
      ofConstants("compare_integers", "compare lt", "-1", "0", "true> : tensor<2xi1", "2xi8"),
      ofConstants("not_compare_booleans", "compare lt", "false", "true", "", "2xi1"),
      {"select_of_one_value",
       {"2xi1", "2xf32"},
       "heddle.select %0, %1, %1 : tensor<2xf32>",
       "return %1 : tensor<2xf32>"},
      {"select_true",
       {"2xf32", "2xf32"},
       "%c = heddle.constant dense<true> : tensor<2xi1>\n%r = heddle.select %c, %0, %1 : "
       "tensor<2xf32>\n"
       "return %r : tensor<2xf32>",
       "return %0 : tensor<2xf32>"},
      {"select_false",
       {"2xf32", "2xf32"},
       "%c = heddle.constant dense<false> : tensor<2xi1>\n%r = heddle.select %c, %0, %1 : "
       "tensor<2xf32>\n"
       "return %r : tensor<2xf32>",
       "return %1 : tensor<2xf32>"},
      {"not_select_mixed",
       {"2xf32", "2xf32"},
       "%c = heddle.constant dense<[true, false]> : tensor<2xi1>\n%r = heddle.select %c, %0, %1 : "
       "tensor<2xf32>\n"
       "return %r : tensor<2xf32>",
       ""},
      {"cast_to_itself",
       {"2xf32"},
       "heddle.cast %0 : tensor<2xf32> to tensor<2xf32>",
       "return %0 : tensor<2xf32>"},
      {"cast_of_splat",
       {},
       "%c = heddle.constant dense<0.1> : tensor<2xf64>\nheddle.cast %c : tensor<2xf64> to "
       "tensor<2xf32>",
       "heddle.constant dense<0.1> : tensor<2xf32>"},
      {"not_cast_of_cast",
       {"2xf32"}, // the way through i32 drops fractions
       "%a = heddle.cast %0 : tensor<2xf32> to tensor<2xi32>\nheddle.cast %a : tensor<2xi32> to "
       "tensor<2xf32>",
       ""},
      {"not_cast_to_integer",
       {},
       "%c = heddle.constant dense<1.5> : tensor<2xf32>\nheddle.cast %c : tensor<2xf32> to "
       "tensor<2xi32>",
       ""},
  };
}

std::vector<FoldCase> shapes() {
  return {
      {"reshape_to_itself",
       {"2x3xf32"},
       "heddle.reshape %0 : tensor<2x3xf32> to tensor<2x3xf32>",
       "return %0 : tensor<2x3xf32>"},
      {"reshape_of_reshape",
       {"2x3xf32"},
       "%a = heddle.reshape %0 : tensor<2x3xf32> to tensor<6xf32>\n"
       "heddle.reshape %a : tensor<6xf32> to tensor<3x2xf32>",
       "heddle.reshape %0 : tensor<2x3xf32> to tensor<3x2xf32>"},
      {"reshape_there_and_back",
       {"2x3xf32"},
       "%a = heddle.reshape %0 : tensor<2x3xf32> to tensor<6xf32>\n"
       "heddle.reshape %a : tensor<6xf32> to tensor<2x3xf32>",
       "return %0 : tensor<2x3xf32>"},
      {"reshape_of_constant",
       {},
       "%c = heddle.constant dense<[1, 2]> : tensor<2xi32>\nheddle.reshape %c : tensor<2xi32> to "
       "tensor<1x2xi32>",
       "heddle.constant dense<[[1, 2]]> : tensor<1x2xi32>"},
      {"transpose_identity",
       {"2x3xf32"},
       "heddle.transpose %0 [0, 1] : tensor<2x3xf32>",
       "return %0 : tensor<2x3xf32>"},
      {"transpose_of_transpose",
       {"2x3x4xf32"},
       "%a = heddle.transpose %0 [1, 0, 2] : tensor<2x3x4xf32>\nheddle.transpose %a [0, 2, 1] : "
       "tensor<3x2x4xf32>",
       "heddle.transpose %0 [1, 2, 0] : tensor<2x3x4xf32>"},
      {"transpose_there_and_back",
       {"2x3x4xf32"},
       "%a = heddle.transpose %0 [1, 2, 0] : tensor<2x3x4xf32>\nheddle.transpose %a [2, 0, 1] : "
       "tensor<3x4x2xf32>",
       "return %0 : tensor<2x3x4xf32>"},
      {"transpose_of_splat",
       {},
       "%c = heddle.constant dense<1> : tensor<2x3xi32>\nheddle.transpose %c [1, 0] : "
       "tensor<2x3xi32>",
       "heddle.constant dense<1> : tensor<3x2xi32>"},
      {"not_transpose_of_list",
       {},
       "%c = heddle.constant dense<[[1, 2]]> : tensor<1x2xi32>\nheddle.transpose %c [1, 0] : "
       "tensor<1x2xi32>",
       ""},
      {"not_transpose_of_square", {"2x2xf32"}, "heddle.transpose %0 [1, 0] : tensor<2x2xf32>", ""},
      {"broadcast_to_itself",
       {"2xf32"},
       "heddle.broadcast %0 [0] : tensor<2xf32> to tensor<2xf32>",
       "return %0 : tensor<2xf32>"},
      {"broadcast_of_broadcast",
       {"3xf32"},
       "%a = heddle.broadcast %0 [1] : tensor<3xf32> to tensor<2x3xf32>\n"
       "heddle.broadcast %a [1, 2] : tensor<2x3xf32> to tensor<4x2x3xf32>",
       "heddle.broadcast %0 [2] : tensor<3xf32> to tensor<4x2x3xf32>"},
      {"broadcast_of_broadcast_of_one",
       {"1xf32"},
       "%a = heddle.broadcast %0 [0] : tensor<1xf32> to tensor<1x3xf32>\n"
       "heddle.broadcast %a [0, 1] : tensor<1x3xf32> to tensor<2x3xf32>",
       "heddle.broadcast %0 [0] : tensor<1xf32> to tensor<2x3xf32>"},
      {"broadcast_of_splat",
       {},
       "%c = heddle.constant dense<1.0> : tensor<f32>\nheddle.broadcast %c [] : tensor<f32> to "
       "tensor<2xf32>",
       "heddle.constant dense<1.0> : tensor<2xf32>"},
      {"not_broadcast_of_list",
       {},
       "%c = heddle.constant dense<[1, 2]> : tensor<2xi32>\nheddle.broadcast %c [0] : "
       "tensor<2xi32> to tensor<2x2xi32>",
       ""},
      {"slice_of_all",
       {"2x3xf32"},
       "heddle.slice %0 [0, 0] to [2, 3] by [1, 1] : tensor<2x3xf32>",
       "return %0 : tensor<2x3xf32>"},
      {"slice_of_slice",
       {"9xf32"},
       "%a = heddle.slice %0 [1] to [9] by [2] : tensor<9xf32>\nheddle.slice %a [1] to [4] by [2] "
       ": tensor<4xf32>",
       "heddle.slice %0 [3] to [8] by [4] : tensor<9xf32>"},
      {"slice_of_nothing_past_the_end",
       {"5xf32"},
       "%a = heddle.slice %0 [0] to [5] by [3] : tensor<5xf32>\nheddle.slice %a [2] to [2] by [1] "
       ": tensor<2xf32>",
       "heddle.slice %0 [0] to [0] by [3] : tensor<5xf32>"},
      {"slice_of_splat",
       {},
       "%c = heddle.constant dense<1.0> : tensor<4xf32>\nheddle.slice %c [1] to [3] by [1] : "
       "tensor<4xf32>",
       "heddle.constant dense<1.0> : tensor<2xf32>"},
      {"not_slice_of_list",
       {},
       "%c = heddle.constant dense<[1, 2]> : tensor<2xi32>\nheddle.slice %c [1] to [2] by [1] : "
       "tensor<2xi32>",
       ""},
      {"reduce_over_nothing",
       {"2xf32"},
       "heddle.reduce_max %0 [] : tensor<2xf32>",
       "return %0 : tensor<2xf32>"},
      {"sum_of_splat",
       {},
       "%c = heddle.constant dense<0.5> : tensor<2x3x4xf32>\nheddle.reduce_sum %c [0, 2] : "
       "tensor<2x3x4xf32>",
       "heddle.constant dense<4.0> : tensor<3xf32>"},
      {"max_of_splat",
       {},
       "%c = heddle.constant dense<0.5> : tensor<2x3xf32>\nheddle.reduce_max %c [0, 1] : "
       "tensor<2x3xf32>",
       "heddle.constant dense<0.5> : tensor<f32>"},
      {"min_of_splat",
       {},
       "%c = heddle.constant dense<0.5> : tensor<2x3xf32>\nheddle.reduce_min %c [0] : "
       "tensor<2x3xf32>",
       "heddle.constant dense<0.5> : tensor<3xf32>"},
      {"not_max_of_no_elements",
       {},
       "%c = heddle.constant dense<0.5> : tensor<0x2xf32>\nheddle.reduce_max %c [0] : "
       "tensor<0x2xf32>",
       ""},
      {"not_sum_of_integers",
       {},
       "%c = heddle.constant dense<2> : tensor<2xi32>\nheddle.reduce_sum %c [0] : tensor<2xi32>",
       ""},
      {"not_sum_over_one", {"1x2xf32"}, "heddle.reduce_sum %0 [0] : tensor<1x2xf32>", ""},
  };
}

std::string nameOf(const testing::TestParamInfo<FoldCase> &info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Elementwise, Folds, testing::ValuesIn(elementwise()), nameOf);
INSTANTIATE_TEST_SUITE_P(Shape, Folds, testing::ValuesIn(shapes()), nameOf);

// 2^53 and 2^53 + 1 are one number in float64, and so are beyond the interpreter, but are not
// equal.
TEST(Folds, CompareIntegersExactly) {
  FoldCase c = ofConstants("", "compare eq", "9007199254740992", "9007199254740993",
                           "false> : tensor<2xi1", "2xi64");
  Session session;
  auto before = session.parse(c.before, {}), after = session.parse(c.after, {});
  fold(before);
  EXPECT_EQ(textOf(before), textOf(after));
}

// A constant spread over no elements has no elements.
TEST(Folds, SplatsOfNoElements) {
  for (std::string op : {"heddle.broadcast %c [0] : tensor<1xf32> to tensor<0xf32>",
                         "heddle.slice %c [0] to [0] by [1] : tensor<1xf32>"}) {
    Session session;
    auto function = session.parse("%c = heddle.constant dense<1.0> : tensor<1xf32>\n" + op, {});
    ASSERT_TRUE(function) << session.firstError();
    fold(function);
    auto results = session.interpret(function, {});
    EXPECT_EQ(session.firstError(), "");
    ASSERT_EQ(results.size(), 1U);
    EXPECT_TRUE(results[0].empty());
  }
}
} // namespace
