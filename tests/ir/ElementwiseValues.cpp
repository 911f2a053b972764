//===- ElementwiseValues.cpp - values of the elementwise ops ---------------===//

#include "ValueCases.h"

namespace heddle::test {

static ValueCase unary(const std::string &op, std::vector<double> x, std::vector<double> y,
                       const std::string &element = "f32") {
  std::string type = std::to_string(x.size()) + "x" + element;
  return {"heddle." + op + " %0 : tensor<" + type + ">", {{type, std::move(x)}}, std::move(y)};
}
static ValueCase binary(const std::string &op, const std::string &element, std::vector<double> x,
                        std::vector<double> y, std::vector<double> z) {
  std::string type = std::to_string(x.size()) + "x" + element;
  return {"heddle." + op + " %0, %1 : tensor<" + type + ">",
          {{type, std::move(x)}, {type, std::move(y)}},
          std::move(z)};
}
static ValueCase cast(const std::string &from, const std::string &to, std::vector<double> x,
                      std::vector<double> y) {
  std::string size = std::to_string(x.size()) + "x";
  return {"heddle.cast %0 : tensor<" + size + from + "> to tensor<" + size + to + ">",
          {{size + from, std::move(x)}},
          std::move(y)};
}

std::vector<ValueCase> elementwiseValues() {
  std::vector<ValueCase> cases = {
      unary("neg", {1, 0, -2, kInf}, {-1, 0, 2, -kInf}),
      unary("neg", {5, -128}, {-5, -128}, "i8"), // wraps, as the machine does
      unary("abs", {-3, 0, 2, -kInf, kNan}, {3, 0, 2, kInf, kNan}),
      unary("exp", {0, 1, -kInf, kInf, kNan}, {1, 2.718281828459045, 0, kInf, kNan}),
      unary("log", {1, 2, 0, -1, kInf}, {0, 0.6931471805599453, -kInf, kNan, kInf}),
      unary("sqrt", {4, 2, 0, -1}, {2, 1.4142135623730951, 0, kNan}),
      unary("rsqrt", {4, 2, 0, kInf}, {0.5, 0.7071067811865476, kInf, 0}),
      unary("tanh", {0, 0.5, -kInf, kNan}, {0, 0.46211715726000974, -1, kNan}),
      unary("erf", {0, 1, -1, kInf}, {0, 0.8427007929497149, -0.8427007929497149, 1}),
      unary("sin", {0, 0.5235987755982989, 1.5707963267948966}, {0, 0.5, 1}),
      unary("cos", {0, 1.0471975511965976, 3.141592653589793}, {1, 0.5, -1}),
      unary("sigmoid", {0, 1.0986122886681098, -1000, 1000},
            {0.5, 0.75, 0, 1}), // ln 3: 1/(1 + 1/3)
      unary("relu", {-1, 0, 2, -kInf, kNan}, {0, 0, 2, 0, kNan}),
      unary("floor", {-0.5, 1, 1.999, -2}, {-1, 1, 1, -2}),
      unary("not", {0, 1}, {1, 0}, "i1"),
      unary("stop_gradient", {-1, 2}, {-1, 2}),

      binary("add", "f32", {1, kInf}, {2, -kInf}, {3, kNan}),
      binary("add", "i32", {2147483647, -5}, {1, 3}, {-2147483648.0, -2}),
      binary("add", "i8", {127, -128}, {2, -1}, {-127, 127}),
      binary("add", "i64", {4503599627370496}, {4503599627370496},
             {9007199254740992}), // 2^53: still exact
      binary("sub", "f32", {1, 0}, {2, 0}, {-1, 0}),
      binary("sub", "i32", {-2147483648.0}, {1}, {2147483647}),
      binary("mul", "f32", {3, 0}, {-2, kInf}, {-6, kNan}),
      binary("mul", "i32", {65536, 2147483647}, {65536, 2}, {0, -2}),
      binary("div", "f32", {1, 1, -1, 0}, {4, 0, 0, 0}, {0.25, kInf, -kInf, kNan}),
      // Towards 0; by 0 gives 0; the smallest by -1 wraps.
      binary("div", "i32", {7, -7, 7, 5, -2147483648.0}, {2, 2, -2, 0, -1},
             {3, -3, -3, 0, -2147483648.0}),
      binary("maximum", "f32", {1, 2, kNan, 5}, {2, 2, 1, kNan}, {2, 2, kNan, kNan}),
      binary("maximum", "i64", {-4, 3}, {-5, 3}, {-4, 3}),
      binary("minimum", "f32", {1, 2, kNan, 5}, {2, 2, 1, kNan}, {1, 2, kNan, kNan}),
      binary("minimum", "i8", {-4, 3}, {-5, 3}, {-5, 3}),
      binary("pow", "f32", {2, 0, 0, 9, 4, -2}, {10, 0, 2, 0.5, -0.5, 3}, {1024, 1, 0, 3, 0.5, -8}),
      binary("and", "i1", {0, 0, 1, 1}, {0, 1, 0, 1}, {0, 0, 0, 1}),
      binary("and", "i32", {12, -1}, {10, 7}, {8, 7}),
      binary("or", "i1", {0, 0, 1, 1}, {0, 1, 0, 1}, {0, 1, 1, 1}),
      binary("or", "i64", {12, -1}, {10, 7}, {14, -1}),

      {"heddle.select %0, %1, %2 : tensor<3xi32>",
       {{"3xi1", {1, 0, 1}}, {"3xi32", {1, 2, 3}}, {"3xi32", {4, 5, 6}}},
       {1, 5, 3}},
      // The other operand does not matter, NaN or not.
      {"heddle.select %0, %1, %2 : tensor<2xf32>",
       {{"2xi1", {1, 0}}, {"2xf32", {1, kNan}}, {"2xf32", {kNan, 2}}},
       {1, 2}},

      cast("f32", "i32", {1.9, -1.9, -0.5, 2147483647}, {1, -1, 0, 2147483647}),
      cast("f32", "i1", {0, 2, -0.5, kNan}, {0, 1, 1, 1}),
      cast("i1", "f32", {0, 1}, {0, 1}),
      cast("i64", "i8", {300, -129, 128, -1}, {44, 127, -128, -1}),
      cast("i8", "i1", {0, -128}, {0, 1}),
      cast("i32", "f64", {-2147483648.0}, {-2147483648.0}),
      cast("f64", "bf16", {0.1, kInf}, {0.1, kInf}), // float64 whatever the type

      // No dimension, and a dimension of no elements.
      {"heddle.add %0, %0 : tensor<f32>", {{"f32", {1.5}}}, {3}},
      {"heddle.exp %0 : tensor<0x3xf32>", {{"0x3xf32", {}}}, {}},
  };
  struct Comparison {
    std::string predicate;
    std::vector<double> floats, booleans;
  };
  // 1, 2, 3 and NaN with 2, 2, 2 and NaN; false < true.
  for (const Comparison &c : std::vector<Comparison>{{"eq", {0, 1, 0, 0}, {0, 1}},
                                                     {"ne", {1, 0, 1, 1}, {1, 0}},
                                                     {"lt", {1, 0, 0, 0}, {1, 0}},
                                                     {"le", {1, 1, 0, 0}, {1, 1}},
                                                     {"gt", {0, 0, 1, 0}, {0, 0}},
                                                     {"ge", {0, 1, 1, 0}, {0, 1}}}) {
    cases.push_back(
        binary("compare " + c.predicate, "f32", {1, 2, 3, kNan}, {2, 2, 2, kNan}, c.floats));
    cases.push_back(binary("compare " + c.predicate, "i32", {1, 2, 3}, {2, 2, 2},
                           {c.floats[0], c.floats[1], c.floats[2]}));
    cases.push_back(binary("compare " + c.predicate, "i1", {0, 1}, {1, 1}, c.booleans));
  }
  return cases;
}

} // namespace heddle::test
