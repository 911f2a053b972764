//===- GradientTest.cpp - derivatives against central differences ----------===//
//
// For L(x) = sum c y(x) with a fixed c, the product with the Jacobian's transpose is dL/dx, and
// (L(x + h) - L(x - h)) / 2h differs from it by h^2 |L'''| / 6 and by the roundings of L, some eps
// S / h with S the sum of |c y|. The two are alike at h = cbrt(eps), where h^2 = eps / h = 3.7e-11.
// The inputs below keep |L'''| under 200, and a value of L is rounded at most 16 times S: tolerance
// (200/6 + 16 S) h^2, which is 1e-9 and more. All in f64, so that the constants of the rules are
// not rounded to f32.
//
//===----------------------------------------------------------------------===//

#include "Gradients.h"

#include <cmath>
#include <set>

using namespace heddle;
using namespace heddle::test;

namespace {
struct GradientCase {
  std::string body;                // one op, with argument i as operand i
  std::vector<Argument> arguments; // without values: distinct ones between low and high
  double low = 0.5, high = 2.0;
};
void PrintTo(const GradientCase &c, std::ostream *out) { *out << c.body; }

bool isFloat(const Argument &argument) { return argument.type.ends_with("f64"); }
size_t countOf(const std::string &type) {
  size_t count = 1;
  for (size_t at = 0, end; (end = type.find('x', at)) != std::string::npos; at = end + 1)
    count *= std::stoul(type.substr(at, end - at));
  return count;
}

class Gradients : public testing::TestWithParam<GradientCase> {};
TEST_P(Gradients, AreCentralDifferences) {
  const GradientCase &c = GetParam();
  std::vector<Argument> arguments = c.arguments;
  for (auto [i, argument] : llvm::enumerate(arguments))
    if (argument.values.empty())
      argument.values =
          spread(countOf(argument.type), c.low, c.high, 0.37 * static_cast<double>(i));

  Session session;
  auto function = session.parse(c.body, typesOf(arguments));
  ASSERT_TRUE(function) << session.firstError();
  // The results one after the other, with a cotangent each.
  auto interpret = [&] {
    std::vector<double> all;
    for (const std::vector<double> &result : session.interpret(function, arguments))
      all.insert(all.end(), result.begin(), result.end());
    return all;
  };
  std::vector<double> y = interpret(), cotangent = spread(y.size(), -1.0, 1.0, 0.2);
  std::vector<Argument> cotangents;
  auto next = cotangent.begin();
  for (mlir::Type type : function.getResultTypes()) {
    auto result = llvm::cast<mlir::RankedTensorType>(type);
    std::string text;
    for (int64_t size : result.getShape())
      text += std::to_string(size) + "x";
    auto end = next + result.getNumElements();
    cotangents.push_back(
        {text + (result.getElementType().isF32() ? "f32" : "f64"), std::vector(next, end)});
    next = end;
  }
  auto grads = vjp(c.body, arguments, cotangents);
  ASSERT_EQ(grads.size(), arguments.size());

  double size = 0.0; // S
  for (size_t k = 0; k < y.size(); ++k)
    size += std::fabs(cotangent[k] * y[k]);
  const double h = std::cbrt(0x1p-52), tolerance = (200.0 / 6.0 + 16.0 * size) * h * h;
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    ASSERT_EQ(grads[i].has_value(), isFloat(argument)) << "operand " << i;
    if (!grads[i])
      continue;
    ASSERT_EQ(grads[i]->size(), argument.values.size());
    for (size_t j = 0; j < argument.values.size(); ++j) {
      const double x = argument.values[j], above = x + h, below = x - h;
      argument.values[j] = above;
      std::vector<double> yAbove = interpret();
      argument.values[j] = below;
      std::vector<double> yBelow = interpret();
      argument.values[j] = x;
      double difference = 0.0; // of the values, before they are added up, so that 0 stays 0
      for (size_t k = 0; k < y.size(); ++k)
        difference += cotangent[k] * (yAbove[k] - yBelow[k]);
      EXPECT_NEAR((*grads[i])[j], difference / (above - below), tolerance)
          << "operand " << i << " element " << j;
    }
  }
}

std::vector<GradientCase> elementwise() {
  std::vector<GradientCase> cases;
  for (std::string type : {"7xf64", "f64", "0x3xf64"}) {
    std::string suffix = " : tensor<" + type + ">";
    for (std::string op : {"neg", "abs", "exp", "log", "sqrt", "rsqrt", "tanh", "erf", "sin", "cos",
                           "sigmoid", "relu", "gelu none", "gelu tanh", "silu"}) {
      cases.push_back({"heddle." + op + " %0" + suffix, {{type, {}}}});
      if (op != "log" && op != "sqrt" && op != "rsqrt")
        cases.push_back({"heddle." + op + " %0" + suffix, {{type, {}}}, -2.0, -0.1});
    }
    for (std::string op : {"add", "sub", "mul", "div", "maximum", "minimum", "pow"})
      cases.push_back({"heddle." + op + " %0, %1" + suffix, {{type, {}}, {type, {}}}});
  }
  const std::string two = " : tensor<2xf64>";
  cases.insert(
      cases.end(),
      {
          // A tie shares the cotangent in halves, which is the central difference.
          {"heddle.maximum %0, %1" + two, {{"2xf64", {1, 2}}, {"2xf64", {1, 1}}}},
          {"heddle.minimum %0, %1" + two, {{"2xf64", {1, 2}}, {"2xf64", {1, 1}}}},
          {"heddle.abs %0 : tensor<1xf64>", {{"1xf64", {0}}}},
          {"heddle.mul %0, %1" + two, {{"2xf64", {0, 2}}, {"2xf64", {3, 0}}}},
          {"heddle.div %0, %1" + two, {{"2xf64", {0, 2}}, {"2xf64", {3, -1}}}},
          {"heddle.pow %0, %1 : tensor<3xf64>", {{"3xf64", {2, 1, 3}}, {"3xf64", {0, 3, -1}}}},
          {"heddle.select %0, %1, %2 : tensor<3xf64>",
           {{"3xi1", {1, 0, 1}}, {"3xf64", {}}, {"3xf64", {}}}},
          {"heddle.cast %0 : tensor<2xf64> to tensor<2xf32>", {{"2xf64", {}}}},
      });
  return cases;
}

std::vector<GradientCase> shapes() {
  const Argument starts = {"i32", {1}}, past = {"i32", {9}}, before = {"i32", {-9}};
  return {
      {"heddle.reshape %0 : tensor<2x3xf64> to tensor<3x1x2xf64>", {{"2x3xf64", {}}}},
      {"heddle.reshape %0 : tensor<f64> to tensor<1x1xf64>", {{"f64", {}}}},
      {"heddle.transpose %0 [2, 0, 1] : tensor<2x3x4xf64>", {{"2x3x4xf64", {}}}},
      {"heddle.transpose %0 [1, 0] : tensor<0x2xf64>", {{"0x2xf64", {}}}},
      {"heddle.broadcast %0 [1] : tensor<3xf64> to tensor<2x3xf64>", {{"3xf64", {}}}},
      {"heddle.broadcast %0 [0, 2] : tensor<1x3xf64> to tensor<4x2x3xf64>", {{"1x3xf64", {}}}},
      {"heddle.broadcast %0 [0, 1] : tensor<2x1xf64> to tensor<2x1xf64>", {{"2x1xf64", {}}}},
      {"heddle.broadcast %0 [] : tensor<f64> to tensor<2x2xf64>", {{"f64", {}}}},
      {"heddle.broadcast %0 [0] : tensor<1xf64> to tensor<0x2xf64>",
       {{"1xf64", {}}}}, // a sum of nothing
      {"heddle.slice %0 [1, 0] to [4, 5] by [2, 3] : tensor<4x6xf64>", {{"4x6xf64", {}}}},
      {"heddle.slice %0 [2] to [2] by [3] : tensor<4xf64>", {{"4xf64", {}}}},
      {"heddle.slice %0 [1] to [2] by [7] : tensor<4xf64>", {{"4xf64", {}}}},
      {"heddle.pad %0 low [1, 0] high [0, 2] interior [0, 2] : tensor<2x3xf64>", {{"2x3xf64", {}}}},
      {"heddle.pad %0 low [1] high [2] interior [3] : tensor<0xf64>", {{"0xf64", {}}}},
      {"heddle.concat %0, %1, %2 {dimension = 1 : i64} : tensor<2x1xf64>, tensor<2x0xf64>, "
       "tensor<2x3xf64>",
       {{"2x1xf64", {}}, {"2x0xf64", {}}, {"2x3xf64", {}}}},
      {"heddle.concat %0 {dimension = 0 : i64} : tensor<2xf64>", {{"2xf64", {}}}},
      {"heddle.dynamic_slice %0 at %1, %2 sizes [2, 1] : tensor<4x3xf64>, tensor<i32>, tensor<i32>",
       {{"4x3xf64", {}}, starts, starts}},
      {"heddle.dynamic_slice %0 at %1, %2 sizes [2, 1] : tensor<4x3xf64>, tensor<i32>, tensor<i32>",
       {{"4x3xf64", {}}, past, before}},
      {"heddle.dynamic_update_slice %0, %1 at %2, %3 : tensor<4x3xf64>, tensor<2x1xf64>, "
       "tensor<i32>, tensor<i32>",
       {{"4x3xf64", {}}, {"2x1xf64", {}}, past, starts}},
      {"heddle.dynamic_update_slice %0, %1 at %2 : tensor<2xf64>, tensor<0xf64>, tensor<i32>",
       {{"2xf64", {}}, {"0xf64", {}}, starts}},
      {"heddle.gather %0, %1 : tensor<3x2xf64>, tensor<2x2xi32>",
       {{"3x2xf64", {}}, {"2x2xi32", {2, 0, 2, 2}}}},
      {"heddle.gather %0, %1 : tensor<3xf64>, tensor<i64>", {{"3xf64", {}}, {"i64", {1}}}},
      {"heddle.gather %0, %1 : tensor<3x2xf64>, tensor<0xi32>", {{"3x2xf64", {}}, {"0xi32", {}}}},
      {"heddle.scatter_add %0, %1, %2 : tensor<3x2xf64>, tensor<3xi32>, tensor<3x2xf64>",
       {{"3x2xf64", {}}, {"3xi32", {2, 0, 2}}, {"3x2xf64", {}}}},
  };
}

std::vector<GradientCase> reductions() {
  std::vector<GradientCase> cases;
  for (std::string op : {"sum", "max", "min"})
    for (std::string dims : {"0", "1", "2", "0, 2", "1, 2", "0, 1, 2", ""})
      cases.push_back(
          {"heddle.reduce_" + op + " %0 [" + dims + "] : tensor<2x3x4xf64>", {{"2x3x4xf64", {}}}});
  for (std::string op : {"sum", "max", "min"}) {
    cases.push_back({"heddle.reduce_" + op + " %0 [1] : tensor<2x0xf64>", {{"2x0xf64", {}}}});
    cases.push_back({"heddle.reduce_" + op + " %0 [0] : tensor<1x2xf64>", {{"1x2xf64", {}}}});
    // Two equal ones: halves, which is the central difference.
    cases.push_back({"heddle.reduce_" + op + " %0 [0] : tensor<4xf64>", {{"4xf64", {1, 2, 1, 2}}}});
  }
  auto dot = [&](const std::string &dims, const std::string &x, const std::string &y) {
    cases.push_back(
        {"heddle.dot_general %0, %1 " + dims + " : tensor<" + x + ">, tensor<" + y + ">",
         {{x, {}}, {y, {}}}});
  };
  // Every order in which the dimensions of the two may lie, as each takes another way to the
  // cotangent.
  dot("batch [] x [] contract [1] x [0]", "2x3xf64", "3x4xf64");
  dot("batch [] x [] contract [1] x [1]", "2x3xf64", "4x3xf64");
  dot("batch [] x [] contract [0] x [0]", "3x2xf64", "3x4xf64");
  dot("batch [] x [] contract [0] x [1]", "3x2xf64", "4x3xf64");
  dot("batch [0] x [0] contract [2] x [1]", "2x3x4xf64", "2x4x3xf64");
  dot("batch [2] x [1] contract [0] x [2]", "3x2x4xf64", "2x4x3xf64");
  dot("batch [1, 0] x [0, 2] contract [2] x [1]", "2x3x4xf64", "3x4x2xf64");
  dot("batch [] x [] contract [0, 2] x [2, 0]", "2x3x4xf64", "4x3x2xf64");
  dot("batch [] x [] contract [2, 0] x [1, 0]", "2x3x4xf64", "2x4x2xf64");
  dot("batch [] x [] contract [] x []", "2xf64", "3xf64");
  dot("batch [0] x [0] contract [] x []", "2xf64", "2x3xf64");
  dot("batch [] x [] contract [0] x [0]", "3xf64", "3xf64");
  dot("batch [] x [] contract [] x []", "f64", "f64");
  dot("batch [] x [] contract [1] x [0]", "2x0xf64", "0x3xf64");
  dot("batch [] x [] contract [1] x [0]", "1x1xf64", "1x1xf64");
  return cases;
}

std::vector<GradientCase> neural() {
  std::vector<GradientCase> cases;
  for (std::string op : {"softmax", "log_softmax"}) {
    for (std::string dim : {"0", "1", "2"})
      cases.push_back({"heddle." + op + " %0 {dimension = " + dim + " : i64} : tensor<2x3x4xf64>",
                       {{"2x3x4xf64", {}}},
                       -2.0});
    cases.push_back(
        {"heddle." + op + " %0 {dimension = 1 : i64} : tensor<2x1xf64>", {{"2x1xf64", {}}}});
    cases.push_back(
        {"heddle." + op + " %0 {dimension = 1 : i64} : tensor<2x0xf64>", {{"2x0xf64", {}}}});
    // Equal elements: the largest is subtracted, but has no derivative of its own.
    cases.push_back(
        {"heddle." + op + " %0 {dimension = 0 : i64} : tensor<3xf64>", {{"3xf64", {1, 1, 1}}}});
  }
  auto norm = [&](const std::string &shape, const std::string &last, std::vector<double> x = {}) {
    cases.push_back({"heddle.layer_norm %0, %1, %2 {epsilon = 0.1 : f64} : tensor<" + shape +
                         ">, tensor<" + last + ">",
                     {{shape, std::move(x)}, {last, {}}, {last, {}}}});
  };
  norm("2x3x4xf64", "4xf64");
  norm("4xf64", "4xf64");
  norm("2x1xf64", "1xf64");
  norm("0x4xf64", "4xf64");
  norm("1x3xf64", "3xf64", {1, 1, 1}); // no variance but epsilon
  auto entropy = [&](const std::string &ignore, const std::string &logits, const Argument &labels) {
    cases.push_back({"heddle.cross_entropy %0, %1 {ignore_index = " + ignore + " : i64} : tensor<" +
                         logits + ">, tensor<" + labels.type + ">",
                     {{logits, {}}, labels},
                     -2.0});
  };
  entropy("-100", "3x4xf64", {"3xi32", {0, 3, 3}});
  entropy("-100", "3x4xf64", {"3xi64", {0, -100, 1}});
  entropy("1", "3x4xf64", {"3xi32", {0, 3, 1}});
  entropy("-100", "2x1xf64", {"2xi32", {0, 0}});
  cases.push_back({"heddle.dropout %0, %1 {p = 0.3 : f64, stream = 2 : i64} : tensor<4x5xf64>",
                   {{"4x5xf64", {}}, {"2xi64", {1, 2}}}});
  cases.push_back({"heddle.dropout %0, %1 {p = 0.0 : f64, stream = 2 : i64} : tensor<4xf64>",
                   {{"4xf64", {}}, {"2xi64", {1, 2}}}});
  // The op, and its gradient with other numbers than attention gives for logsumexp and delta: it is
  // a function of them too.
  auto attention = [&](const std::string &causal, const std::string &q, const std::string &k,
                       const std::string &v, const Argument &mask = {},
                       const Argument &position = {}) {
    const std::string rows = q.substr(0, q.rfind('x', q.rfind('x') - 1)) + "xf64",
                      dy = rows.substr(0, rows.size() - 3) +
                           v.substr(v.rfind('x', v.size() - 5) + 1);
    auto add = [&](const std::string &op, const std::vector<std::string> &types) {
      std::vector<Argument> arguments;
      std::string names, list;
      for (const std::string &type : types) {
        names += (arguments.empty() ? "%" : ", %") + std::to_string(arguments.size());
        list += (arguments.empty() ? "tensor<" : ", tensor<") + type + ">";
        arguments.push_back({type, {}});
      }
      auto give = [&](const std::string &name, const Argument &argument) {
        if (argument.type.empty())
          return;
        names += " " + name + " %" + std::to_string(arguments.size());
        list += " " + name + " tensor<" + argument.type + ">";
        arguments.push_back(argument);
      };
      give("mask", mask);
      give("position", position);
      cases.push_back(
          {"heddle." + op + " " + names + " {" + causal + "scale = 0.7 : f64} : " + list, arguments,
           -1.0});
    };
    add("attention", {q, k, v});
    add("attention_gradient", {q, k, v, rows, rows, dy});
  };
  attention("", "2x2x3x2xf64", "2x2x3x2xf64", "2x2x3x2xf64");
  attention("", "1x1x2x3xf64", "1x1x4x3xf64", "1x1x4x5xf64");
  attention("causal, ", "2x1x3x2xf64", "2x1x3x2xf64", "2x1x3x2xf64");
  attention("causal, ", "1x1x2x3xf64", "1x1x4x3xf64",
            "1x1x4x5xf64"); // a cache: more keys than queries
  attention("", "1x2x2x3xf64", "1x2x3x3xf64", "1x2x3x1xf64", {"1x1x2x3xi1", {1, 0, 1, 0, 0, 1}});
  attention("causal, ", "1x1x2x2xf64", "1x1x3x2xf64", "1x1x3x2xf64",
            {"1x1x2x3xi1", {0, 1, 1, 1, 0, 1}});
  attention("", "2x1x2x2xf64", "2x1x3x2xf64", "2x1x3x2xf64", {"2x1x1x3xi1", {1, 1, 0, 0, 1, 0}});
  attention("causal, ", "1x1x2x3xf64", "1x1x5x3xf64", "1x1x5x2xf64", {}, {"i32", {1}});
  attention("causal, ", "1x1x1x3xf64", "1x1x3x3xf64", "1x1x3x2xf64", {"1x1x1x3xi1", {1, 0, 1}},
            {"i64", {9}});
  attention("", "1x1x1x1xf64", "1x1x1x1xf64", "1x1x1x1xf64");
  attention("", "1x1x0x2xf64", "1x1x3x2xf64", "1x1x3x2xf64");
  return cases;
}

std::string nameOf(const testing::TestParamInfo<GradientCase> &info) {
  return testName(info.param.body, info.index);
}
INSTANTIATE_TEST_SUITE_P(Elementwise, Gradients, testing::ValuesIn(elementwise()), nameOf);
INSTANTIATE_TEST_SUITE_P(Shape, Gradients, testing::ValuesIn(shapes()), nameOf);
INSTANTIATE_TEST_SUITE_P(Reduction, Gradients, testing::ValuesIn(reductions()), nameOf);
INSTANTIATE_TEST_SUITE_P(Neural, Gradients, testing::ValuesIn(neural()), nameOf);

TEST(Gradients, EveryDifferentiableOpIsTested) {
  // Its derivative is 0 by definition: see GradientConventionsTest.
  std::set<std::string> tested = {"heddle.stop_gradient"};
  for (const auto &cases : {elementwise(), shapes(), reductions(), neural()})
    for (const GradientCase &c : cases)
      tested.insert(firstOp(c.body));
  Session session;
  for (mlir::RegisteredOperationName op :
       session.context.getRegisteredOperationsByDialect("heddle"))
    EXPECT_EQ(op.hasInterface<ir::DifferentiableOpInterface>(),
              tested.count(op.getStringRef().str()) == 1)
        << op.getStringRef().str();
}
} // namespace
