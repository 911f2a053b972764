//===- AttentionTest.cpp - attention and its gradient on many numbers ------===//
//
// The reference has neither a maximum nor logsumexp nor delta: probabilities are e^s / sum e^s, and
// the gradient goes through the Jacobian of softmax, dP_k / ds_j = P_k ([j = k] - P_j).
//
//===----------------------------------------------------------------------===//

#include "Testing.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>
#include <optional>

using namespace heddle;
using namespace heddle::test;

namespace {
struct Case {
  int64_t heads, T, S, D, E; // two batches
  bool causal = false;
  std::string maskShape = {};
  std::vector<double> mask = {};
  std::optional<int64_t> position = {};

  /// Of query 0, among the keys.
  int64_t first() const { return position ? std::clamp<int64_t>(*position, 0, S - T) : S - T; }
  /// Of the query `row`, counted over batches and heads.
  bool sees(int64_t row, int64_t j) const {
    const int64_t i = row % T, head = row / T;
    if (causal && j - i > first())
      return false;
    if (mask.empty())
      return true;
    int64_t place = 0;
    llvm::SmallVector<llvm::StringRef> sizes;
    llvm::StringRef(maskShape).split(sizes, 'x');
    const int64_t indices[] = {head / heads, head % heads, i, j};
    for (auto [size, index] : llvm::zip_equal(sizes, indices)) {
      int64_t extent = 0;
      size.getAsInteger(10, extent);
      place = place * extent + (extent == 1 ? 0 : index);
    }
    return mask[place] != 0.0;
  }
};
void PrintTo(const Case &c, std::ostream *out) {
  *out << c.T << " queries, " << c.S << " keys" << (c.causal ? ", causal" : "")
       << (c.mask.empty() ? "" : ", mask ") << c.maskShape;
  if (c.position)
    *out << ", position " << *c.position;
}
using List = std::vector<double>;
constexpr double kScale = 0.7;

/// y, logsumexp, dq, dk and dv.
std::vector<List> reference(const Case &c, const std::vector<Argument> &arguments) {
  const List &q = arguments[0].values, &k = arguments[1].values, &v = arguments[2].values,
             &dy = arguments[3].values, &dLogsumexp = arguments[4].values;
  List y(dy.size()), logsumexp(dLogsumexp.size()), dq(q.size()), dk(k.size()), dv(v.size());
  for (int64_t row = 0; row < 2 * c.heads * c.T; ++row) {
    const int64_t first = row / c.T * c.S; // key of the head
    List p(c.S);
    double sum = 0.0;
    for (int64_t j = 0; j < c.S; ++j) {
      double s = 0.0;
      for (int64_t d = 0; d < c.D; ++d)
        s += q[row * c.D + d] * k[(first + j) * c.D + d];
      sum += p[j] = c.sees(row, j) ? std::exp(kScale * s) : 0.0;
    }
    logsumexp[row] = std::log(sum);
    for (double &x : p)
      x = sum == 0.0 ? 0.0 : x / sum; // a query that sees no key
    for (int64_t j = 0; j < c.S; ++j) {
      double ds = dLogsumexp[row] * p[j];
      for (int64_t e = 0; e < c.E; ++e) {
        y[row * c.E + e] += p[j] * v[(first + j) * c.E + e];
        dv[(first + j) * c.E + e] += p[j] * dy[row * c.E + e];
        for (int64_t other = 0; other < c.S; ++other)
          ds += dy[row * c.E + e] * v[(first + other) * c.E + e] * p[other] *
                ((other == j ? 1.0 : 0.0) - p[j]);
      }
      for (int64_t d = 0; d < c.D; ++d) {
        dq[row * c.D + d] += kScale * ds * k[(first + j) * c.D + d];
        dk[(first + j) * c.D + d] += kScale * ds * q[row * c.D + d];
      }
    }
  }
  return {y, logsumexp, dq, dk, dv};
}

class Attention : public testing::TestWithParam<Case> {};
TEST_P(Attention, IsTheFormulaWholeAndDecomposed) {
  const Case &c = GetParam();
  auto type = [&](int64_t rows, int64_t last) {
    return llvm::formatv("2x{0}x{1}x{2}xf64", c.heads, rows, last).str();
  };
  const std::string q = type(c.T, c.D), k = type(c.S, c.D), v = type(c.S, c.E), y = type(c.T, c.E),
                    rows = llvm::formatv("2x{0}x{1}xf64", c.heads, c.T).str(),
                    mask = c.maskShape + "xi1";
  std::vector<Argument> arguments = {{q, {}}, {k, {}}, {v, {}}, {y, {}}, {rows, {}}};
  const int64_t counts[] = {c.T * c.D, c.S * c.D, c.S * c.E, c.T * c.E, c.T};
  for (size_t i = 0; i < arguments.size(); ++i)
    arguments[i].values = spread(2 * c.heads * counts[i], -1.0, 1.0, 0.37 * static_cast<double>(i));
  std::string given, givenType;
  auto give = [&](const std::string &name, const Argument &argument) {
    given += " " + name + " %" + std::to_string(arguments.size());
    givenType += " " + name + " tensor<" + argument.type + ">";
    arguments.push_back(argument);
  };
  if (!c.mask.empty())
    give("mask", {mask, c.mask});
  if (c.position)
    give("position", {c.S % 2 ? "i64" : "i32", {static_cast<double>(*c.position)}});
  const std::string attributes = c.causal ? " {causal, scale = 0.7 : f64}" : " {scale = 0.7 : f64}";
  const std::string body =
      llvm::formatv("%y, %l = heddle.attention %0, %1, %2{0}{1} : tensor<{3}>, tensor<{4}>, "
                    "tensor<{5}>{2}\n"
                    "%p = heddle.mul %3, %y : tensor<{6}>\n"
                    "%s = heddle.reduce_sum %p [3] : tensor<{6}>\n"
                    "%d = heddle.sub %s, %4 : tensor<{7}>\n"
                    "%dq, %dk, %dv = heddle.attention_gradient %0, %1, %2, %l, %d, %3{0}{1} : "
                    "tensor<{3}>, tensor<{4}>, tensor<{5}>, tensor<{7}>, tensor<{7}>, "
                    "tensor<{6}>{2}\n"
                    "return %y, %l, %dq, %dk, %dv : tensor<{6}>, tensor<{7}>, tensor<{3}>, "
                    "tensor<{4}>, tensor<{5}>",
                    given, attributes, givenType, q, k, v, y, rows)
          .str();

  Session session;
  auto function = session.parse(body, typesOf(arguments));
  ASSERT_TRUE(function) << session.firstError();
  const std::vector<List> want = reference(c, arguments);
  auto expectAll = [&](const char *what) {
    auto got = session.interpret(function, arguments);
    EXPECT_EQ(session.firstError(), "");
    ASSERT_EQ(got.size(), want.size());
    // A sum of at most S E + S terms that are of order 1 or less, each with a few roundings.
    const double tolerance = 8.0 * static_cast<double>((c.S + 1) * (c.E + c.D + 1)) * 0x1p-52;
    for (size_t i = 0; i < want.size(); ++i) {
      ASSERT_EQ(got[i].size(), want[i].size());
      for (size_t j = 0; j < want[i].size(); ++j)
        if (std::isinf(want[i][j]))
          ASSERT_EQ(got[i][j], want[i][j]) << what << ", result " << i << " element " << j;
        else
          ASSERT_NEAR(got[i][j], want[i][j], tolerance)
              << what << ", result " << i << " element " << j;
    }
  };
  expectAll("whole");
  llvm::SmallVector<mlir::Operation *> composites;
  function.walk([&](ir::DecomposableOpInterface op) { composites.push_back(op); });
  EXPECT_EQ(composites.size(), 2U);
  for (mlir::Operation *op : composites) {
    mlir::OpBuilder builder(op);
    auto values = llvm::cast<ir::DecomposableOpInterface>(op).decompose(builder);
    ASSERT_TRUE(mlir::succeeded(values));
    op->replaceAllUsesWith(*values);
    op->erase();
  }
  expectAll("decomposed");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Attention,
    testing::Values(Case{.heads = 3, .T = 5, .S = 5, .D = 4, .E = 4},
                    Case{.heads = 1, .T = 3, .S = 7, .D = 2, .E = 5},
                    Case{.heads = 2, .T = 7, .S = 3, .D = 5, .E = 1},
                    Case{.heads = 2, .T = 6, .S = 6, .D = 3, .E = 3, .causal = true},
                    Case{.heads = 1, .T = 3, .S = 7, .D = 4, .E = 2, .causal = true},
                    // With fewer keys than queries, the first queries see none.
                    Case{.heads = 2, .T = 5, .S = 3, .D = 2, .E = 3, .causal = true},
                    Case{.heads = 2,
                         .T = 2,
                         .S = 3,
                         .D = 4,
                         .E = 3,
                         .maskShape = "1x1x2x3",
                         .mask = {1, 0, 1, 0, 0, 0}},
                    // The padding of each batch's keys; all of the second.
                    Case{.heads = 2,
                         .T = 3,
                         .S = 4,
                         .D = 2,
                         .E = 3,
                         .maskShape = "2x1x1x4",
                         .mask = {1, 1, 0, 1, 0, 0, 0, 0}},
                    Case{.heads = 2,
                         .T = 2,
                         .S = 2,
                         .D = 3,
                         .E = 2,
                         .maskShape = "1x2x2x1",
                         .mask = {1, 0, 1, 1}},
                    Case{.heads = 2,
                         .T = 2,
                         .S = 2,
                         .D = 3,
                         .E = 2,
                         .maskShape = "2x2x2x2",
                         .mask = {1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 1, 1, 1}},
                    Case{.heads = 1,
                         .T = 3,
                         .S = 4,
                         .D = 2,
                         .E = 3,
                         .causal = true,
                         .maskShape = "1x1x3x4",
                         .mask = {1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1}},
                    // From a position on: at both ends, between and beyond them.
                    Case{.heads = 2, .T = 3, .S = 7, .D = 2, .E = 3, .causal = true, .position = 0},
                    Case{.heads = 1, .T = 3, .S = 8, .D = 2, .E = 3, .causal = true, .position = 2},
                    Case{.heads = 2, .T = 1, .S = 7, .D = 2, .E = 1, .causal = true, .position = 6},
                    Case{.heads = 1, .T = 4, .S = 4, .D = 2, .E = 2, .causal = true, .position = 3},
                    Case{.heads = 1, .T = 2, .S = 5, .D = 3, .E = 2, .causal = true, .position = 9},
                    Case{.heads = 1,
                         .T = 2,
                         .S = 5,
                         .D = 3,
                         .E = 2,
                         .causal = true,
                         .position = int64_t{1} << 40},
                    Case{
                        .heads = 1, .T = 2, .S = 6, .D = 3, .E = 2, .causal = true, .position = -4},
                    Case{.heads = 2,
                         .T = 2,
                         .S = 4,
                         .D = 2,
                         .E = 3,
                         .causal = true,
                         .maskShape = "2x1x1x4",
                         .mask = {1, 1, 0, 1, 0, 1, 1, 1},
                         .position = 1}));
} // namespace
