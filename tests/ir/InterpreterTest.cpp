//===- InterpreterTest.cpp - the interpreter gives the values of the formulas ===//

#include "ValueCases.h"

#include <set>

using namespace heddle;
using namespace heddle::test;

namespace {
class Values : public testing::TestWithParam<ValueCase> {};

TEST_P(Values, AreThoseOfTheFormula) {
  Session session;
  std::vector<double> all;
  for (const std::vector<double> &result : session.interpret(GetParam().body, GetParam().arguments))
    all.insert(all.end(), result.begin(), result.end());
  // Both sides round: the constants here to float64, the formulas a few times on the way.
  expectValues(all, GetParam().want, 8);
}

std::string nameOf(const testing::TestParamInfo<ValueCase> &info) {
  return testName(info.param.body, info.index);
}
INSTANTIATE_TEST_SUITE_P(Elementwise, Values, testing::ValuesIn(elementwiseValues()), nameOf);
INSTANTIATE_TEST_SUITE_P(Shape, Values, testing::ValuesIn(shapeValues()), nameOf);
INSTANTIATE_TEST_SUITE_P(Reduction, Values, testing::ValuesIn(reductionValues()), nameOf);
INSTANTIATE_TEST_SUITE_P(Neural, Values, testing::ValuesIn(neuralValues()), nameOf);

// An op that is added to the dialect without a meaning, or without a value here, fails.
TEST(Interpreter, EveryOpHasAMeaningAndAValue) {
  // `differentiate` replaces the one; a fusion takes the operands of the other.
  const std::set<std::string> without = {"heddle.gradient", "heddle.yield"};
  std::set<std::string> tested;
  for (const auto &cases : {elementwiseValues(), shapeValues(), reductionValues(), neuralValues()})
    for (const ValueCase &c : cases)
      tested.insert(firstOp(c.body));
  Session session;
  for (mlir::RegisteredOperationName op :
       session.context.getRegisteredOperationsByDialect("heddle")) {
    std::string name = op.getStringRef().str();
    bool expected = !without.count(name);
    EXPECT_EQ(op.hasInterface<ir::InterpretableOpInterface>(), expected) << name;
    EXPECT_EQ(tested.count(name), expected ? 1U : 0U) << name;
  }
}
} // namespace
