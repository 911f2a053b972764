// Matrix products and attention, which have kernels of their own, on sizes that are no multiples of
// any tile.
#include "CompiledCase.h"

#include "llvm/ADT/StringExtras.h"

#include <fmt/format.h>

using namespace heddle::test;

namespace {

std::vector<Case> withCpu(std::vector<Case> cases, const std::string &cpu) {
  for (Case &c : cases)
    c.options.cpu = cpu;
  return cases;
}

/// a [m, k] and b [k, n], each as it is or transposed in memory, and a bias or none.
Case product(int64_t m, int64_t n, int64_t k, bool transposeA, bool transposeB, bool bias) {
  Case c;
  c.name = fmt::format("product_{}_{}_{}{}{}{}", m, n, k, transposeA ? "_at" : "",
                       transposeB ? "_bt" : "", bias ? "_bias" : "");
  const std::string result = fmt::format("tensor<{}x{}xf32>", m, n);
  c.inputs = {
      transposeA ? fmt::format("tensor<{}x{}xf32>", k, m) : fmt::format("tensor<{}x{}xf32>", m, k),
      transposeB ? fmt::format("tensor<{}x{}xf32>", n, k) : fmt::format("tensor<{}x{}xf32>", k, n),
      fmt::format("tensor<{}xf32>", n)};
  c.body = fmt::format(
      "%d = heddle.dot_general %0, %1 batch [] x [] contract [{}] x [{}] : {}, {}\n"
      "%b = heddle.broadcast %2 [1] : {} to {}\n%s = heddle.add %d, %b : {}\nreturn %{} : {}",
      transposeA ? 0 : 1, transposeB ? 1 : 0, c.inputs[0], c.inputs[1], c.inputs[2], result, result,
      bias ? "s" : "d", result);
  c.result = result;
  c.terms = std::max<int64_t>(k, 1);
  c.options.products.contractions = heddle::cpu::ContractionProvider::Generated;
  c.allGenerated = true;
  return c;
}

std::vector<Case> products() {
  std::vector<Case> cases;
  // Around the tile, around the blocks (rows 96 and 256, columns 128 and 512, depth 384), and
  // primes.
  const int64_t sizes[][3] = {
      {1, 1, 1},
      {2, 3, 1},
      {5, 15, 7},
      {6, 16, 8},
      {7, 17, 9},
      {13, 1, 31},
      {1, 37, 19},
      {95, 31, 255},
      {97, 33, 257},
      {101, 769, 3},
      {3, 787, 263},
      {211, 47, 521},
      {64, 129, 385},
      {257, 541, 11},
      {523, 131, 37},
      // With a vector: around its rows and vectors, and beyond a block of it.
      {1, 4, 64},
      {1, 67, 129},
      {71, 1, 64},
      {3, 1, 15},
      {1, 2051, 9},
      {2111, 1, 17},
      {1, 259, 1},
      {1, 1, 1031}};
  unsigned kind = 0;
  for (auto [m, n, k] : sizes) {
    cases.push_back(product(m, n, k, kind & 1, kind & 2, kind & 4));
    cases.push_back(product(m, n, k, ~kind & 1, ~kind & 2, ~kind & 4));
    ++kind;
  }
  std::mt19937 random(7); // the same numbers everywhere
  auto size = [&](unsigned most) { return static_cast<int64_t>(random() % most + 1); };
  for (int i = 0; i < 16; ++i) {
    const int64_t m = size(130), n = size(130), k = size(300);
    const unsigned bits = static_cast<unsigned>(random());
    Case c = product(m, n, k, bits & 1, bits & 2, bits & 4);
    c.name += fmt::format("_{}", i);
    cases.push_back(c);
  }
  return cases;
}

/// With b a parameter, which is packed, or lies in panels where n is a multiple of their width.
std::vector<Case> packedProducts() {
  std::vector<Case> cases;
  const int64_t sizes[][3] = {{2, 3, 1},      {5, 15, 7},    {6, 16, 8},     {7, 17, 9},
                              {64, 129, 385}, {101, 769, 3}, {211, 47, 521}, {257, 541, 11},
                              {511, 33, 771}, {2, 32, 2},    {101, 96, 7},   {300, 64, 1601},
                              {17, 1088, 391}};
  for (auto [m, n, k] : sizes)
    for (bool transposed : {false, true}) {
      Case c = product(m, n, k, /*transposeA=*/m % 2 == 0, transposed, /*bias=*/n % 2 == 1);
      c.parameter = 1;
      cases.push_back(c);
    }
  return cases;
}

/// Shared among so many threads that each has a part of a panel, along the columns and along the
/// rows.
std::vector<Case> sharedProducts() {
  std::vector<Case> cases;
  const int64_t sizes[][3] = {{64, 224, 784}, {127, 161, 520}, {131, 64, 1601}, {203, 131, 530}};
  for (auto [m, n, k] : sizes)
    for (int threads : {1, 3, 5, 16}) {
      Case c = product(m, n, k, /*transposeA=*/false, /*transposeB=*/true, /*bias=*/n % 2 == 1);
      c.name += fmt::format("_on_{}", threads);
      c.parameter = 1;
      c.threads = threads;
      cases.push_back(c);
    }
  return cases;
}

/// A product, and elementwise ops on it that its kernel takes along.
std::vector<Case> epilogues() {
  // %d is the product, %2 a tensor like it, %3 a row of it. The second kind returns the product
  // too, the third computes in f64.
  const std::pair<std::string, std::vector<std::string>> kinds[] = {
      {"%t = heddle.tanh %d : {0}\n%y = heddle.add %t, %2 : {0}\n", {"y"}},
      {"%y = heddle.mul %d, %2 : {0}\n%z = heddle.exp %y : {0}\n", {"z", "d"}},
      {"%e = heddle.cast %d : {0} to {1}\n%f = heddle.mul %e, %e : {1}\n"
       "%y = heddle.cast %f : {1} to {0}\n",
       {"y"}},
      {"%v = heddle.broadcast %3 [1] : tensor<{2}xf32> to {0}\n%y = heddle.mul %d, %v : {0}\n",
       {"y"}}};
  const int64_t sizes[][3] = {{2, 3, 1},    {7, 17, 9},     {13, 33, 31},  {64, 129, 385},
                              {97, 95, 40}, {257, 541, 11}, {31, 1037, 5}, {300, 64, 800}};
  std::vector<Case> cases;
  for (auto [m, n, k] : sizes)
    for (size_t kind = 0; kind < std::size(kinds); ++kind) {
      Case c = product(m, n, k, kind == 1, kind != 2, kind == 3);
      c.name = fmt::format("epilogue_{}_{}_{}_{}", m, n, k, kind);
      c.low = -0.3, c.high = 0.3; // exp of such a product is finite
      const std::string type = c.result;
      c.inputs = {c.inputs[0], c.inputs[1], type, c.inputs[2]};
      const auto &[ops, results] = kinds[kind];
      c.body = c.body.substr(0, c.body.find('\n') + 1) +
               fmt::format(fmt::runtime(ops), type, fmt::format("tensor<{}x{}xf64>", m, n), n) +
               fmt::format("return %{} : {}", llvm::join(results, ", %"),
                           llvm::join(std::vector(results.size(), type), ", "));
      c.result = llvm::join(std::vector(results.size(), type), ";");
      cases.push_back(c);
    }
  return cases;
}

struct AttentionSize {
  int64_t queries, keys, depth, width;
  bool causal;
  std::string mask = {}; // its shape, of two batches and two heads; none if empty
  std::optional<int64_t> position = {};
};

std::string attentionName(const char *prefix, const AttentionSize &s) {
  const std::string position =
      s.position ? fmt::format("_from_{}{}", *s.position < 0 ? "minus_" : "",
                               *s.position < 0 ? 0 - static_cast<uint64_t>(*s.position)
                                               : static_cast<uint64_t>(*s.position))
                 : "";
  return fmt::format("{}_{}_{}_{}_{}{}{}{}{}", prefix, s.queries, s.keys, s.depth, s.width,
                     s.causal ? "_causal" : "", s.mask.empty() ? "" : "_mask_", s.mask, position);
}

std::string attentionOp(const AttentionSize &s, const std::vector<std::string> &types) {
  const bool masked = !s.mask.empty();
  std::string names, suffix;
  if (masked) {
    names = " mask %3";
    suffix = " mask " + types[3];
  }
  if (s.position) {
    names += fmt::format(" position %{}", types.size() - 1);
    suffix += " position " + types.back();
  }
  return fmt::format(
      "%y, %l = heddle.attention %0, %1, %2{} {{{}scale = 0.3 : f64}} : {}, {}, {}{}\n", names,
      s.causal ? "causal, " : "", types[0], types[1], types[2], suffix);
}

Case attention(const AttentionSize &s) {
  Case c;
  c.name = attentionName("attention", s);
  const std::string q = fmt::format("tensor<2x2x{}x{}xf32>", s.queries, s.depth),
                    k = fmt::format("tensor<2x2x{}x{}xf32>", s.keys, s.depth),
                    v = fmt::format("tensor<2x2x{}x{}xf32>", s.keys, s.width),
                    y = fmt::format("tensor<2x2x{}x{}xf32>", s.queries, s.width),
                    line = fmt::format("tensor<2x2x{}xf32>", s.queries);
  c.inputs = {q, k, v};
  if (!s.mask.empty())
    c.inputs.push_back(fmt::format("tensor<{}xi1>", s.mask));
  if (s.position) {
    const bool isLong = *s.position != static_cast<int32_t>(*s.position) || s.keys % 2;
    c.inputs.emplace_back(isLong ? "tensor<i64>" : "tensor<i32>");
    c.position = s.position;
  }
  c.body = attentionOp(s, c.inputs) + fmt::format("return %y, %l : {}, {}", y, line);
  c.result = y + ";" + line;
  c.terms = std::max<int64_t>(s.keys * s.depth, 1);
  c.allGenerated = s.queries != 1 || s.position; // decomposed, as of one query, it leaves products
  c.options.products.contractions = heddle::cpu::ContractionProvider::Library;
  return c;
}

/// The gradient of sum(y * y) + sum(logsumexp), so that both results have a cotangent.
Case attentionGradient(const AttentionSize &s) {
  Case c = attention(s);
  c.name = attentionName("attention_gradient", s);
  const std::string &q = c.inputs[0], &k = c.inputs[1], &v = c.inputs[2];
  const std::string y = fmt::format("tensor<2x2x{}x{}xf32>", s.queries, s.width),
                    line = fmt::format("tensor<2x2x{}xf32>", s.queries);
  c.body = attentionOp(s, c.inputs) +
           fmt::format("%s = heddle.mul %y, %y : {}\n"
                       "%a = heddle.reduce_sum %s [0, 1, 2, 3] : {}\n"
                       "%b = heddle.reduce_sum %l [0, 1, 2] : {}\n"
                       "%t = heddle.add %a, %b : tensor<f32>\n"
                       "%g:3 = heddle.gradient %t wrt %0, %1, %2 : (tensor<f32>, {}, {}, {}) -> "
                       "({}, {}, {})\nreturn %g#0, %g#1, %g#2 : {}, {}, {}",
                       y, y, line, q, k, v, q, k, v, q, k, v);
  c.result = q + ";" + k + ";" + v;
  c.terms = std::max<int64_t>((s.keys + s.queries) * s.depth * 4, 1);
  return c;
}

std::vector<Case> attentions() {
  std::vector<Case> cases;
  // Around the blocks (192 or 96 of queries, 96 of keys), fewer keys than queries, other widths
  // than depths, single ones, none, and heads so wide that blocks are smaller.
  for (const AttentionSize &s : {AttentionSize{1, 1, 1, 1, true},
                                 {1, 53, 8, 8, false},
                                 {37, 37, 16, 16, true},
                                 {96, 96, 32, 32, true},
                                 {97, 97, 5, 19, true},
                                 {100, 49, 8, 3, false},
                                 {31, 131, 20, 17, true},
                                 {9, 5, 4, 4, true},
                                 {2, 3, 4, 4, false},
                                 // Padding, of which some queries see nothing else.
                                 {37, 1, 8, 8, false, "2x1x1x1"},
                                 {97, 53, 8, 8, false, "2x1x1x53"},
                                 {50, 50, 8, 8, true, "2x1x1x50"},
                                 {61, 47, 8, 16, false, "1x1x61x47"},
                                 {61, 2, 8, 16, false, "2x2x61x2"},
                                 {33, 49, 8, 8, true, "1x2x33x1"},
                                 {211, 211, 64, 64, true},
                                 {101, 307, 8, 8, true},
                                 {307, 101, 8, 8, true},
                                 {199, 128, 8, 8, true, "1x2x199x128"},
                                 {4, 0, 3, 3, false},
                                 {0, 4, 3, 3, false},
                                 {5, 7, 0, 3, true},
                                 {7, 5, 3, 0, false},
                                 {50, 99, 700, 600, true}}) {
    cases.push_back(attention(s));
    cases.push_back(attentionGradient(s));
  }
  // From a position on: at both ends and beyond them, in and between blocks of keys, which are 96,
  // or 256 for a single query.
  const int64_t least = std::numeric_limits<int32_t>::min(), most = int64_t{1} << 40;
  for (const AttentionSize &s : {AttentionSize{1, 1, 1, 1, true, "", 0},
                                 AttentionSize{1, 53, 8, 8, true, "", 0},
                                 AttentionSize{1, 53, 64, 64, true, "", 31},
                                 AttentionSize{1, 53, 7, 5, true, "", 52},
                                 AttentionSize{1, 52, 8, 8, true, "", 53},
                                 AttentionSize{1, 53, 8, 8, true, "", -7},
                                 AttentionSize{1, 599, 16, 67, true, "", 288},
                                 AttentionSize{1, 600, 65, 16, true, "", 287},
                                 AttentionSize{1, 1031, 3, 300, true, "", 1030},
                                 AttentionSize{1, 64, 8, 8, true, "", most},
                                 AttentionSize{1, 64, 8, 8, true, "", least},
                                 AttentionSize{1, 61, 8, 16, true, "1x1x1x61", 40},
                                 AttentionSize{1, 61, 8, 16, true, "2x1x1x1", 3},
                                 AttentionSize{1, 300, 8, 16, true, "2x2x1x300", 290},
                                 AttentionSize{1, 7, 0, 3, true, "", 2},
                                 AttentionSize{1, 7, 3, 0, true, "", 2},
                                 AttentionSize{2, 3, 4, 4, true, "", 1},
                                 AttentionSize{37, 37, 16, 16, true, "", 5},
                                 AttentionSize{31, 131, 20, 17, true, "", 0},
                                 AttentionSize{31, 131, 20, 17, true, "", 66},
                                 AttentionSize{31, 132, 20, 17, true, "", 100},
                                 AttentionSize{31, 131, 20, 17, true, "", 101},
                                 AttentionSize{13, 128, 8, 8, true, "", -1},
                                 AttentionSize{13, 128, 8, 8, true, "", most},
                                 AttentionSize{13, 128, 8, 8, true, "", least},
                                 AttentionSize{211, 307, 64, 64, true, "", 89},
                                 AttentionSize{199, 400, 8, 8, true, "1x2x199x400", 150},
                                 AttentionSize{5, 7, 0, 3, true, "", 1},
                                 AttentionSize{0, 7, 3, 3, true, "", 1}}) {
    cases.push_back(attention(s));
    cases.push_back(attentionGradient(s));
  }
  // What is no number is none afterwards either.
  cases.push_back(attention({37, 41, 8, 8, true}));
  cases.back().name += "_poisoned";
  cases.back().poisoned = true;
  return cases;
}

class Products : public testing::TestWithParam<Case> {};
TEST_P(Products, AgreeWithTheInterpreter) { ASSERT_NO_FATAL_FAILURE(runCase(GetParam())); }

std::string nameOf(const testing::TestParamInfo<Case> &info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Matmul, Products, testing::ValuesIn(products()), nameOf);
INSTANTIATE_TEST_SUITE_P(Epilogues, Products, testing::ValuesIn(epilogues()), nameOf);
INSTANTIATE_TEST_SUITE_P(EpiloguesV2, Products,
                         testing::ValuesIn(withCpu(epilogues(), "x86-64-v2")), nameOf);
INSTANTIATE_TEST_SUITE_P(PackedMatmul, Products, testing::ValuesIn(packedProducts()), nameOf);
INSTANTIATE_TEST_SUITE_P(PackedMatmulV2, Products,
                         testing::ValuesIn(withCpu(packedProducts(), "x86-64-v2")), nameOf);
INSTANTIATE_TEST_SUITE_P(SharedMatmul, Products, testing::ValuesIn(sharedProducts()), nameOf);
INSTANTIATE_TEST_SUITE_P(SharedMatmulV2, Products,
                         testing::ValuesIn(withCpu(sharedProducts(), "x86-64-v2")), nameOf);
INSTANTIATE_TEST_SUITE_P(Attention, Products, testing::ValuesIn(attentions()), nameOf);
// Narrower tiles, and no fused multiply-add.
INSTANTIATE_TEST_SUITE_P(MatmulV2, Products, testing::ValuesIn(withCpu(products(), "x86-64-v2")),
                         nameOf);
INSTANTIATE_TEST_SUITE_P(AttentionV2, Products,
                         testing::ValuesIn(withCpu(attentions(), "x86-64-v2")), nameOf);

} // namespace
