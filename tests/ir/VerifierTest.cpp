//===- VerifierTest.cpp - what the dialect rejects, word for word -----------===//

#include "Testing.h"

using namespace heddle::test;

namespace {
struct ErrorCase {
  std::string body;
  std::vector<std::string> types;
  std::string error;
};
void PrintTo(const ErrorCase &c, std::ostream *out) { *out << c.body; }

class Verifier : public testing::TestWithParam<ErrorCase> {};
TEST_P(Verifier, SaysWhatItExpected) {
  Session session;
  EXPECT_FALSE(session.parse(GetParam().body, GetParam().types));
  EXPECT_EQ(session.firstError(), GetParam().error);
}

std::vector<ErrorCase> elementwise() {
  return {
      {"heddle.exp %0 : tensor<2xi32>",
       {"2xi32"},
       "'heddle.exp' op operand #0 must be ranked tensor of 32-bit float or 64-bit float or 16-bit "
       "float or bfloat16 "
       "type values, but got 'tensor<2xi32>'"},
      {"heddle.neg %0 : tensor<2xi1>",
       {"2xi1"},
       "'heddle.neg' op operand #0 must be ranked tensor of 32-bit float or 64-bit float or 16-bit "
       "float or bfloat16 "
       "type or 8-bit signless integer or 32-bit signless integer or 64-bit signless integer "
       "values, but got "
       "'tensor<2xi1>'"},
      {"heddle.not %0 : tensor<2xi32>",
       {"2xi32"},
       "'heddle.not' op operand #0 must be ranked tensor of 1-bit signless integer values, but got "
       "'tensor<2xi32>'"},
      {"heddle.and %0, %0 : tensor<2xf32>",
       {"2xf32"},
       "'heddle.and' op operand #0 must be ranked tensor of 1-bit signless integer or 8-bit "
       "signless integer or 32-bit "
       "signless integer or 64-bit signless integer values, but got 'tensor<2xf32>'"},
      // No implicit broadcast.
      {"\"heddle.add\"(%0, %1) : (tensor<2xf32>, tensor<1xf32>) -> tensor<2xf32>",
       {"2xf32", "1xf32"},
       "'heddle.add' op requires the same type for all operands and results"},
      {"\"heddle.compare\"(%0, %1) <{predicate = #heddle<predicate lt>}> : (tensor<2xf32>, "
       "tensor<2xf64>) -> "
       "tensor<2xi1>",
       {"2xf32", "2xf64"},
       "'heddle.compare' op requires all operands to have the same type"},
      {"\"heddle.compare\"(%0, %0) <{predicate = #heddle<predicate lt>}> : (tensor<2xf32>, "
       "tensor<2xf32>) -> "
       "tensor<3xi1>",
       {"2xf32"},
       "'heddle.compare' op inferred type(s) 'tensor<2xi1>' are incompatible with return type(s) "
       "of operation "
       "'tensor<3xi1>'"},
      {"\"heddle.select\"(%0, %1, %1) : (tensor<3xi1>, tensor<2xf32>, tensor<2xf32>) -> "
       "tensor<2xf32>",
       {"3xi1", "2xf32"},
       "'heddle.select' op failed to verify that all of {condition, result} have same shape"},
      {"\"heddle.select\"(%0, %1, %2) : (tensor<2xi1>, tensor<2xf32>, tensor<2xf64>) -> "
       "tensor<2xf32>",
       {"2xi1", "2xf32", "2xf64"},
       "'heddle.select' op failed to verify that all of {x, y, result} have same type"},
      {"heddle.cast %0 : tensor<2xf32> to tensor<3xi32>",
       {"2xf32"},
       "'heddle.cast' op requires the same shape for all operands and results"},
  };
}

std::vector<ErrorCase> shapes() {
  const std::string at2 = "tensor<2x3xf32>, tensor<i32>, tensor<i32>",
                    update = "tensor<2x3xf32>, tensor<";
  return {
      {"\"heddle.constant\"() <{value = dense<1.0> : tensor<2xf32>}> : () -> tensor<3xf32>",
       {},
       "'heddle.constant' op failed to verify that all of {value, result} have same type"},
      {"heddle.iota {dimension = 1 : i64} : tensor<2xi32>",
       {},
       "heddle.iota: dimension 1 is out of range for rank 1"},
      {"heddle.iota {dimension = -1 : i64} : tensor<2xi32>",
       {},
       "heddle.iota: dimension -1 is out of range for rank 1"},
      {"heddle.reshape %0 : tensor<2xf32> to tensor<2xf64>",
       {"2xf32"},
       "'heddle.reshape' op keeps the element type, expected 'f32', got 'f64'"},
      {"heddle.reshape %0 : tensor<2x3xf32> to tensor<5xf32>",
       {"2x3xf32"},
       "'heddle.reshape' op keeps the number of elements: [2, 3] has 6, [5] has 5"},
      {"heddle.transpose %0 [0, 0] : tensor<2x3xf32>",
       {"2x3xf32"},
       "heddle.transpose: expected a permutation of the 2 dimensions of x, got [0, 0]"},
      {"heddle.transpose %0 [0] : tensor<2x3xf32>",
       {"2x3xf32"},
       "heddle.transpose: expected a permutation of the 2 dimensions of x, got [0]"},
      {"heddle.broadcast %0 [0] : tensor<2xf32> to tensor<2xf64>",
       {"2xf32"},
       "'heddle.broadcast' op keeps the element type, expected 'f32', got 'f64'"},
      {"heddle.broadcast %0 [0, 1] : tensor<2xf32> to tensor<2x2xf32>",
       {"2xf32"},
       "'heddle.broadcast' op expects one entry of `dimensions` for each of the 1 dimensions of x, "
       "got 2"},
      {"heddle.broadcast %0 [2] : tensor<2xf32> to tensor<2x2xf32>",
       {"2xf32"},
       "heddle.broadcast: dimension 2 is out of range for rank 2"},
      {"heddle.broadcast %0 [1, 0] : tensor<2x2xf32> to tensor<2x2xf32>",
       {"2x2xf32"},
       "heddle.broadcast: dimensions must be strictly increasing, got [1, 0]"},
      {"heddle.broadcast %0 [1] : tensor<2xf32> to tensor<2x3xf32>",
       {"2xf32"},
       "'heddle.broadcast' op dimension 0 of x has size 2, expected 1 or 3, the size of dimension "
       "1 of the result"},
      {"heddle.slice %0 [0] to [2, 3] by [1, 1] : tensor<2x3xf32>",
       {"2x3xf32"},
       "heddle.slice: `starts` expects one entry for each of the 2 dimensions of x, got 1"},
      {"heddle.slice %0 [0, 0] to [2] by [1, 1] : tensor<2x3xf32>",
       {"2x3xf32"},
       "heddle.slice: `limits` expects one entry for each of the 2 dimensions of x, got 1"},
      {"heddle.slice %0 [0, 0] to [2, 3] by [1] : tensor<2x3xf32>",
       {"2x3xf32"},
       "heddle.slice: `strides` expects one entry for each of the 2 dimensions of x, got 1"},
      {"heddle.slice %0 [0] to [3] by [1] : tensor<2xf32>",
       {"2xf32"},
       "heddle.slice: dimension 0 expects 0 <= start <= limit <= 2, got start 0 and limit 3"},
      {"heddle.slice %0 [-1] to [2] by [1] : tensor<2xf32>",
       {"2xf32"},
       "heddle.slice: dimension 0 expects 0 <= start <= limit <= 2, got start -1 and limit 2"},
      {"heddle.slice %0 [2] to [1] by [1] : tensor<2xf32>",
       {"2xf32"},
       "heddle.slice: dimension 0 expects 0 <= start <= limit <= 2, got start 2 and limit 1"},
      {"heddle.slice %0 [0] to [2] by [0] : tensor<2xf32>",
       {"2xf32"},
       "heddle.slice: dimension 0 expects a stride of at least 1, got 0"},
      {"heddle.pad %0 low [0, 0] high [0] interior [0] : tensor<2xf32>",
       {"2xf32"},
       "heddle.pad: `low` expects one entry for each of the 1 dimensions of x, got 2"},
      {"heddle.pad %0 low [0] high [-1] interior [0] : tensor<2xf32>",
       {"2xf32"},
       "heddle.pad: dimension 0 expects padding of at least 0, got low 0, high -1, interior 0"},
      {"heddle.concat %0 : tensor<2xf32>",
       {"2xf32"},
       "heddle.concat: expected the attribute 'dimension'"},
      {"\"heddle.concat\"() <{dimension = 0 : i64}> : () -> tensor<2xf32>",
       {},
       "heddle.concat: expected at least one operand"},
      {"heddle.concat %0 {dimension = 1 : i64} : tensor<2xf32>",
       {"2xf32"},
       "heddle.concat: dimension 1 is out of range for rank 1"},
      {"heddle.concat %0, %1 {dimension = 0 : i64} : tensor<2x3xf32>, tensor<2x4xf32>",
       {"2x3xf32", "2x4xf32"},
       "heddle.concat: operand 1 must agree with operand 0, 'tensor<2x3xf32>', in element type and "
       "in all dimensions "
       "but 0, got 'tensor<2x4xf32>'"},
      {"heddle.concat %0, %1 {dimension = 0 : i64} : tensor<2xf32>, tensor<2xf64>",
       {"2xf32", "2xf64"},
       "heddle.concat: operand 1 must agree with operand 0, 'tensor<2xf32>', in element type and "
       "in all dimensions "
       "but 0, got 'tensor<2xf64>'"},
      {"heddle.concat %0 {dimension = 0 : i64} : tensor<*xf32>",
       {"*xf32"},
       "heddle.concat: operands must be ranked tensors, got 'tensor<*xf32>'"},
      {"\"heddle.dynamic_slice\"(%0) <{sizes = array<i64>}> : (tensor<f32>) -> tensor<f32>",
       {"f32"},
       "heddle.dynamic_slice: expected a tensor of at least one dimension, got 'tensor<f32>'"},
      {"heddle.dynamic_slice %0 at %1 sizes [1, 1] : tensor<2x3xf32>, tensor<i32>",
       {"2x3xf32", "i32"},
       "heddle.dynamic_slice: expected one start for each of the 2 dimensions of x, got 1"},
      {"heddle.dynamic_slice %0 at %1, %1 sizes [1] : " + at2,
       {"2x3xf32", "i32"},
       "heddle.dynamic_slice: expected a box of rank 2, got [1]"},
      {"heddle.dynamic_slice %0 at %1, %1 sizes [1, 4] : " + at2,
       {"2x3xf32", "i32"},
       "heddle.dynamic_slice: the box, [1, 4], is larger than x, [2, 3], in dimension 1"},
      {"heddle.dynamic_slice %0 at %1, %1 sizes [1, -1] : " + at2,
       {"2x3xf32", "i32"},
       "heddle.dynamic_slice: sizes must be at least 0, got [1, -1]"},
      {"heddle.dynamic_update_slice %0, %1 at %2, %2 : " + update +
           "1x1xf64>, tensor<i32>, tensor<i32>",
       {"2x3xf32", "1x1xf64", "i32"},
       "heddle.dynamic_update_slice: the update must have x's element type, 'f32', got 'f64'"},
      {"heddle.dynamic_update_slice %0, %1 at %2, %2 : " + update +
           "3x1xf32>, tensor<i32>, tensor<i32>",
       {"2x3xf32", "3x1xf32", "i32"},
       "heddle.dynamic_update_slice: the box, [3, 1], is larger than x, [2, 3], in dimension 0"},
  };
}

std::vector<ErrorCase> reductions() {
  auto dot = [](const std::string &dims, const std::string &x, const std::string &y,
                const std::string &error) {
    return ErrorCase{"heddle.dot_general %0, %1 " + dims + " : tensor<" + x + ">, tensor<" + y +
                         ">",
                     {x, y},
                     "heddle.dot_general: " + error};
  };
  auto contraction = [](const std::string &types, const std::string &result,
                        const std::string &bias, const std::string &error) {
    return ErrorCase{"heddle.contraction %0, %1 bias %2 " + types + " -> tensor<" + result + ">",
                     {"4xf32", "4xf32", bias},
                     error};
  };
  const std::string outer =
                        "batch [] x [] contract [] x [] : (tensor<4xf32>, tensor<4xf32>, tensor<",
                    inner =
                        "batch [] x [] contract [0] x [0] : (tensor<4xf32>, tensor<4xf32>, tensor<";
  return {
      {"heddle.reduce_sum %0 [2] : tensor<2x3xf32>",
       {"2x3xf32"},
       "heddle.reduce_sum: dimension 2 is out of range for rank 2"},
      {"heddle.reduce_max %0 [1, 0] : tensor<2x3xf32>",
       {"2x3xf32"},
       "heddle.reduce_max: dimensions must be strictly increasing, got [1, 0]"},
      {"heddle.reduce_min %0 [0, 0] : tensor<2x3xf32>",
       {"2x3xf32"},
       "heddle.reduce_min: dimensions must be strictly increasing, got [0, 0]"},
      {"heddle.argmax %0 : tensor<2xf32>",
       {"2xf32"},
       "heddle.argmax: expected the attribute 'dimension'"},
      {"heddle.argmax %0 {dimension = 1 : i64} : tensor<2xf32>",
       {"2xf32"},
       "heddle.argmax: dimension 1 is out of range for rank 1"},
      {"heddle.argmax %0 {dimension = 0 : i64} : tensor<0x2xf32>",
       {"0x2xf32"},
       "heddle.argmax: dimension 0 has size 0, so no element is the largest"},

      dot("batch [] x [] contract [0] x [0]", "2xf32", "2xf64",
          "x and y must have one element type, got 'f32' and 'f64'"),
      dot("batch [0] x [] contract [1] x [0]", "2x3xf32", "3xf32",
          "dimensions are listed in pairs, got batch [0] x [] and contract [1] x [0]"),
      dot("batch [] x [] contract [2] x [0]", "2x3xf32", "2xf32",
          "dimension 2 is out of range for x of rank 2"),
      dot("batch [] x [] contract [0] x [-1]", "2xf32", "2xf32",
          "dimension -1 is out of range for y of rank 1"),
      dot("batch [0] x [0] contract [0] x [1]", "2xf32", "2x2xf32",
          "dimension 0 of x is listed more than once"),
      dot("batch [0] x [0] contract [] x []", "2x3xf32", "4x3xf32",
          "batch dimensions must have equal sizes, got 2 (dimension 0 of x, [2, 3]) and 4 "
          "(dimension 0 of y, [4, 3])"),
      dot("batch [] x [] contract [1] x [0]", "2x3xf32", "4x3xf32",
          "contracting dimensions must have equal sizes, got 3 (dimension 1 of x, [2, 3]) and 4 "
          "(dimension 0 of y, "
          "[4, 3])"),
      {"heddle.contraction %0, %0 batch [] x [] contract [1] x [0] : (tensor<2x3xf32>, "
       "tensor<2x3xf32>) -> "
       "tensor<2x3xf32>",
       {"2x3xf32"},
       "heddle.contraction: contracting dimensions must have equal sizes, got 3 (dimension 1 of x, "
       "[2, 3]) and 2 "
       "(dimension 0 of y, [2, 3])"},
      contraction(outer + "4xf32>)", "4x5xf32", "4xf32",
                  "'heddle.contraction' op expects a result of type 'tensor<4x4xf32>', got "
                  "'tensor<4x5xf32>'"),
      contraction(inner + "4xf32>)", "f32", "4xf32",
                  "'heddle.contraction' op has no last dimension for a bias to lie along"),
      contraction(
          outer + "5xf32>)", "4x4xf32", "5xf32",
          "'heddle.contraction' op expects a bias of type 'tensor<4xf32>', got 'tensor<5xf32>'"),

      {"heddle.gather %0, %1 : tensor<f32>, tensor<2xi32>",
       {"f32", "2xi32"},
       "heddle.gather: expected a table of at least one dimension, got 'tensor<f32>'"},
      {"heddle.gather %0, %0 : tensor<2xf32>, tensor<2xf32>",
       {"2xf32"},
       "'heddle.gather' op operand #1 must be ranked tensor of 32-bit signless integer or 64-bit "
       "signless integer "
       "values, but got 'tensor<2xf32>'"},
      {"heddle.scatter_add %0, %1, %0 : tensor<f32>, tensor<2xi32>, tensor<f32>",
       {"f32", "2xi32"},
       "heddle.scatter_add: expected a table of at least one dimension, got 'tensor<f32>'"},
      {"heddle.scatter_add %0, %1, %0 : tensor<4x3xf32>, tensor<2xi32>, tensor<4x3xf32>",
       {"4x3xf32", "2xi32"},
       "heddle.scatter_add: expected updates of type 'tensor<2x3xf32>' (a row of 'tensor<4x3xf32>' "
       "for each index), "
       "got 'tensor<4x3xf32>'"},
  };
}

std::vector<ErrorCase> neural() {
  std::vector<ErrorCase> cases;
  for (std::string op : {"softmax", "log_softmax"}) {
    cases.push_back({"heddle." + op + " %0 : tensor<2xf32>",
                     {"2xf32"},
                     "heddle." + op + ": expected the attribute 'dimension'"});
    cases.push_back({"heddle." + op + " %0 {dimension = -1 : i64} : tensor<2xf32>",
                     {"2xf32"},
                     "heddle." + op + ": dimension -1 is out of range for rank 1"});
  }
  auto attention = [&](std::vector<std::string> types, const std::string &error) {
    bool masked = types.size() == 4;
    cases.push_back({std::string("heddle.attention %0, %1, %2 ") + (masked ? "mask %3 " : "") +
                         "{scale = 1.0 : f64} : tensor<" + types[0] + ">, tensor<" + types[1] +
                         ">, tensor<" + types[2] + ">" +
                         (masked ? " mask tensor<" + types[3] + ">" : ""),
                     types, "heddle.attention: " + error});
  };
  const std::string q = "1x2x3x4xf32", k = "1x2x5x4xf32", v = "1x2x5x6xf32";
  attention(
      {"3x4xf32", k, v},
      "expected q [batch, heads, T, D], k [batch, heads, S, D] and v [batch, heads, S, E], got "
      "'tensor<3x4xf32>', 'tensor<1x2x5x4xf32>' and 'tensor<1x2x5x6xf32>'");
  attention({q, k, "1x2x5x6xf64"},
            "q, k and v must have one element type, got 'f32', 'f32' and 'f64'");
  attention({q, "1x2x5x3xf32", v}, "expected k of shape [1, 2, 5, 4], got [1, 2, 5, 3]");
  attention({q, k, "1x2x4x6xf32"}, "expected v of shape [1, 2, 5, 6], got [1, 2, 4, 6]");
  attention({q, k, v, "5x3xi1"},
            "expected a mask of shape [1, 2, 3, 5], or with 1 in place of any of these, got "
            "'tensor<5x3xi1>'");
  attention({q, k, v, "1x2x5x3xi1"}, "expected a mask of shape [1, 2, 3, 5], or with 1 in place of "
                                     "any of these, got 'tensor<1x2x5x3xi1>'");
  auto positioned = [&](const std::string &attribute, const std::string &keys,
                        const std::string &position, const std::string &error) {
    cases.push_back({"heddle.attention %0, %1, %1 position %2 {" + attribute +
                         "scale = 1.0 : f64} : tensor<" + q + ">, tensor<" + keys + ">, tensor<" +
                         keys + "> position tensor<" + position + ">",
                     {q, keys, position},
                     error});
  };
  positioned("", k, "i32",
             "heddle.attention: a position says which keys come after a query, so it needs the "
             "attribute 'causal'");
  positioned("causal, ", "1x2x2x4xf32", "i64",
             "heddle.attention: expected at least as many keys as queries from a position on, got "
             "2 and 3");
  for (const std::string type : {"f32", "i8", "1xi32"})
    positioned("causal, ", k, type,
               "'heddle.attention' op operand #3 must be 0D tensor of 32-bit signless integer or "
               "64-bit signless integer values, but got 'tensor<" +
                   type + ">'");
  auto gradient = [&](const std::vector<std::string> &types, const std::string &error) {
    std::string names, list;
    for (size_t i = 0; i < types.size(); ++i) {
      const char *separator = i == 6 ? " mask " : i ? ", " : "";
      names += separator;
      names += '%';
      names += std::to_string(i);
      list += separator;
      list += "tensor<" + types[i] + ">";
    }
    cases.push_back({"heddle.attention_gradient " + names + " {scale = 1.0 : f64} : " + list, types,
                     "heddle.attention_gradient: " + error});
  };
  const std::string rows = "1x2x3xf32", y = "1x2x3x6xf32";
  gradient({q, k, "1x2x4x6xf32", rows, rows, y},
           "expected v of shape [1, 2, 5, 6], got [1, 2, 4, 6]");
  gradient({q, k, v, "1x2x3xf64", rows, y},
           "expected logsumexp of type 'tensor<1x2x3xf32>', got 'tensor<1x2x3xf64>'");
  gradient({q, k, v, rows, "1x2x5xf32", y},
           "expected delta of type 'tensor<1x2x3xf32>', got 'tensor<1x2x5xf32>'");
  gradient({q, k, v, rows, rows, "1x2x3x4xf32"},
           "expected dy of type 'tensor<1x2x3x6xf32>', got 'tensor<1x2x3x4xf32>'");
  gradient({"1x2x3x4xf16", "1x2x5x4xf16", "1x2x5x6xf16", rows, rows, y},
           "expected dy of type 'tensor<1x2x3x6xf16>', got 'tensor<1x2x3x6xf32>'");
  gradient({q, k, v, rows, rows, y, "5x3xi1"},
           "expected a mask of shape [1, 2, 3, 5], or with 1 in place of any of these, got "
           "'tensor<5x3xi1>'");
  cases.insert(
      cases.end(),
      {
          {"heddle.layer_norm %0, %1, %1 {epsilon = 1.0 : f64} : tensor<f32>, tensor<1xf32>",
           {"f32", "1xf32"},
           "heddle.layer_norm: expected a tensor of at least one dimension, got 'tensor<f32>'"},
          {"heddle.layer_norm %0, %1, %1 {epsilon = 1.0 : f64} : tensor<2x3xf32>, tensor<2xf32>",
           {"2x3xf32", "2xf32"},
           "heddle.layer_norm: expected weight and bias of type 'tensor<3xf32>', got "
           "'tensor<2xf32>'"},
          {"heddle.layer_norm %0, %1, %1 {epsilon = 1.0 : f64} : tensor<3xf32>, tensor<3xf64>",
           {"3xf32", "3xf64"},
           "heddle.layer_norm: expected weight and bias of type 'tensor<3xf32>', got "
           "'tensor<3xf64>'"},
          {"\"heddle.layer_norm\"(%0, %0, %1) <{epsilon = 1.0 : f64}> : (tensor<3xf32>, "
           "tensor<3xf32>, tensor<2xf32>) "
           "-> tensor<3xf32>",
           {"3xf32", "2xf32"},
           "'heddle.layer_norm' op failed to verify that all of {weight, bias} have same type"},
          {"heddle.cross_entropy %0, %1 {ignore_index = 0 : i64} : tensor<2xf32>, tensor<2xi32>",
           {"2xf32", "2xi32"},
           "heddle.cross_entropy: expected logits [rows, classes], got 'tensor<2xf32>'"},
          {"heddle.cross_entropy %0, %1 {ignore_index = 0 : i64} : tensor<2x3xf32>, tensor<3xi32>",
           {"2x3xf32", "3xi32"},
           "heddle.cross_entropy: expected one label for each of the 2 rows of logits, got "
           "'tensor<3xi32>'"},
          {"heddle.dropout %0, %1 {stream = 0 : i64} : tensor<2xf32>",
           {"2xf32", "2xi64"},
           "heddle.dropout: expected the attribute 'p'"},
          {"heddle.dropout %0, %1 {p = 1.0 : f64, stream = 0 : i64} : tensor<2xf32>",
           {"2xf32", "2xi64"},
           "heddle.dropout: expected 0 <= p < 1, got 1.000000e+00"},
          {"heddle.dropout %0, %1 {p = -0.5 : f64, stream = 0 : i64} : tensor<2xf32>",
           {"2xf32", "2xi64"},
           "heddle.dropout: expected 0 <= p < 1, got -5.000000e-01"},
          {"\"heddle.random_uniform\"(%0) <{stream = 0 : i64}> : (tensor<3xi64>) -> tensor<2xf32>",
           {"3xi64"},
           "'heddle.random_uniform' op operand #0 must be tensor<2xi64> (seed, step), but got "
           "'tensor<3xi64>'"},
      });
  return cases;
}

std::vector<ErrorCase> structure() {
  const std::string yield = "heddle.yield %a : tensor<2xf32>\n}",
                    fusion = "(tensor<2xf32>) -> tensor<2xf32>";
  return {
      {"heddle.gradient %0 wrt %0 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>",
       {"2xf32"},
       "'heddle.gradient' op expects a scalar loss, got 'tensor<2xf32>'"},
      {"heddle.gradient %0 wrt %0, %0 : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<f32>",
       {"f32"},
       "'heddle.gradient' op gives one result for each wrt, expected 2, got 1"},
      {"heddle.gradient %0 wrt %1 : (tensor<f32>, tensor<2xf32>) -> tensor<3xf32>",
       {"f32", "2xf32"},
       "'heddle.gradient' op result 0 must have the type of wrt 0, 'tensor<2xf32>', got "
       "'tensor<3xf32>'"},
      {"heddle.fusion(%a = %0) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> {\n" + yield,
       {"2xf32"},
       "custom op 'heddle.fusion' expected a type for each of the 1 inputs, got 2"},
      {"\"heddle.fusion\"(%0) ({\n  %c = heddle.constant dense<1.0> : tensor<2xf32>\n  "
       "heddle.yield %c : "
       "tensor<2xf32>\n}) : " +
           fusion,
       {"2xf32"},
       "'heddle.fusion' op expects a block argument for each of the 1 inputs, got 0"},
      {"\"heddle.fusion\"(%0) ({\n^bb0(%a: tensor<3xf32>):\n  heddle.yield %a : tensor<3xf32>\n}) "
       ": " +
           fusion,
       {"2xf32"},
       "'heddle.fusion' op block argument 0 must have the type of input 0, 'tensor<2xf32>', got "
       "'tensor<3xf32>'"},
      {"heddle.fusion(%a = %0) : (tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {\n" + yield,
       {"2xf32"},
       "'heddle.fusion' op yields 1 values, expected one for each of the 2 results"},
      {"heddle.fusion(%a = %0) : (tensor<2xf32>) -> tensor<3xf32> {\n" + yield,
       {"2xf32"},
       "'heddle.fusion' op yielded value 0 must have the type of result 0, 'tensor<3xf32>', got "
       "'tensor<2xf32>'"},
      {"heddle.fusion(%a = %0) : " + fusion + " {\n  heddle.yield %0 : tensor<2xf32>\n}",
       {"2xf32"},
       "'heddle.yield' op using value defined outside the region"},
  };
}

std::string nameOf(const testing::TestParamInfo<ErrorCase> &info) {
  return testName(info.param.body, info.index);
}
INSTANTIATE_TEST_SUITE_P(Elementwise, Verifier, testing::ValuesIn(elementwise()), nameOf);
INSTANTIATE_TEST_SUITE_P(Shape, Verifier, testing::ValuesIn(shapes()), nameOf);
INSTANTIATE_TEST_SUITE_P(Reduction, Verifier, testing::ValuesIn(reductions()), nameOf);
INSTANTIATE_TEST_SUITE_P(Neural, Verifier, testing::ValuesIn(neural()), nameOf);
INSTANTIATE_TEST_SUITE_P(Structure, Verifier, testing::ValuesIn(structure()), nameOf);

// Of the dialects at hand only yield may end a fusion, so another's op does.
TEST(Verifier, FusionEndsInYield) {
  Session session;
  session.context.allowUnregisteredDialects();
  EXPECT_FALSE(session.parse("heddle.fusion(%a = %0) : (tensor<2xf32>) -> tensor<2xf32> {\n"
                             "  \"other.end\"(%a) : (tensor<2xf32>) -> ()\n}",
                             {"2xf32"}));
  EXPECT_EQ(session.firstError(), "'heddle.fusion' op expects a body that ends in 'heddle.yield'");
}
} // namespace
