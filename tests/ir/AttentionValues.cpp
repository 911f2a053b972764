//===- AttentionValues.cpp - values of attention and its gradient ----------===//

#include "ValueCases.h"

namespace heddle::test {

static constexpr double kLn2 = 0.6931471805599453, kLn3 = 1.0986122886681098,
                        kLn4 = 1.3862943611198906, kLn10 = 2.302585092994046;

// One feature; the keys give the query 1 the probabilities 1/4 and 3/4, the query 0 halves.
static const Argument one = {"1x1x1x1xf32", {1}}, both = {"1x1x2x1xf32", {1, 0}},
                      keys = {"1x1x2x1xf32", {0, kLn3}}, values = {"1x1x2x1xf32", {4, 8}};

/// The op on `operands` %0, %1, ..., of which a boolean one is the mask and a scalar the position.
static ValueCase valueCase(const std::string &op, const std::string &attributes,
                           std::vector<Argument> operands, std::vector<double> want) {
  std::string names, types;
  for (size_t i = 0; i < operands.size(); ++i) {
    const std::string &type = operands[i].type;
    const char *separator = type.ends_with("i1")             ? " mask "
                            : type == "i32" || type == "i64" ? " position "
                            : i                              ? ", "
                                                             : "";
    names += separator;
    names += '%';
    names += std::to_string(i);
    types += separator;
    types += "tensor<" + operands[i].type + ">";
  }
  return {op + " " + names + " {" + attributes + " : f64} : " + types, std::move(operands),
          std::move(want)};
}

/// y, and then the logarithms of the sums, a row after the other.
static void addAttention(std::vector<ValueCase> &cases) {
  auto attention = [&](const std::string &attributes, std::vector<Argument> operands,
                       std::vector<double> want) {
    cases.push_back(
        valueCase("heddle.attention", attributes, std::move(operands), std::move(want)));
  };
  attention("scale = 1.0", {one, keys, values}, {7, kLn4});
  attention("scale = 1.0", {both, keys, values}, {7, 6, kLn4, kLn2});
  attention("scale = 2.0", {one, keys, values}, {0.1 * 4 + 0.9 * 8, kLn10}); // 1 : 9
  attention("causal, scale = 1.0", {both, keys, values}, {4, 6, 0, kLn2});
  attention("causal, scale = 1.0", {one, keys, values}, {7, kLn4}); // the last sees every key
  attention("causal, scale = 1.0", {both, one, {"1x1x1x1xf32", {4}}}, {0, 4, -kInf, 0});
  attention("scale = 1.0", {both, keys, values, {"1x1x2x2xi1", {0, 1, 0, 0}}}, {8, 0, kLn3, -kInf});
  attention("causal, scale = 1.0", {both, keys, values, {"1x1x2x2xi1", {1, 1, 0, 1}}},
            {4, 8, 0, 0});
  attention("scale = 1.0", {one, {"1x1x2x1xf32", {1000, 1000}}, values},
            {6, 1000 + kLn2}); // no overflow
  // Two features of q and k, one row of v with three: q k^T = 1*3 + 2*4.
  attention("scale = 1.0",
            {{"1x1x1x2xf32", {1, 2}}, {"1x1x1x2xf32", {3, 4}}, {"1x1x1x3xf32", {5, 6, 7}}},
            {5, 6, 7, 11});
  // Each batch and head has its own keys and values.
  attention("scale = 1.0",
            {{"2x2x1x1xf32", {1, 1, 1, 1}},
             {"2x2x2x1xf32", {0, 0, 0, kLn3, kLn3, 0, 0, -1000}},
             {"2x2x2x1xf32", {1, 3, 4, 8, 4, 8, 5, 9}}},
            {2, 7, 5, 5, kLn2, kLn4, kLn4, 0});
  attention("scale = 1.0", {{"1x1x0x1xf32", {}}, keys, values}, {});
  attention("scale = 1.0", {one, {"1x1x0x1xf32", {}}, {"1x1x0x2xf32", {}}}, {0, 0, -kInf});
}

/// dq, dk, dv.
static void addGradient(std::vector<ValueCase> &cases) {
  auto gradient = [&](const std::string &attributes, std::vector<Argument> operands,
                      std::vector<double> want) {
    cases.push_back(
        valueCase("heddle.attention_gradient", attributes, std::move(operands), std::move(want)));
  };
  // P = [1/4, 3/4], dy v^T = [8, 16], dS = [-3/2, 3/2].
  const Argument logsumexp = {"1x1x1xf32", {kLn4}}, delta = {"1x1x1xf32", {14}},
                 dy = {"1x1x1x1xf32", {2}};
  gradient("scale = 1.0", {one, keys, values, logsumexp, delta, dy},
           {1.5 * kLn3, -1.5, 1.5, 0.5, 1.5});
  gradient("causal, scale = 1.0", {one, keys, values, logsumexp, delta, dy},
           {1.5 * kLn3, -1.5, 1.5, 0.5, 1.5});
  gradient("scale = 2.0", {{"1x1x1x1xf32", {0.5}}, keys, values, logsumexp, delta, dy},
           {3 * kLn3, -1.5, 1.5, 0.5, 1.5});
  // P = [1, 0] and [1/2, 1/2], dy v^T = [4, 8] and [8, 16], dS = [0, 0] and [-2, 2].
  const Argument rows = {"1x1x2xf32", {0, kLn2}}, deltas = {"1x1x2xf32", {4, 12}},
                 dys = {"1x1x2x1xf32", {1, 2}};
  gradient("causal, scale = 1.0", {both, keys, values, rows, deltas, dys},
           {0, 2 * kLn3, 0, 0, 2, 1});
  gradient("scale = 1.0", {both, keys, values, rows, deltas, dys, {"1x1x2x2xi1", {1, 0, 1, 1}}},
           {0, 2 * kLn3, 0, 0, 2, 1});
  // P = [1, 0], dy v^T = [8, 16], dS = [0, 0].
  gradient("causal, scale = 1.0",
           {one, keys, values, {"1x1x1xf32", {0}}, {"1x1x1xf32", {8}}, dy, {"i32", {0}}},
           {0, 0, 0, 2, 0});
  // The second query sees no key.
  gradient("scale = 1.0",
           {both,
            keys,
            values,
            {"1x1x2xf32", {kLn3, -kInf}},
            {"1x1x2xf32", {8, 0}},
            dys,
            {"1x1x2x2xi1", {0, 1, 0, 0}}},
           {0, 0, 0, 0, 0, 1});
  // No query at all, and no key at all.
  gradient("scale = 1.0",
           {{"1x1x0x1xf32", {}},
            keys,
            values,
            {"1x1x0xf32", {}},
            {"1x1x0xf32", {}},
            {"1x1x0x1xf32", {}}},
           {0, 0, 0, 0});
  gradient("scale = 1.0",
           {one,
            {"1x1x0x1xf32", {}},
            {"1x1x0x1xf32", {}},
            {"1x1x1xf32", {-kInf}},
            {"1x1x1xf32", {0}},
            dy},
           {0});
}

std::vector<ValueCase> attentionValues() {
  std::vector<ValueCase> cases;
  addAttention(cases);
  addGradient(cases);
  return cases;
}

} // namespace heddle::test
