//===- GradientConventionsTest.cpp - where a derivative is a convention -----===//
//
// At kinks and poles, and where no cotangent flows: values that the ops' descriptions fix.
//
//===----------------------------------------------------------------------===//

#include "Gradients.h"
#include "ValueCases.h"

using namespace heddle::test;

namespace {
struct Convention {
  std::string body;
  std::vector<Argument> arguments;
  Argument cotangent;
  /// One an operand; "none" is an empty optional.
  std::vector<std::optional<std::vector<double>>> want;
};
void PrintTo(const Convention &c, std::ostream *out) { *out << c.body; }
const auto none = std::nullopt;
using List = std::vector<double>;

class GradientConventions : public testing::TestWithParam<Convention> {};
TEST_P(GradientConventions, Hold) {
  auto got = vjp(GetParam().body, GetParam().arguments, {GetParam().cotangent});
  ASSERT_EQ(got.size(), GetParam().want.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].has_value(), GetParam().want[i].has_value()) << "operand " << i;
    if (got[i])
      expectValues(*got[i], *GetParam().want[i], 4);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Ops, GradientConventions,
    testing::ValuesIn(std::vector<Convention>{
        {"heddle.relu %0 : tensor<2xf64>", {{"2xf64", {0, -0.0}}}, {"2xf64", {5, 5}}, {List{0, 0}}},
        {"heddle.abs %0 : tensor<1xf64>", {{"1xf64", {0}}}, {"1xf64", {5}}, {List{0}}},
        {"heddle.log %0 : tensor<1xf64>", {{"1xf64", {0}}}, {"1xf64", {5}}, {List{kInf}}},
        {"heddle.sqrt %0 : tensor<1xf64>", {{"1xf64", {0}}}, {"1xf64", {5}}, {List{kInf}}},
        {"heddle.div %0, %1 : tensor<1xf64>",
         {{"1xf64", {1}}, {"1xf64", {0}}},
         {"1xf64", {5}},
         {List{kInf}, List{-kInf}}},
        // d/dx x^0 is 0, at 0 too; no derivative by y where x is 0.
        {"heddle.pow %0, %1 : tensor<2xf64>",
         {{"2xf64", {0, 0}}, {"2xf64", {0, 2}}},
         {"2xf64", {5, 5}},
         {List{0, 0}, List{0, 0}}},
        {"heddle.maximum %0, %1 : tensor<1xf64>",
         {{"1xf64", {2}}, {"1xf64", {2}}},
         {"1xf64", {6}},
         {List{3}, List{3}}},
        {"heddle.minimum %0, %1 : tensor<1xf64>",
         {{"1xf64", {2}}, {"1xf64", {2}}},
         {"1xf64", {6}},
         {List{3}, List{3}}},
        // Three ties: equal shares, not the central difference.
        {"heddle.reduce_max %0 [0] : tensor<4xf64>",
         {{"4xf64", {7, 1, 7, 7}}},
         {"f64", {6}},
         {List{2, 0, 2, 2}}},
        {"heddle.reduce_min %0 [1] : tensor<2x3xf64>",
         {{"2x3xf64", {1, 1, 1, 4, 3, 5}}},
         {"2xf64", {6, 9}},
         {List{2, 2, 2, 0, 9, 0}}},
        {"heddle.stop_gradient %0 : tensor<1xf64>", {{"1xf64", {2}}}, {"1xf64", {6}}, {none}},
        {"heddle.cast %0 : tensor<1xi32> to tensor<1xf64>",
         {{"1xi32", {2}}},
         {"1xf64", {6}},
         {none}},
        // NaN in the operand that was not chosen does not reach the other's cotangent.
        {"heddle.select %0, %1, %2 : tensor<2xf64>",
         {{"2xi1", {1, 0}}, {"2xf64", {1, kNan}}, {"2xf64", {kNan, 1}}},
         {"2xf64", {3, 4}},
         {none, List{3, 0}, List{0, 4}}},
        // A loss of nothing is NaN, but no row that is ignored gets a cotangent.
        {"heddle.cross_entropy %0, %1 {ignore_index = -100 : i64} : tensor<1x2xf64>, tensor<1xi32>",
         {{"1x2xf64", {1, 2}}, {"1xi32", {-100}}},
         {"f64", {1}},
         {List{0, 0}, none}},
        // softmax saturates without NaN: p - 1 of the label is -1.
        {"heddle.cross_entropy %0, %1 {ignore_index = -100 : i64} : tensor<1x2xf64>, tensor<1xi32>",
         {{"1x2xf64", {-1000, 1000}}, {"1xi32", {0}}},
         {"f64", {1}},
         {List{-1, 1}, none}},
        {"heddle.softmax %0 {dimension = 0 : i64} : tensor<3xf64>",
         {{"3xf64", {-kInf, 0, 0}}},
         {"3xf64", {1, 1, 0}},
         {List{0, 0.25, -0.25}}},
        // The last query sees every key; what a causal query does not see gets none of its
        // cotangent.
        {"heddle.attention %0, %1, %2 {causal, scale = 1.0 : f64} : tensor<1x1x1x1xf64>, "
         "tensor<1x1x2x1xf64>, "
         "tensor<1x1x2x1xf64>",
         {{"1x1x1x1xf64", {0}}, {"1x1x2x1xf64", {1, 3}}, {"1x1x2x1xf64", {2, 4}}},
         {"1x1x1x1xf64", {1}},
         {List{1}, List{0, 0},
          List{0.5, 0.5}}}, // dq = sum p (v - y) k = ((2 - 3) 1 + (4 - 3) 3) / 2
        {"heddle.attention %0, %1, %2 {causal, scale = 1.0 : f64} : tensor<1x1x2x1xf64>, "
         "tensor<1x1x2x1xf64>, "
         "tensor<1x1x2x1xf64>",
         {{"1x1x2x1xf64", {0, 0}}, {"1x1x2x1xf64", {1, 3}}, {"1x1x2x1xf64", {2, 4}}},
         {"1x1x2x1xf64", {1, 0}},
         {List{0, 0}, List{0, 0}, List{1, 0}}},
    }),
    [](const auto &info) { return testName(info.param.body, info.index); });

// Half precision sums in f32 and gives cotangents in the operand's type.
TEST(GradientConventions, CotangentsHaveTheTypeOfTheOperand) {
  for (std::string type : {"f16", "bf16"}) {
    std::string x = "2x2x" + type, row = "2x" + type;
    vjp("heddle.broadcast %0 [1] : tensor<" + row + "> to tensor<" + x + ">", {{row, {1, 2}}},
        {{x, {1, 2, 3, 4}}});
    vjp("heddle.reduce_max %0 [0] : tensor<" + x + ">", {{x, {1, 2, 3, 4}}}, {{row, {1, 2}}});
    vjp("heddle.softmax %0 {dimension = 1 : i64} : tensor<" + x + ">", {{x, {1, 2, 3, 4}}},
        {{x, {1, 2, 3, 4}}});
    vjp("heddle.layer_norm %0, %1, %1 {epsilon = 1.0 : f64} : tensor<" + x + ">, tensor<" + row +
            ">",
        {{x, {1, 2, 3, 4}}, {row, {1, 2}}, {row, {1, 2}}}, {{x, {1, 2, 3, 4}}});
    vjp("heddle.gelu tanh %0 : tensor<" + row + ">", {{row, {1, 2}}}, {{row, {1, 2}}});
    vjp("heddle.dropout %0, %1 {p = 0.5 : f64, stream = 0 : i64} : tensor<" + row + ">",
        {{row, {1, 2}}, {"2xi64", {0, 0}}}, {{row, {1, 2}}});
    vjp("heddle.cross_entropy %0, %1 {ignore_index = -1 : i64} : tensor<" + x + ">, tensor<2xi32>",
        {{x, {1, 2, 3, 4}}, {"2xi32", {0, 1}}}, {{type, {1}}});
    std::string head = "1x1x2x2x" + type;
    vjp("heddle.attention %0, %1, %2 {causal, scale = 1.0 : f64} : tensor<" + head + ">, tensor<" +
            head + ">, tensor<" + head + ">",
        {{head, {1, 2, 3, 4}}, {head, {1, 2, 3, 4}}, {head, {1, 2, 3, 4}}},
        {{head, {1, 2, 3, 4}}, {"1x1x2xf32", {1, 2}}});
    const Argument heads = {head, {1, 2, 3, 4}}, rows = {"1x1x2xf32", {1, 2}};
    vjp("heddle.attention_gradient %0, %1, %2, %3, %4, %5 {scale = 1.0 : f64} : tensor<" + head +
            ">, tensor<" + head + ">, tensor<" + head +
            ">, tensor<1x1x2xf32>, tensor<1x1x2xf32>, tensor<" + head + ">",
        {heads, heads, heads, rows, rows, heads}, {heads, heads, heads});
  }
}

// Each result alone, of the keys [0, ln 3] and the values [4, 8] for the query 1: P = [1/4, 3/4].
TEST(GradientConventions, AResultMayHaveNoCotangent) {
  const double ln3 = 1.0986122886681098;
  const Argument one = {"1x1x1x1xf64", {1}}, keys = {"1x1x2x1xf64", {0, ln3}},
                 values = {"1x1x2x1xf64", {4, 8}};
  const std::string op = "heddle.attention %0, %1, %2 {scale = 1.0 : f64} : tensor<1x1x1x1xf64>, "
                         "tensor<1x1x2x1xf64>, tensor<1x1x2x1xf64>";
  auto expect = [](const auto &got, const std::vector<List> &want) {
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < want.size(); ++i) {
      ASSERT_TRUE(got[i].has_value()) << "operand " << i;
      expectValues(*got[i], want[i], 16);
    }
  };
  expect(vjp(op, {one, keys, values}, {{"1x1x1x1xf64", {2}}}),
         {{1.5 * ln3}, {-1.5, 1.5}, {0.5, 1.5}});
  // d ln sum e^s / ds = P.
  expect(vjp(op, {one, keys, values}, {{}, {"1x1x1xf64", {4}}}), {{3 * ln3}, {1, 3}, {0, 0}});
  const std::string gradient =
      "heddle.attention_gradient %0, %1, %2, %3, %4, %5 {scale = 1.0 : f64} : tensor<1x1x1x1xf64>, "
      "tensor<1x1x2x1xf64>, tensor<1x1x2x1xf64>, tensor<1x1x1xf64>, tensor<1x1x1xf64>, "
      "tensor<1x1x1x1xf64>";
  std::vector<Argument> operands = {one,
                                    keys,
                                    values,
                                    {"1x1x1xf64", {2 * 0.6931471805599453}},
                                    {"1x1x1xf64", {14}},
                                    {"1x1x1x1xf64", {2}}};
  // dv = P^T dy: of its first element, P_0 = 1/4 times 2.
  expect(vjp(gradient, operands, {{}, {}, {"1x1x2x1xf64", {1, 0}}}),
         {{0}, {0.5, 0}, {0, 0}, {-0.5}, {0}, {0.25}});
}
} // namespace
