//===- OpsTest.cpp - every op, compiled, against the interpreter -----------===//
//
// Sizes are odd on purpose: primes, 1, 0, and none a multiple of a vector.
//
//===----------------------------------------------------------------------===//

#include "CompiledCase.h"

using heddle::test::Case;

namespace {
class Ops : public testing::TestWithParam<Case> {};
TEST_P(Ops, AgreeWithTheInterpreter) { ASSERT_NO_FATAL_FAILURE(heddle::test::runCase(GetParam())); }

std::vector<Case> unary() {
  std::vector<Case> cases;
  for (std::string op : {"neg", "abs", "exp", "tanh", "erf", "sin", "cos", "sigmoid", "relu",
                         "floor", "silu", "gelu none", "gelu tanh"})
    for (std::string shape : {"7x37", "1", "0x5", "40000"}) {
      std::string type = "tensor<" + shape + "xf32>";
      cases.push_back({op + "_" + shape,
                       {type},
                       "%r = heddle." + op + " %0 : " + type + "\nreturn %r : " + type,
                       type});
    }
  // To within the same few ulp, however large or small the result.
  cases.push_back({"exp_of_both_signs",
                   {"tensor<4001xf32>"},
                   "%n = heddle.neg %0 : tensor<4001xf32>\n%a = heddle.exp %0 : tensor<4001xf32>\n"
                   "%b = heddle.exp %n : tensor<4001xf32>\n"
                   "%r = heddle.mul %a, %b : tensor<4001xf32>\nreturn %r : tensor<4001xf32>",
                   "tensor<4001xf32>"});
  cases.back().low = -86.0;
  cases.back().high = 86.0;
  for (const auto &[name, low] :
       {std::pair{"zero", -800.0}, {"largest", 88.0}, {"infinity", 710.0}}) {
    cases.push_back({std::string("exp_to_") + name,
                     {"tensor<67xf32>"},
                     "%r = heddle.exp %0 : tensor<67xf32>\nreturn %r : tensor<67xf32>",
                     "tensor<67xf32>"});
    cases.back().low = low;
    cases.back().high = low + 0.7;
    cases.back().poisoned = true;
  }
  // Beyond the polynomials' range it is 1 to the last bit: gelu is 0 there, whatever x.
  for (const auto &[name, low, high, limit, factor] :
       {std::tuple{"minus_one", -800.0, -6.0, "-1.0", "1.0e+8"},
        {"the_last_polynomial", -4.5, -3.5, "-1.0", "1.0"},
        {"one", 6.0, 800.0, "1.0", "1.0e+8"}}) {
    const std::string type = " : tensor<4001xf32>\n";
    cases.push_back({std::string("erf_to_") + name,
                     {"tensor<4001xf32>"},
                     "%e = heddle.erf %0" + type + "%limit = heddle.constant dense<" + limit + ">" +
                         type + "%factor = heddle.constant dense<" + factor + ">" + type +
                         "%d = heddle.sub %e, %limit" + type + "%r = heddle.mul %d, %factor" +
                         type + "return %r" + type,
                     "tensor<4001xf32>"});
    cases.back().low = low;
    cases.back().high = high;
    cases.back().poisoned = true;
  }
  cases.push_back({"erf_is_never_more_than_one",
                   {"tensor<40001xf32>"},
                   "%e = heddle.erf %0 : tensor<40001xf32>\n"
                   "%one = heddle.constant dense<1.0> : tensor<40001xf32>\n"
                   "%factor = heddle.constant dense<1.0e+8> : tensor<40001xf32>\n"
                   "%d = heddle.sub %e, %one : tensor<40001xf32>\n"
                   "%m = heddle.relu %d : tensor<40001xf32>\n"
                   "%r = heddle.mul %m, %factor : tensor<40001xf32>\n"
                   "return %r : tensor<40001xf32>",
                   "tensor<40001xf32>"});
  cases.back().low = 3.0;
  cases.back().high = 4.5;
  // To within the same few ulp, however small.
  cases.push_back({"erf_of_small",
                   {"tensor<67xf32>"},
                   "%e = heddle.erf %0 : tensor<67xf32>\n%r = heddle.div %e, %0 : tensor<67xf32>\n"
                   "return %r : tensor<67xf32>",
                   "tensor<67xf32>"});
  cases.back().low = 1e-36;
  cases.back().high = 2e-36;
  for (std::string op : {"log", "sqrt", "rsqrt"}) {
    std::string type = "tensor<5x19xf32>";
    Case c{op, {type}, "%r = heddle." + op + " %0 : " + type + "\nreturn %r : " + type, type};
    c.low = 0.01;
    cases.push_back(c);
  }
  return cases;
}

std::vector<Case> binary() {
  std::vector<Case> cases;
  for (std::string op : {"add", "sub", "mul", "div", "maximum", "minimum"})
    for (std::string element : {"f32", "f64", "i32", "i64"}) {
      std::string type = "tensor<3x5x17x" + element + ">";
      Case c{op + "_" + element,
             {type, type},
             "%r = heddle." + op + " %0, %1 : " + type + "\nreturn %r : " + type,
             type};
      c.indexLimit = 9;
      c.low = 0.5;
      cases.push_back(c);
    }
  Case scalar{"scalar",
              {"tensor<f32>", "tensor<f32>"},
              "%r = heddle.mul %0, %1 : tensor<f32>\nreturn %r : tensor<f32>",
              "tensor<f32>"};
  cases.push_back(scalar);
  return cases;
}

std::vector<Case> shaped() {
  return {
      {"compare_select",
       {"tensor<9x21xf32>", "tensor<9x21xf32>"},
       "%c = heddle.compare lt %0, %1 : tensor<9x21xf32>\n%n = heddle.not %c : tensor<9x21xi1>\n"
       "%r = heddle.select %n, %0, %1 : tensor<9x21xf32>\nreturn %r, %c : tensor<9x21xf32>, "
       "tensor<9x21xi1>",
       "tensor<9x21xf32>;tensor<9x21xi1>"},
      {"boolean_input",
       {"tensor<33xi1>", "tensor<33xf32>", "tensor<33xf32>"},
       "%r = heddle.select %0, %1, %2 : tensor<33xf32>\nreturn %r : tensor<33xf32>",
       "tensor<33xf32>"},
      {"cast",
       {"tensor<21xf32>"},
       "%i = heddle.cast %0 : tensor<21xf32> to tensor<21xi32>\n%d = heddle.cast %0 : "
       "tensor<21xf32> to tensor<21xf64>\n"
       "return %i, %d : tensor<21xi32>, tensor<21xf64>",
       "tensor<21xi32>;tensor<21xf64>"},
      {"broadcast_add",
       {"tensor<5x11xf32>", "tensor<11xf32>", "tensor<5xf32>"},
       "%a = heddle.broadcast %1 [1] : tensor<11xf32> to tensor<5x11xf32>\n"
       "%b = heddle.broadcast %2 [0] : tensor<5xf32> to tensor<5x11xf32>\n"
       "%c = heddle.add %0, %a : tensor<5x11xf32>\n%r = heddle.mul %c, %b : "
       "tensor<5x11xf32>\nreturn %r : tensor<5x11xf32>",
       "tensor<5x11xf32>"},
      {"broadcast_size_one",
       {"tensor<5x1x3xf32>"},
       "%r = heddle.broadcast %0 [0, 1, 2] : tensor<5x1x3xf32> to tensor<5x7x3xf32>\nreturn %r : "
       "tensor<5x7x3xf32>",
       "tensor<5x7x3xf32>"},
      {"transpose",
       {"tensor<3x5x7xf32>"},
       "%t = heddle.transpose %0 [2, 0, 1] : tensor<3x5x7xf32>\n%r = heddle.exp %t : "
       "tensor<7x3x5xf32>\nreturn %r, %t : tensor<7x3x5xf32>, tensor<7x3x5xf32>",
       "tensor<7x3x5xf32>;tensor<7x3x5xf32>"},
      {"reshape_of_transpose",
       {"tensor<4x6x5xf32>"},
       "%t = heddle.transpose %0 [1, 0, 2] : tensor<4x6x5xf32>\n%s = heddle.reshape %t : "
       "tensor<6x4x5xf32> to tensor<8x15xf32>\n"
       "%r = heddle.neg %s : tensor<8x15xf32>\nreturn %r : tensor<8x15xf32>",
       "tensor<8x15xf32>"},
      {"slice",
       {"tensor<6x20xf32>"},
       "%s = heddle.slice %0 [1, 3] to [6, 18] by [2, 1] : tensor<6x20xf32>\n%r = heddle.tanh %s : "
       "tensor<3x15xf32>\nreturn %r : tensor<3x15xf32>",
       "tensor<3x15xf32>"},
      {"pad",
       {"tensor<3x4xf32>"},
       "%r = heddle.pad %0 low [1, 2] high [0, 3] interior [0, 1] : tensor<3x4xf32>\nreturn %r : "
       "tensor<4x12xf32>",
       "tensor<4x12xf32>"},
      {"concat",
       {"tensor<3x4xf32>", "tensor<3x19xf32>"},
       "%r = heddle.concat %0, %1 {dimension = 1 : i64} : tensor<3x4xf32>, "
       "tensor<3x19xf32>\nreturn %r : tensor<3x23xf32>",
       "tensor<3x23xf32>"},
      {"iota",
       {"tensor<3x19xf32>"},
       "%i = heddle.iota {dimension = 1 : i64} : tensor<3x19xf32>\n%j = heddle.iota {dimension = 0 "
       ": i64} : tensor<3x19xf32>\n"
       "%a = heddle.add %i, %0 : tensor<3x19xf32>\n%r = heddle.mul %a, %j : "
       "tensor<3x19xf32>\nreturn %r : tensor<3x19xf32>",
       "tensor<3x19xf32>",
       64},
  };
}

std::vector<Case> reductions() {
  std::vector<Case> cases;
  struct Shape {
    std::string in, dims, out;
    int64_t terms = 1;
  };
  for (std::string op : {"sum", "max", "min"})
    for (const Shape &s : std::vector<Shape>{{"7x37x", "1", "7x", 37},
                                             {"7x37x", "0", "37x", 7},
                                             {"7x37x", "0, 1", "", 259},
                                             {"3x5x11x", "1", "3x11x", 5},
                                             {"3x5x11x", "0, 2", "5x", 33},
                                             {"3x5x11x", "1, 2", "3x", 55},
                                             {"3x5x11x", "0, 1", "11x", 15},
                                             {"1x1x", "0", "1x", 1},
                                             {"4x0x", "1", "4x", 1},
                                             {"300x130x", "0, 1", "", 39000},
                                             {"2x1000x70x", "0, 1", "70x", 2000}}) {
      std::string in = "tensor<" + s.in + "f32>", out = "tensor<" + s.out + "f32>";
      cases.push_back(
          {op + "_" + s.in + "_over_" + s.dims,
           {in},
           "%r = heddle.reduce_" + op + " %0 [" + s.dims + "] : " + in + "\nreturn %r : " + out,
           out,
           s.terms});
    }
  // A row with a NaN of either sign, and rows with infinities, of lengths with and without a rest.
  for (std::string op : {"max", "min"})
    for (std::string length : {"5xf32", "16xf32", "64xf32", "93xf32", "256xf32", "93xf64"}) {
      const std::string in = "tensor<3x" + length + ">",
                        out = "tensor<3x" + length.substr(length.size() - 3) + ">";
      auto reduced = [&](std::string name, const std::string &before, const std::string &value) {
        Case c{op + "_of_" + std::move(name) + "_" + length,
               {in},
               before + "%r = heddle.reduce_" + op + " %" + value + " [1] : " + in +
                   "\nreturn %r : " + out,
               out};
        return c;
      };
      const std::string negated = "%n = heddle.neg %0 : " + in + "\n";
      for (Case c : {reduced("nan", "", "0"), reduced("negative_nan", negated, "n")}) {
        c.poisoned = true;
        cases.push_back(c);
      }
      cases.push_back(reduced(
          "infinities",
          "%z = heddle.sub %0, %0 : " + in + "\n%d = heddle.div %0, %z : " + in + "\n", "d"));
    }
  // Without NaN, a maximum that may leave it out is the same: along rows, along columns, of all.
  for (const Shape &s : std::vector<Shape>{{"3x5x", "1", "3x"},
                                           {"3x93x", "1", "3x"},
                                           {"3x256x", "1", "3x"},
                                           {"93x3x", "0", "3x"},
                                           {"37x", "0", ""},
                                           {"2x1000x70x", "0, 1", "70x"}}) {
    const std::string in = "tensor<" + s.in + "f32>", out = "tensor<" + s.out + "f32>";
    cases.push_back({"max_of_numbers_" + s.in + "_over_" + s.dims,
                     {in},
                     "%r = heddle.reduce_max %0 [" + s.dims + "] {may_ignore_nan} : " + in +
                         "\nreturn %r : " + out,
                     out});
  }
  cases.push_back({"sum_i32",
                   {"tensor<5x37xi32>"},
                   "%r = heddle.reduce_sum %0 [1] : tensor<5x37xi32>\nreturn %r : tensor<5xi32>",
                   "tensor<5xi32>",
                   1,
                   100});
  cases.push_back(
      {"argmax",
       {"tensor<5x37xf32>"},
       "%r = heddle.argmax %0 {dimension = 1 : i64} : tensor<5x37xf32>\nreturn %r : tensor<5xi32>",
       "tensor<5xi32>"});
  cases.push_back(
      {"argmax_first_dimension",
       {"tensor<5x37xi32>"},
       "%r = heddle.argmax %0 {dimension = 0 : i64} : tensor<5x37xi32>\nreturn %r : tensor<37xi32>",
       "tensor<37xi32>",
       1,
       3});
  return cases;
}

std::vector<Case> contractions() {
  return {
      {"matmul",
       {"tensor<7x13xf32>", "tensor<13x5xf32>"},
       "%r = heddle.dot_general %0, %1 batch [] x [] contract [1] x [0] : tensor<7x13xf32>, "
       "tensor<13x5xf32>\nreturn %r : tensor<7x5xf32>",
       "tensor<7x5xf32>",
       13},
      {"linear_bias",
       {"tensor<2x3x13xf32>", "tensor<5x13xf32>", "tensor<5xf32>"},
       "%d = heddle.dot_general %0, %1 batch [] x [] contract [2] x [1] : tensor<2x3x13xf32>, "
       "tensor<5x13xf32>\n"
       "%b = heddle.broadcast %2 [2] : tensor<5xf32> to tensor<2x3x5xf32>\n%r = heddle.add %d, %b "
       ": tensor<2x3x5xf32>\nreturn %r : tensor<2x3x5xf32>",
       "tensor<2x3x5xf32>",
       13},
      {"weight_gradient",
       {"tensor<2x3x13xf32>", "tensor<2x3x5xf32>"},
       "%r = heddle.dot_general %1, %0 batch [] x [] contract [0, 1] x [0, 1] : tensor<2x3x5xf32>, "
       "tensor<2x3x13xf32>\nreturn %r : tensor<5x13xf32>",
       "tensor<5x13xf32>",
       6},
      {"batched",
       {"tensor<2x3x7x5xf32>", "tensor<2x3x9x5xf32>"},
       "%r = heddle.dot_general %0, %1 batch [0, 1] x [0, 1] contract [3] x [3] : "
       "tensor<2x3x7x5xf32>, tensor<2x3x9x5xf32>\nreturn %r : tensor<2x3x7x9xf32>",
       "tensor<2x3x7x9xf32>",
       5},
      {"heads_of_a_view",
       {"tensor<2x7x24xf32>"},
       "%a = heddle.slice %0 [0, 0, 0] to [2, 7, 12] by [1, 1, 1] : tensor<2x7x24xf32>\n"
       "%b = heddle.slice %0 [0, 0, 12] to [2, 7, 24] by [1, 1, 1] : tensor<2x7x24xf32>\n"
       "%ar = heddle.reshape %a : tensor<2x7x12xf32> to tensor<2x7x3x4xf32>\n%br = heddle.reshape "
       "%b : tensor<2x7x12xf32> to tensor<2x7x3x4xf32>\n"
       "%at = heddle.transpose %ar [0, 2, 1, 3] : tensor<2x7x3x4xf32>\n%bt = heddle.transpose %br "
       "[0, 2, 1, 3] : tensor<2x7x3x4xf32>\n"
       "%s = heddle.dot_general %at, %bt batch [0, 1] x [0, 1] contract [3] x [3] : "
       "tensor<2x3x7x4xf32>, tensor<2x3x7x4xf32>\n"
       "%o = heddle.dot_general %s, %bt batch [0, 1] x [0, 1] contract [3] x [2] : "
       "tensor<2x3x7x7xf32>, tensor<2x3x7x4xf32>\n"
       "%t = heddle.transpose %o [0, 2, 1, 3] : tensor<2x3x7x4xf32>\n%r = heddle.reshape %t : "
       "tensor<2x7x3x4xf32> to tensor<2x7x12xf32>\n"
       "return %r : tensor<2x7x12xf32>",
       "tensor<2x7x12xf32>",
       28},
      {"outer_and_vector",
       {"tensor<7xf32>", "tensor<5xf32>", "tensor<7x5xf32>"},
       "%o = heddle.dot_general %0, %1 batch [] x [] contract [] x [] : tensor<7xf32>, "
       "tensor<5xf32>\n"
       "%v = heddle.dot_general %0, %2 batch [] x [] contract [0] x [0] : tensor<7xf32>, "
       "tensor<7x5xf32>\nreturn %o, %v : tensor<7x5xf32>, tensor<5xf32>",
       "tensor<7x5xf32>;tensor<5xf32>",
       7},
      {"scattered_contraction",
       {"tensor<3x4x5xf32>", "tensor<5x6x3xf32>"},
       "%r = heddle.dot_general %0, %1 batch [] x [] contract [0, 2] x [2, 0] : tensor<3x4x5xf32>, "
       "tensor<5x6x3xf32>\nreturn %r : tensor<4x6xf32>",
       "tensor<4x6xf32>",
       15},
      {"empty_sum",
       {"tensor<3x0xf32>", "tensor<0x5xf32>"},
       "%r = heddle.dot_general %0, %1 batch [] x [] contract [1] x [0] : tensor<3x0xf32>, "
       "tensor<0x5xf32>\nreturn %r : tensor<3x5xf32>",
       "tensor<3x5xf32>"},
      {"integers",
       {"tensor<3x7xi32>", "tensor<7x5xi32>"},
       "%r = heddle.dot_general %0, %1 batch [] x [] contract [1] x [0] : tensor<3x7xi32>, "
       "tensor<7x5xi32>\nreturn %r : tensor<3x5xi32>",
       "tensor<3x5xi32>",
       1,
       50},
      {"doubles",
       {"tensor<3x7xf64>", "tensor<7x5xf64>"},
       "%r = heddle.dot_general %0, %1 batch [] x [] contract [1] x [0] : tensor<3x7xf64>, "
       "tensor<7x5xf64>\nreturn %r : tensor<3x5xf64>",
       "tensor<3x5xf64>",
       7},
  };
}

std::vector<Case> indexing() {
  return {
      {"gather",
       {"tensor<11x19xf32>", "tensor<3x4xi32>"},
       "%r = heddle.gather %0, %1 : tensor<11x19xf32>, tensor<3x4xi32>\nreturn %r : "
       "tensor<3x4x19xf32>",
       "tensor<3x4x19xf32>",
       1,
       11},
      {"gather_scalars",
       {"tensor<11xf32>", "tensor<37xi64>"},
       "%r = heddle.gather %0, %1 : tensor<11xf32>, tensor<37xi64>\nreturn %r : tensor<37xf32>",
       "tensor<37xf32>",
       1,
       11},
      {"scatter_add",
       {"tensor<5x19xf32>", "tensor<31xi32>", "tensor<31x19xf32>"},
       "%r = heddle.scatter_add %0, %1, %2 : tensor<5x19xf32>, tensor<31xi32>, "
       "tensor<31x19xf32>\nreturn %r : tensor<5x19xf32>",
       "tensor<5x19xf32>",
       31,
       5},
      {"dynamic_slice",
       {"tensor<9x8xf32>", "tensor<i32>", "tensor<i32>"},
       "%r = heddle.dynamic_slice %0 at %1, %2 sizes [2, 3] : tensor<9x8xf32>, tensor<i32>, "
       "tensor<i32>\nreturn %r : tensor<2x3xf32>",
       "tensor<2x3xf32>",
       1,
       12},
      {"dynamic_update_slice",
       {"tensor<9x8xf32>", "tensor<2x3xf32>", "tensor<i32>", "tensor<i32>"},
       "%r = heddle.dynamic_update_slice %0, %1 at %2, %3 : tensor<9x8xf32>, tensor<2x3xf32>, "
       "tensor<i32>, tensor<i32>\nreturn %r : tensor<9x8xf32>",
       "tensor<9x8xf32>",
       1,
       12},
      {"random",
       {"tensor<2xi64>"},
       "%r = heddle.random_uniform %0 {stream = 5 : i64} : tensor<7x37xf32>\nreturn %r : "
       "tensor<7x37xf32>",
       "tensor<7x37xf32>",
       1,
       1 << 20},
  };
}

/// Rows around a vector, several side by side, and their rests.
std::vector<Case> softmaxes() {
  std::vector<Case> cases;
  for (int64_t length : {1, 15, 16, 37, 48, 63, 64, 65, 127, 128, 211, 1000}) {
    const std::string type = "tensor<5x" + std::to_string(length) + "xf32>";
    cases.push_back(
        {"softmax_" + std::to_string(length),
         {type},
         "%r = heddle.softmax %0 {dimension = 1 : i64} : " + type + "\nreturn %r : " + type,
         type,
         length});
    cases.push_back(cases.back());
    cases.back().name += "_poisoned";
    cases.back().poisoned = true;
  }
  return cases;
}

std::vector<Case> composites() {
  std::vector<Case> cases = {
      {"softmax_first_dimension",
       {"tensor<5x37xf32>"},
       "%r = heddle.softmax %0 {dimension = 0 : i64} : tensor<5x37xf32>\nreturn %r : "
       "tensor<5x37xf32>",
       "tensor<5x37xf32>",
       5},
      {"log_softmax",
       {"tensor<3x5x16xf32>"},
       "%r = heddle.log_softmax %0 {dimension = 2 : i64} : tensor<3x5x16xf32>\nreturn %r : "
       "tensor<3x5x16xf32>",
       "tensor<3x5x16xf32>",
       16},
      {"layer_norm",
       {"tensor<3x5x67xf32>", "tensor<67xf32>", "tensor<67xf32>"},
       "%r = heddle.layer_norm %0, %1, %2 {epsilon = 1.0e-5 : f64} : tensor<3x5x67xf32>, "
       "tensor<67xf32>\nreturn %r : tensor<3x5x67xf32>",
       "tensor<3x5x67xf32>",
       67},
      {"cross_entropy",
       {"tensor<7x13xf32>", "tensor<7xi32>"},
       "%r = heddle.cross_entropy %0, %1 {ignore_index = 3 : i64} : tensor<7x13xf32>, "
       "tensor<7xi32>\nreturn %r : tensor<f32>",
       "tensor<f32>",
       91,
       13},
      {"dropout",
       {"tensor<5x37xf32>", "tensor<2xi64>"},
       "%r = heddle.dropout %0, %1 {p = 0.3 : f64, stream = 1 : i64} : tensor<5x37xf32>\nreturn %r "
       ": tensor<5x37xf32>",
       "tensor<5x37xf32>",
       1,
       1000},
      {"causal_attention",
       {"tensor<2x3x19x8xf32>", "tensor<2x3x19x8xf32>", "tensor<2x3x19x8xf32>"},
       "%r, %m = heddle.attention %0, %1, %2 {causal, scale = 0.35 : f64} : tensor<2x3x19x8xf32>, "
       "tensor<2x3x19x8xf32>, tensor<2x3x19x8xf32>\n"
       "return %r : tensor<2x3x19x8xf32>",
       "tensor<2x3x19x8xf32>",
       152},
      {"attention_gradient",
       {"tensor<2x3x19x8xf32>", "tensor<2x3x19x8xf32>", "tensor<2x3x19x8xf32>"},
       "%a, %m = heddle.attention %0, %1, %2 {causal, scale = 0.35 : f64} : tensor<2x3x19x8xf32>, "
       "tensor<2x3x19x8xf32>, tensor<2x3x19x8xf32>\n"
       "%s = heddle.mul %a, %a : tensor<2x3x19x8xf32>\n%l = heddle.reduce_sum %s [0, 1, 2, 3] : "
       "tensor<2x3x19x8xf32>\n"
       "%g:3 = heddle.gradient %l wrt %0, %1, %2 : (tensor<f32>, tensor<2x3x19x8xf32>, "
       "tensor<2x3x19x8xf32>, tensor<2x3x19x8xf32>) -> "
       "(tensor<2x3x19x8xf32>, tensor<2x3x19x8xf32>, tensor<2x3x19x8xf32>)\n"
       "return %g#0, %g#1, %g#2 : tensor<2x3x19x8xf32>, tensor<2x3x19x8xf32>, tensor<2x3x19x8xf32>",
       "tensor<2x3x19x8xf32>;tensor<2x3x19x8xf32>;tensor<2x3x19x8xf32>",
       912},
      {"layer_norm_gradient",
       {"tensor<3x5x67xf32>", "tensor<67xf32>", "tensor<67xf32>"},
       "%y = heddle.layer_norm %0, %1, %2 {epsilon = 1.0e-5 : f64} : tensor<3x5x67xf32>, "
       "tensor<67xf32>\n"
       "%s = heddle.gelu tanh %y : tensor<3x5x67xf32>\n%l = heddle.reduce_sum %s [0, 1, 2] : "
       "tensor<3x5x67xf32>\n"
       "%g:3 = heddle.gradient %l wrt %0, %1, %2 : (tensor<f32>, tensor<3x5x67xf32>, "
       "tensor<67xf32>, tensor<67xf32>) -> "
       "(tensor<3x5x67xf32>, tensor<67xf32>, tensor<67xf32>)\nreturn %g#0, %g#1, %g#2 : "
       "tensor<3x5x67xf32>, tensor<67xf32>, tensor<67xf32>",
       "tensor<3x5x67xf32>;tensor<67xf32>;tensor<67xf32>",
       1005},
      {"cross_entropy_gradient",
       {"tensor<7x13xf32>", "tensor<7xi32>"},
       "%l = heddle.cross_entropy %0, %1 {ignore_index = 3 : i64} : tensor<7x13xf32>, "
       "tensor<7xi32>\n"
       "%g = heddle.gradient %l wrt %0 : (tensor<f32>, tensor<7x13xf32>) -> "
       "tensor<7x13xf32>\nreturn %l, %g : tensor<f32>, tensor<7x13xf32>",
       "tensor<f32>;tensor<7x13xf32>",
       91,
       13},
      {"embedding_gradient",
       {"tensor<5x19xf32>", "tensor<2x31xi32>"},
       "%y = heddle.gather %0, %1 : tensor<5x19xf32>, tensor<2x31xi32>\n%s = heddle.mul %y, %y : "
       "tensor<2x31x19xf32>\n"
       "%l = heddle.reduce_sum %s [0, 1, 2] : tensor<2x31x19xf32>\n"
       "%g = heddle.gradient %l wrt %0 : (tensor<f32>, tensor<5x19xf32>) -> "
       "tensor<5x19xf32>\nreturn %l, %g : tensor<f32>, tensor<5x19xf32>",
       "tensor<f32>;tensor<5x19xf32>",
       1178,
       5},
  };
  for (size_t i = 0; i < 2; ++i) { // the softmaxes
    Case c = cases[i];
    c.name += "_poisoned";
    c.poisoned = true;
    cases.push_back(std::move(c));
  }
  return cases;
}

std::string nameOf(const testing::TestParamInfo<Case> &info) {
  std::string name = info.param.name;
  for (char &c : name)
    if (!isalnum(static_cast<unsigned char>(c)))
      c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Unary, Ops, testing::ValuesIn(unary()), nameOf);
INSTANTIATE_TEST_SUITE_P(Binary, Ops, testing::ValuesIn(binary()), nameOf);
INSTANTIATE_TEST_SUITE_P(Shape, Ops, testing::ValuesIn(shaped()), nameOf);
INSTANTIATE_TEST_SUITE_P(Reduction, Ops, testing::ValuesIn(reductions()), nameOf);
INSTANTIATE_TEST_SUITE_P(Contraction, Ops, testing::ValuesIn(contractions()), nameOf);
INSTANTIATE_TEST_SUITE_P(Indexing, Ops, testing::ValuesIn(indexing()), nameOf);
INSTANTIATE_TEST_SUITE_P(Softmax, Ops, testing::ValuesIn(softmaxes()), nameOf);
INSTANTIATE_TEST_SUITE_P(Composite, Ops, testing::ValuesIn(composites()), nameOf);
} // namespace
