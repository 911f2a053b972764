//===- ReductionValues.cpp - values of sums, extrema, products, look-ups ---===//

#include "ValueCases.h"

namespace heddle::test {

static void addReductions(std::vector<ValueCase> &cases) {
  const Argument cube = {"2x2x2xf32", {1, 2, 3, 4, 5, 6, 7, 8}};
  auto reduce = [&](const std::string &op, const std::string &dims, const Argument &x,
                    std::vector<double> y) {
    cases.push_back(
        {"heddle.reduce_" + op + " %0 [" + dims + "] : tensor<" + x.type + ">", {x}, std::move(y)});
  };
  reduce("sum", "0", cube, {6, 8, 10, 12});
  reduce("sum", "1", cube, {4, 6, 12, 14});
  reduce("sum", "2", cube, {3, 7, 11, 15});
  reduce("sum", "0, 2", cube, {14, 22});
  reduce("sum", "0, 1, 2", cube, {36});
  reduce("sum", "", cube, cube.values);
  reduce("sum", "1", {"2x0xf32", {}}, {0, 0});
  reduce("sum", "1", {"0x2xf32", {}}, {});
  reduce("sum", "0", {"1x2xf32", {3, 4}}, {3, 4});
  reduce("sum", "0", {"2xi32", {2147483647, 1}}, {-2147483648.0});
  reduce("sum", "0", {"3xf32", {kInf, 1, -kInf}}, {kNan});
  reduce("max", "1", {"2x3xf32", {1, 5, 5, -2, -1, -kInf}}, {5, -1});
  reduce("max", "0", {"3xf32", {1, kNan, 2}}, {kNan});
  reduce("max", "0", {"0x2xf32", {}}, {-kInf, -kInf});
  reduce("max", "0", {"0xi8", {}}, {-128});
  reduce("max", "0", {"0xi32", {}}, {-2147483648.0});
  reduce("max", "0", {"0xi64", {}}, {-0x1p63});
  reduce("max", "0, 1, 2", cube, {8});
  reduce("min", "1", {"2x3xf32", {1, 5, 1, -2, kInf, 0}}, {1, -2});
  reduce("min", "0", {"3xf32", {kNan, 1, 2}}, {kNan});
  reduce("min", "0", {"0x2xf32", {}}, {kInf, kInf});
  reduce("min", "0", {"0xi8", {}}, {127});
  reduce("min", "0", {"2xi32", {-3, 3}}, {-3});

  auto argmax = [&](int dim, const Argument &x, std::vector<double> y) {
    cases.push_back({"heddle.argmax %0 {dimension = " + std::to_string(dim) + " : i64} : tensor<" +
                         x.type + ">",
                     {x},
                     std::move(y)});
  };
  argmax(1, {"3x3xf32", {3, 1, 3, 0, 0, 0, 1, kNan, kNan}},
         {0, 0, 1}); // the first of ties; NaN is the largest
  argmax(0, {"2x3xi32", {1, 5, -3, 2, 5, -4}}, {1, 0, 0});
  argmax(1, {"2x1xf32", {-kInf, 7}}, {0, 0});
  argmax(1, {"0x2xf32", {}}, {});
}

static void addContractions(std::vector<ValueCase> &cases) {
  const Argument x = {"2x2xf32", {1, 2, 3, 4}}, y = {"2x2xf32", {5, 6, 7, 8}};
  auto dot = [&](const std::string &dims, const Argument &a, const Argument &b,
                 std::vector<double> z) {
    cases.push_back(
        {"heddle.dot_general %0, %1 " + dims + " : tensor<" + a.type + ">, tensor<" + b.type + ">",
         {a, b},
         std::move(z)});
  };
  dot("batch [] x [] contract [1] x [0]", x, y, {19, 22, 43, 50});
  dot("batch [] x [] contract [1] x [1]", x, y, {17, 23, 39, 53});
  dot("batch [0] x [0] contract [1] x [1]", x, y, {17, 53});
  dot("batch [0] x [1] contract [] x []", x, y,
      {5, 7, 10, 14, 18, 24, 24, 32}); // z[b, i, j] = x[b, i] y[j, b]
  dot("batch [] x [] contract [0, 1] x [0, 1]", x, y, {70});
  dot("batch [] x [] contract [0, 1] x [1, 0]", x, y, {69}); // the pairs cross: trace of x y
  dot("batch [] x [] contract [] x []", {"2xf32", {1, 2}}, {"2xf32", {3, 4}}, {3, 4, 6, 8});
  dot("batch [] x [] contract [1] x [0]", {"2x0xf32", {}}, {"0x1xf32", {}}, {0, 0});
  dot("batch [] x [] contract [0] x [0]", {"2xi32", {65536, 1}}, {"2xi32", {65536, 3}}, {3});

  auto contraction = [&](const std::string &bias, const std::string &dims,
                         std::vector<Argument> arguments, const std::string &result,
                         std::vector<double> z) {
    std::string types;
    for (const Argument &argument : arguments)
      types += (types.empty() ? "tensor<" : ", tensor<") + argument.type + ">";
    cases.push_back({"heddle.contraction %0, %1 " + bias + dims + " : (" + types + ") -> tensor<" +
                         result + ">",
                     std::move(arguments), std::move(z)});
  };
  contraction("", "batch [] x [] contract [1] x [0]", {x, y}, "2x2xf32", {19, 22, 43, 50});
  contraction("bias %2 ", "batch [] x [] contract [1] x [0]", {x, y, {"2xf32", {100, 200}}},
              "2x2xf32", {119, 222, 143, 250});
  contraction("bias %2 ", "batch [0] x [0] contract [1] x [1]", {x, y, {"2xf32", {100, 200}}},
              "2xf32", {117, 253});
  contraction("bias %2 ", "batch [] x [] contract [1] x [0]",
              {{"1x0xf32", {}}, {"0x2xf32", {}}, {"2xf32", {1, 2}}}, "1x2xf32", {1, 2});
}

static void addIndexing(std::vector<ValueCase> &cases) {
  const Argument table = {"3x2xf32", {1, 2, 3, 4, 5, 6}};
  cases.insert(
      cases.end(),
      {
          {"heddle.gather %0, %1 : tensor<3x2xf32>, tensor<2x2xi32>",
           {table, {"2x2xi32", {2, 0, 2, 2}}},
           {5, 6, 1, 2, 5, 6, 5, 6}},
          {"heddle.gather %0, %1 : tensor<3x2xf32>, tensor<i64>", {table, {"i64", {1}}}, {3, 4}},
          {"heddle.gather %0, %1 : tensor<2xi1>, tensor<3xi32>",
           {{"2xi1", {0, 1}}, {"3xi32", {1, 0, 1}}},
           {1, 0, 1}},
          {"heddle.gather %0, %1 : tensor<3x2xf32>, tensor<0xi32>", {table, {"0xi32", {}}}, {}},
          {"heddle.gather %0, %1 : tensor<3x0xf32>, tensor<1xi32>",
           {{"3x0xf32", {}}, {"1xi32", {2}}},
           {}},

          // Repeated indices add up.
          {"heddle.scatter_add %0, %1, %2 : tensor<3x2xf32>, tensor<3xi32>, tensor<3x2xf32>",
           {table, {"3xi32", {2, 0, 2}}, {"3x2xf32", {10, 20, 30, 40, 50, 60}}},
           {31, 42, 3, 4, 65, 86}},
          {"heddle.scatter_add %0, %1, %2 : tensor<2xi8>, tensor<2xi64>, tensor<2xi8>",
           {{"2xi8", {100, 0}}, {"2xi64", {0, 0}}, {"2xi8", {20, 10}}},
           {-126, 0}},
          {"heddle.scatter_add %0, %1, %2 : tensor<3x2xf32>, tensor<0xi32>, tensor<0x2xf32>",
           {table, {"0xi32", {}}, {"0x2xf32", {}}},
           table.values},
          {"heddle.scatter_add %0, %1, %2 : tensor<3x2xf32>, tensor<i32>, tensor<2xf32>",
           {table, {"i32", {1}}, {"2xf32", {10, 20}}},
           {1, 2, 13, 24, 5, 6}},
      });
}

std::vector<ValueCase> reductionValues() {
  std::vector<ValueCase> cases = {
      // Random123's known answer for counter 0 and key 0 begins with 6627e8d5.
      {"heddle.random_uniform %0 {stream = 0 : i64} : tensor<f32>",
       {{"2xi64", {0, 0}}},
       {0x6627e8 * 0x1p-24}},
      {"heddle.fusion(%a = %0, %b = %1) : (tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, "
       "tensor<f32>) {\n"
       "  %s = heddle.add %a, %b : tensor<2xf32>\n"
       "  %m = heddle.reduce_max %s [0] : tensor<2xf32>\n"
       "  heddle.yield %s, %m : tensor<2xf32>, tensor<f32>\n}",
       {{"2xf32", {1, 2}}, {"2xf32", {30, 10}}},
       {31, 12, 31}},
      {"heddle.fusion(%a = %0) : (tensor<2xf32>) -> tensor<2xf32> {\n  heddle.yield %a : "
       "tensor<2xf32>\n}",
       {{"2xf32", {1, 2}}},
       {1, 2}},
  };
  addReductions(cases);
  addContractions(cases);
  addIndexing(cases);
  return cases;
}

} // namespace heddle::test
