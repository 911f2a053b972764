//===- NeuralValues.cpp - values of the composite ops ----------------------===//

#include "ValueCases.h"

namespace heddle::test {

static constexpr double kLn2 = 0.6931471805599453, kLn3 = 1.0986122886681098,
                        kLn4 = 1.3862943611198906, kLn5 = 1.6094379124341003,
                        kLn8 = 2.0794415416798357;

static void addSoftmax(std::vector<ValueCase> &cases) {
  auto along = [&](const std::string &op, int dim, const Argument &x, std::vector<double> y) {
    cases.push_back({"heddle." + op + " %0 {dimension = " + std::to_string(dim) +
                         " : i64} : tensor<" + x.type + ">",
                     {x},
                     std::move(y)});
  };
  along("softmax", 1, {"1x3xf32", {0, kLn2, kLn5}}, {0.125, 0.25, 0.625});
  along("softmax", 0, {"2x2xf32", {0, 1000, kLn3, 1000}}, {0.25, 0.5, 0.75, 0.5}); // no overflow
  along("softmax", 1, {"2x1xf32", {-7, kInf}}, {1, kNan});
  along("softmax", 0, {"3xf32", {-kInf, 0, 0}}, {0, 0.5, 0.5});
  along("softmax", 0, {"2xf32", {-kInf, -kInf}}, {kNan, kNan});
  along("softmax", 1, {"2x0xf32", {}}, {});
  along("log_softmax", 1, {"1x3xf32", {0, kLn2, kLn5}}, {-kLn8, -kLn4, kLn5 - kLn8});
  along("log_softmax", 0, {"2x2xf32", {0, 1000, 0, 1000}}, {-kLn2, -kLn2, -kLn2, -kLn2});
  along("log_softmax", 0, {"2xf32", {0, -1000}}, {0, -1000}); // where softmax has underflowed
  along("log_softmax", 0, {"0x2xf32", {}}, {});
}

static void addNormalisation(std::vector<ValueCase> &cases) {
  auto norm = [&](const std::string &epsilon, const Argument &x, const Argument &weight,
                  const Argument &bias, std::vector<double> y) {
    cases.push_back({"heddle.layer_norm %0, %1, %2 {epsilon = " + epsilon + " : f64} : tensor<" +
                         x.type + ">, tensor<" + weight.type + ">",
                     {x, weight, bias},
                     std::move(y)});
  };
  const Argument weight = {"2xf32", {10, 20}}, bias = {"2xf32", {1, 2}};
  norm("3.0", {"2x2xf32", {1, 3, 5, 5}}, weight, bias,
       {-4, 12, 1, 2}); // variance 1, so 1/sqrt(1 + 3); variance 0
  norm("0.0", {"1x2xf32", {-4, 4}}, weight, bias, {-9, 22});
  norm("1.0", {"2x1x1xf32", {7, 8}}, {"1xf32", {5}}, {"1xf32", {3}},
       {3, 3}); // one element is its own mean
  norm("1.0", {"0x2xf32", {}}, weight, bias, {});
  norm("1.0", {"2x0xf32", {}}, {"0xf32", {}}, {"0xf32", {}}, {});
}

static void addLosses(std::vector<ValueCase> &cases) {
  auto entropy = [&](int ignore, const Argument &logits, const Argument &labels, double loss) {
    cases.push_back({"heddle.cross_entropy %0, %1 {ignore_index = " + std::to_string(ignore) +
                         " : i64} : tensor<" + logits.type + ">, tensor<" + labels.type + ">",
                     {logits, labels},
                     {loss}});
  };
  // Probabilities 1/4 and 3/4, the same, and halves.
  const Argument logits = {"3x2xf32", {0, kLn3, 5, 5 + kLn3, 1000, 1000}};
  entropy(-100, logits, {"3xi32", {0, 0, 0}}, (2 * kLn4 + kLn2) / 3);
  entropy(-100, logits, {"3xi64", {1, -100, 0}},
          (kLn4 - kLn3 + kLn2) / 2);              // n counts what is not ignored
  entropy(1, logits, {"3xi32", {1, 0, 1}}, kLn4); // a class that is ignored
  entropy(-100, logits, {"3xi32", {-100, -100, -100}}, kNan);
  entropy(-100, {"0x2xf32", {}}, {"0xi32", {}}, kNan);
  entropy(-100, {"1x1xf32", {3}}, {"1xi32", {0}}, 0);
  entropy(-100, {"1x2xf32", {-kInf, 0}}, {"1xi32", {0}}, kInf);
}

std::vector<ValueCase> neuralValues() {
  std::vector<ValueCase> cases = {
      // Phi(1) = 0.8413447460685429, Phi(-1) = 1 - Phi(1).
      {"heddle.gelu none %0 : tensor<4xf32>",
       {{"4xf32", {0, 1, -1, 40}}},
       {0, 0.8413447460685429, -0.15865525393145707, 40}},
      {"heddle.gelu tanh %0 : tensor<4xf32>",
       {{"4xf32", {0, 1, -1, 40}}},
       {0, 0.8411919906082768, -0.15880800939172324, 40}},
      {"heddle.silu %0 : tensor<4xf32>",
       {{"4xf32", {0, kLn3, -kLn3, -1000}}},
       {0, 0.75 * kLn3, -0.25 * kLn3, 0}},

      // With key and counter 0, u = 0.399...
      {"heddle.dropout %0, %1 {p = 0.5 : f64, stream = 0 : i64} : tensor<f32>",
       {{"f32", {3}}, {"2xi64", {0, 0}}},
       {0}},
      {"heddle.dropout %0, %1 {p = 0.25 : f64, stream = 0 : i64} : tensor<f32>",
       {{"f32", {3}}, {"2xi64", {0, 0}}},
       {4}},
      {"heddle.dropout %0, %1 {p = 0.0 : f64, stream = 0 : i64} : tensor<2xf32>",
       {{"2xf32", {3, kNan}}, {"2xi64", {0, 0}}},
       {3, kNan}},
      {"heddle.dropout %0, %1 {p = 0.5 : f64, stream = 0 : i64} : tensor<0xf32>",
       {{"0xf32", {}}, {"2xi64", {0, 0}}},
       {}},
  };
  addSoftmax(cases);
  addNormalisation(cases);
  addLosses(cases);
  for (ValueCase &c : attentionValues())
    cases.push_back(std::move(c));
  return cases;
}

} // namespace heddle::test
