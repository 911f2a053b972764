//===- InterpreterErrorsTest.cpp - values that an op does not allow ---------===//

#include "ValueCases.h"

using namespace heddle::test;

namespace {
struct ErrorCase {
  std::string body;
  std::vector<Argument> arguments;
  std::string error;
};
void PrintTo(const ErrorCase &c, std::ostream *out) { *out << c.body; }

class InterpreterErrors : public testing::TestWithParam<ErrorCase> {};
TEST_P(InterpreterErrors, NameTheValue) {
  Session session;
  auto function = session.parse(GetParam().body, typesOf(GetParam().arguments));
  ASSERT_TRUE(function) << session.firstError();
  EXPECT_TRUE(session.interpret(function, GetParam().arguments).empty());
  EXPECT_EQ(session.firstError(), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Values, InterpreterErrors,
    testing::ValuesIn(std::vector<ErrorCase>{
        {"heddle.gather %0, %1 : tensor<2xf32>, tensor<2xi32>",
         {{"2xf32", {1, 2}}, {"2xi32", {0, 2}}},
         "'heddle.gather' op index 2 at position 1 is out of range for a table of 2 rows"},
        {"heddle.gather %0, %1 : tensor<0xf32>, tensor<1xi32>",
         {{"0xf32", {}}, {"1xi32", {0}}},
         "'heddle.gather' op index 0 at position 0 is out of range for a table of 0 rows"},
        {"heddle.scatter_add %0, %1, %2 : tensor<2xf32>, tensor<1xi32>, tensor<1xf32>",
         {{"2xf32", {1, 2}}, {"1xi32", {-1}}, {"1xf32", {3}}},
         "'heddle.scatter_add' op index -1 at position 0 is out of range for a table of 2 rows"},
        {"heddle.cross_entropy %0, %1 {ignore_index = -100 : i64} : tensor<1x2xf32>, tensor<1xi32>",
         {{"1x2xf32", {0, 0}}, {"1xi32", {2}}},
         "'heddle.cross_entropy' op label 2 of row 0 is out of range for 2 classes"},
        {"heddle.cast %0 : tensor<1xf32> to tensor<1xi8>",
         {{"1xf32", {128}}},
         "'heddle.cast' op value 1.280000e+02 does not fit in 'i8'"},
        {"heddle.cast %0 : tensor<1xf32> to tensor<1xi32>",
         {{"1xf32", {kNan}}},
         "'heddle.cast' op value nan does not fit in 'i32'"},
        {"heddle.mul %0, %0 : tensor<1xi64>",
         {{"1xi64", {4294967296}}},
         "'heddle.mul' op gives the integer 18446744073709551616, which is beyond 2^53 and so not "
         "exact in the "
         "interpreter"},
        {"heddle.gradient %0 wrt %0 : (tensor<f32>, tensor<f32>) -> tensor<f32>",
         {{"f32", {1}}},
         "the interpreter cannot evaluate 'heddle.gradient'"},
        {"heddle.neg %0 : tensor<2xf32>",
         {{"2xf32", {1}}},
         "argument 0 of 'run' has 2 elements, got 1"},
    }),
    [](const auto &info) { return testName(info.param.body, info.index); });

TEST(InterpreterErrors, NameTheArgument) {
  auto errorOf = [](const std::string &type, const std::vector<Argument> &arguments) {
    Session session;
    session.interpret(session.parse("heddle.neg %0 : tensor<" + type + ">", {type}), arguments);
    return session.firstError();
  };
  EXPECT_EQ(errorOf("2xf32", {}), "'run' takes 1 arguments, got 0");
  EXPECT_EQ(errorOf("2xf32", {{"2xf64", {1, 2}}}),
            "argument 0 of 'run' has type 'tensor<2xf32>', got 'tensor<2xf64>'");
}
} // namespace
