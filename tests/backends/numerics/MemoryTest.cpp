//===- MemoryTest.cpp - values that take each other's memory ---------------===//
//
// Rows are longer than a vector and no multiple of one, and there are more than a part of a loop
// has.
//
//===----------------------------------------------------------------------===//

#include "CompiledCase.h"

using heddle::test::Case;
using namespace heddle;

namespace {

/// `kernel` computes %r, and perhaps %s, from the product %a, which is in the arena as they are:
/// further products read them.
Case betweenProducts(const std::string &name, const std::string &kernel,
                     const std::string &others = "") {
  const std::string rows = "tensor<203x67xf32>", weight = "tensor<67x67xf32>";
  auto product = [&](const std::string &to, const std::string &from) {
    return "%" + to + " = heddle.dot_general %" + from +
           ", %1 batch [] x [] contract [1] x [0] : " + rows + ", " + weight + "\n";
  };
  std::string body = product("a", "0") + kernel + product("y", "r"), results = rows,
              returned = "return %y", types = rows;
  for (char other : others) {
    body += product(std::string("y") + other, std::string(1, other));
    results += ";" + rows;
    types += ", " + rows;
    returned += std::string(", %y") + other;
  }
  return {name, {rows, weight}, body + returned + " : " + types, results, 67 * 67};
}

const char *const kSum =
    "%sum = heddle.reduce_sum %e [1] : tensor<203x67xf32>\n"
    "%all = heddle.broadcast %sum [0] : tensor<203xf32> to tensor<203x67xf32>\n";

std::vector<Case> cases() {
  const std::string exponential = "%e = heddle.sigmoid %a : tensor<203x67xf32>\n";
  return {
      betweenProducts("elementwise", "%r = heddle.tanh %a : tensor<203x67xf32>\n"),
      // Written in the last of the loops over a row.
      betweenProducts("last_loop",
                      exponential + kSum + "%r = heddle.div %e, %all : tensor<203x67xf32>\n"),
      betweenProducts("read_in_both_loops", exponential + kSum +
                                                "%q = heddle.div %e, %all : tensor<203x67xf32>\n"
                                                "%r = heddle.mul %q, %a : tensor<203x67xf32>\n"),
      // %r is written in the first loop, and %a read in the second.
      betweenProducts("read_after_written",
                      "%r = heddle.tanh %a : tensor<203x67xf32>\n" + exponential + kSum +
                          "%s = heddle.div %a, %all : tensor<203x67xf32>\n",
                      "s"),
      betweenProducts("two_results",
                      "%r = heddle.tanh %a : tensor<203x67xf32>\n"
                      "%s = heddle.mul %r, %a : tensor<203x67xf32>\n",
                      "s"),
      // Read once more, by the last product.
      betweenProducts("needed_later", "%r = heddle.tanh %a : tensor<203x67xf32>\n", "a"),
      // The heads side by side, for a product, and as they are, for a sum.
      {"heads_merged",
       {"tensor<2x3x19x8xf32>", "tensor<24x5xf32>"},
       "%a, %l = heddle.attention %0, %0, %0 {causal, scale = 0.35 : f64} : tensor<2x3x19x8xf32>, "
       "tensor<2x3x19x8xf32>, tensor<2x3x19x8xf32>\n"
       "%t = heddle.transpose %a [0, 2, 1, 3] : tensor<2x3x19x8xf32>\n"
       "%m = heddle.reshape %t : tensor<2x19x3x8xf32> to tensor<38x24xf32>\n"
       "%y = heddle.dot_general %m, %1 batch [] x [] contract [1] x [0] : tensor<38x24xf32>, "
       "tensor<24x5xf32>\n"
       "%p = heddle.mul %a, %0 : tensor<2x3x19x8xf32>\n"
       "%s = heddle.reduce_sum %p [3] : tensor<2x3x19x8xf32>\n"
       "return %y, %s : tensor<38x5xf32>, tensor<2x3x19xf32>",
       "tensor<38x5xf32>;tensor<2x3x19xf32>",
       19 * 24},
  };
}

class Memory : public testing::TestWithParam<Case> {};
TEST_P(Memory, TakenByAnotherValueIsNotNeededAnyMore) {
  ASSERT_NO_FATAL_FAILURE(test::runCase(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(Kernels, Memory, testing::ValuesIn(cases()),
                         [](const auto &info) { return info.param.name; });

} // namespace
