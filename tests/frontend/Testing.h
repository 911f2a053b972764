// Models evaluated by the float64 reference interpreter, in plain C++.
#pragma once

#include <cmath>
#include <heddle/heddle.h>

#include <gtest/gtest.h>

#include <map>

namespace heddle::testing {

struct Values {
  Shape shape;
  std::vector<double> values;
};
using ByName = std::map<std::string, std::vector<double>>;

/// Calls a function on inputs and state by name (state that is not given is zero). The result holds
/// outputs and updated state by name. A training step takes the gradient of parameter p from
/// "gradient.p".
std::map<std::string, Values> interpret(const Model &model, const std::string &function,
                                        const ByName &given);

struct Given {
  Shape shape;
  std::vector<double> values;
  DType dtype = f32;
};

/// The result of a function of `given` that returns one Tensor.
template <class F> Values eval(std::vector<Given> given, F f) {
  Model model("m");
  std::vector<Input> inputs;
  ByName values;
  for (const Given &g : given) {
    inputs.emplace_back("in" + std::to_string(inputs.size()), g.dtype, g.shape);
    values[inputs.back().name] = g.values;
  }
  model.function("f", inputs, f);
  return interpret(model, "f", values).at("output");
}

inline void expectValues(const Values &got, const Shape &shape, const std::vector<double> &expected,
                         double tolerance = 1e-6) {
  EXPECT_EQ(got.shape.str(), shape.str());
  ASSERT_EQ(got.values.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::isnan(expected[i]))
      EXPECT_TRUE(std::isnan(got.values[i])) << "at " << i;
    else
      EXPECT_NEAR(got.values[i], expected[i], tolerance) << "at " << i;
  }
}

/// Runs `f`, which must throw Error, and gives its message without the place, checking that the
/// place is in `file`.
template <class F> std::string messageOf(F f, const char *file) {
  try {
    f();
  } catch (const Error &error) {
    EXPECT_EQ(error.file(), file) << error.what();
    EXPECT_GT(error.line(), 0u);
    return error.message();
  }
  return "no error";
}

} // namespace heddle::testing
