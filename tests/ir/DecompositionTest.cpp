//===- DecompositionTest.cpp - a composite op means what its decomposition does ===//
//
// The interpreter's formulas and the decompositions are written apart.
//
//===----------------------------------------------------------------------===//

#include "ValueCases.h"

#include <cmath>
#include <set>

using namespace heddle;
using namespace heddle::test;

namespace {
/// The function with its composite op replaced by the decomposition.
void decompose(mlir::func::FuncOp function) {
  mlir::Operation *op = &function.getBody().front().front();
  mlir::OpBuilder builder(op);
  auto values = llvm::cast<ir::DecomposableOpInterface>(op).decompose(builder);
  ASSERT_TRUE(mlir::succeeded(values));
  for (auto [result, value] : llvm::zip_equal(op->getResults(), *values))
    EXPECT_EQ(value.getType(), result.getType());
  op->replaceAllUsesWith(*values);
  op->erase();
}

class Decomposition : public testing::TestWithParam<ValueCase> {};
TEST_P(Decomposition, HasTheValuesOfTheOp) {
  // In f64, where the constants of the decomposition are not rounded to f32.
  ValueCase c = GetParam();
  auto widen = [](std::string &text) {
    for (size_t at = 0; (at = text.find("f32", at)) != std::string::npos;)
      text.replace(at, 3, "f64");
  };
  widen(c.body);
  for (Argument &argument : c.arguments)
    widen(argument.type);
  Session session;
  auto function = session.parse(c.body, typesOf(c.arguments));
  ASSERT_TRUE(function) << session.firstError();
  decompose(function);
  std::vector<double> all;
  for (const std::vector<double> &result : session.interpret(function, c.arguments))
    all.insert(all.end(), result.begin(), result.end());
  EXPECT_EQ(session.firstError(), "");
  // A sum rounds at each of its few terms, which here are of the size of the largest logit's
  // exponent.
  ASSERT_EQ(all.size(), c.want.size());
  for (size_t i = 0; i < c.want.size(); ++i) {
    if (std::isfinite(c.want[i]))
      EXPECT_NEAR(all[i], c.want[i], 32 * 0x1p-52 * std::max(1.0, std::fabs(c.want[i])))
          << "element " << i;
    else
      expectValues({all[i]}, {c.want[i]}, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Neural, Decomposition, testing::ValuesIn(neuralValues()),
                         [](const auto &info) { return testName(info.param.body, info.index); });

TEST(Decomposition, EveryCompositeOpIsTested) {
  std::set<std::string> tested;
  for (const ValueCase &c : neuralValues())
    tested.insert(firstOp(c.body));
  Session session;
  for (mlir::RegisteredOperationName op :
       session.context.getRegisteredOperationsByDialect("heddle"))
    EXPECT_EQ(op.hasInterface<ir::DecomposableOpInterface>(),
              tested.count(op.getStringRef().str()) == 1)
        << op.getStringRef().str();
}
} // namespace
