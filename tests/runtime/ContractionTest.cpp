#include "Contraction.h"

#include "Testing.h"
#include "Threads.h"

#include <fmt/ranges.h>

#include <cmath>
#include <limits>
#include <random>

namespace heddle::runtime {
namespace {

using testing::failureOf;

ContractionSpec sized(int64_t m, int64_t n, int64_t k, std::vector<int64_t> batch, bool bias) {
  ContractionSpec spec;
  spec.m = m;
  spec.n = n;
  spec.k = k;
  spec.batch = std::move(batch);
  spec.bias = bias;
  return spec;
}

// The elements that a matrix reaches, from its strides.
int64_t extentOf(const ContractionSpec &spec, const MatrixStrides &s, int64_t rows, int64_t cols) {
  int64_t last = std::max<int64_t>(rows - 1, 0) * s.row + std::max<int64_t>(cols - 1, 0) * s.col;
  for (size_t d = 0; d < spec.batch.size(); ++d)
    last += std::max<int64_t>(spec.batch[d] - 1, 0) * s.batch[d];
  return last + 1;
}

int64_t batchOffset(const ContractionSpec &spec, const MatrixStrides &s, int64_t batch) {
  int64_t offset = 0;
  for (size_t d = spec.batch.size(); d-- > 0; batch /= spec.batch[d])
    offset += batch % spec.batch[d] * s.batch[d];
  return offset;
}

std::vector<float> randomFloats(int64_t count, std::mt19937 &random) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(static_cast<size_t>(count));
  for (float &value : values)
    value = uniform(random);
  return values;
}

// Against sums in double. Bytes of c between its elements must stay as they are.
void check(const ContractionSpec &spec, int threads = 3) {
  SCOPED_TRACE(fmt::format(
      "m {} n {} k {} batch [{}] bias {} | a {} {} [{}] | b {} {} [{}] | c {} {} [{}]", spec.m,
      spec.n, spec.k, fmt::join(spec.batch, ","), spec.bias, spec.a.row, spec.a.col,
      fmt::join(spec.a.batch, ","), spec.b.row, spec.b.col, fmt::join(spec.b.batch, ","),
      spec.c.row, spec.c.col, fmt::join(spec.c.batch, ",")));
  const ThreadCountScope scope(threads);
  OneDnn engine;
  Contraction contraction(spec, engine, threads, "test");
  std::mt19937 random(1);
  const auto a = randomFloats(extentOf(spec, spec.a, spec.m, spec.k), random);
  const auto b = randomFloats(extentOf(spec, spec.b, spec.k, spec.n), random);
  const auto bias = randomFloats(spec.n, random);
  constexpr float untouched = 12345;
  std::vector<float> c(static_cast<size_t>(extentOf(spec, spec.c, spec.m, spec.n)), untouched);
  ASSERT_EQ(contraction.run(a.data(), b.data(), spec.bias ? bias.data() : nullptr, c.data()), 0);

  int64_t batches = 1;
  for (int64_t size : spec.batch)
    batches *= size;
  std::vector<bool> written(c.size());
  for (int64_t batch = 0; batch < batches; ++batch)
    for (int64_t i = 0; i < spec.m; ++i)
      for (int64_t j = 0; j < spec.n; ++j) {
        double sum = spec.bias ? bias[static_cast<size_t>(j)] : 0, scale = std::fabs(sum);
        for (int64_t p = 0; p < spec.k; ++p) {
          const int64_t atA = batchOffset(spec, spec.a, batch) + i * spec.a.row + p * spec.a.col;
          const int64_t atB = batchOffset(spec, spec.b, batch) + p * spec.b.row + j * spec.b.col;
          const double product =
              static_cast<double>(a[static_cast<size_t>(atA)]) * b[static_cast<size_t>(atB)];
          sum += product;
          scale += std::fabs(product);
        }
        const auto at =
            static_cast<size_t>(batchOffset(spec, spec.c, batch) + i * spec.c.row + j * spec.c.col);
        written[at] = true;
        // Rounding errors add up like a random walk: sqrt(k) of them, each eps/2 of the partial sum
        // at most.
        const double tolerance = 2 * std::sqrt(static_cast<double>(spec.k) + 1) *
                                 std::numeric_limits<float>::epsilon() * scale;
        ASSERT_NEAR(c[at], sum, tolerance) << "at batch " << batch << " i " << i << " j " << j;
      }
  for (size_t at = 0; at < c.size(); ++at)
    ASSERT_TRUE(written[at] || c[at] == untouched) << "between the elements, at " << at;
}

// Rows or columns contiguous, with `pad` elements between one and the next.
MatrixStrides plain(int64_t rows, int64_t cols, bool transposed, int64_t pad = 0) {
  return transposed ? MatrixStrides{{}, 1, rows + pad} : MatrixStrides{{}, cols + pad, 1};
}

TEST(Contraction, EveryLayoutAndOddSize) {
  for (auto [m, n, k] : {std::tuple<int, int, int>{1, 1, 1},
                         {1, 17, 5},
                         {13, 1, 9},
                         {7, 11, 1},
                         {5, 3, 130},
                         {33, 65, 31},
                         {64, 48, 64}})
    for (int layout = 0; layout < 16; ++layout)
      for (int pad : {0, 3}) {
        ContractionSpec spec = sized(m, n, k, {}, (layout & 8) != 0);
        spec.a = plain(m, k, layout & 1, pad);
        spec.b = plain(k, n, layout & 2, pad);
        spec.c = plain(m, n, layout & 4, pad);
        check(spec);
      }
}

// Large enough for the matmul primitive.
TEST(Contraction, LargeProducts) {
  for (int layout = 0; layout < 16; ++layout) {
    ContractionSpec spec = sized(257, 384, 350, {}, (layout & 8) != 0);
    spec.a = plain(spec.m, spec.k, layout & 1);
    spec.b = plain(spec.k, spec.n, layout & 2);
    spec.c = plain(spec.m, spec.n, layout & 4);
    check(spec);
  }
}

TEST(Contraction, SizesOfZero) {
  for (bool bias : {false, true})
    for (bool transposed : {false, true}) {
      for (auto [m, n, k] : {std::tuple<int, int, int>{0, 3, 4}, {3, 0, 4}, {3, 5, 0}, {0, 0, 0}}) {
        ContractionSpec spec = sized(m, n, k, {}, bias);
        spec.a = plain(m, k, false);
        spec.b = plain(k, n, false);
        spec.c = plain(m, n, transposed, 2);
        check(spec);
        spec.batch = {3};
        spec.a.batch = {m * k};
        spec.b.batch = {k * n};
        spec.c.batch = {(m + 2) * (n + 2)};
        check(spec);
        spec.batch = {0};
        OneDnn engine;
        EXPECT_EQ(Contraction(spec, engine, 2, "test").run(nullptr, nullptr, nullptr, nullptr), 0);
      }
    }
}

// q . k^T and p . v of attention, where the heads are slices of one [batch, seq, 3 * heads * dim]
// tensor.
TEST(Contraction, AttentionHeads) {
  constexpr int64_t batch = 4, heads = 3, seq = 19, dim = 8, row = 3 * heads * dim;
  for (bool bias : {false, true})
    for (int threads : {1, 2, 5, 64}) {
      ContractionSpec scores = sized(seq, seq, dim, {batch, heads}, bias);
      scores.a = {{seq * row, dim}, row, 1};
      scores.b = {{seq * row, dim}, 1, row};
      scores.c = {{heads * seq * seq, seq * seq}, seq, 1};
      check(scores, threads);
      // Back to [batch, seq, heads, dim], and the same with c column-major.
      ContractionSpec mixed = sized(seq, dim, seq, {batch, heads}, bias);
      mixed.a = {{heads * seq * seq, seq * seq}, seq, 1};
      mixed.b = {{seq * row, dim}, row, 1};
      mixed.c = {{seq * heads * dim, dim}, heads * dim, 1};
      check(mixed, threads);
      mixed.c = {{seq * heads * dim, seq * dim}, 1, seq};
      check(mixed, threads);
    }
}

TEST(Contraction, BatchThatFoldsIntoRowsOrColumns) {
  for (bool bias : {false, true}) {
    // x [2, 3, 5, 7] . w [7, 4]: one product of 30 rows.
    ContractionSpec spec = sized(5, 4, 7, {2, 3}, bias);
    spec.a = {{105, 35}, 7, 1};
    spec.b = {{0, 0}, 4, 1};
    spec.c = {{60, 20}, 4, 1};
    check(spec);
    EXPECT_EQ(layoutContraction(spec, "").batchCount, 1);
    EXPECT_EQ(layoutContraction(spec, "").m, 30);
    // The same, but the rows of one batch lie apart from the next: only the inner dimension folds.
    spec.a.batch = {200, 35};
    check(spec);
    EXPECT_EQ(layoutContraction(spec, "").batchCount, 2);
    // One row a batch: m is the batch.
    ContractionSpec rows = sized(1, 4, 7, {6}, bias);
    rows.a = {{7}, 0, 1};
    rows.b = {{0}, 4, 1};
    rows.c = {{4}, 0, 1};
    check(rows);
    EXPECT_EQ(layoutContraction(rows, "").batchCount, 1);
    // a does not change: the batch is more columns of b, if no bias counts them.
    ContractionSpec columns = sized(5, 4, 7, {3}, bias);
    columns.a = {{0}, 7, 1};
    columns.b = {{4}, 12, 1};
    columns.c = {{4}, 12, 1};
    check(columns);
    EXPECT_EQ(layoutContraction(columns, "").batchCount, bias ? 3 : 1);
    // Neither changes.
    ContractionSpec same = sized(5, 4, 7, {3}, bias);
    same.a = {{0}, 7, 1};
    same.b = {{0}, 4, 1};
    same.c = {{20}, 4, 1};
    check(same);
    // The inner loop of a folded pair may be the batch.
    ContractionSpec inner = sized(5, 4, 7, {3}, bias);
    inner.a = {{7}, 21, 1};
    inner.b = {{0}, 4, 1};
    inner.c = {{4}, 12, 1};
    check(inner);
    EXPECT_EQ(layoutContraction(inner, "").batchCount, 1);
  }
}

TEST(Contraction, RandomLayouts) {
  std::mt19937 random(7);
  auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int round = 0; round < 300; ++round) {
    ContractionSpec spec = sized(pick(1, 9), pick(1, 9), pick(1, 40), {}, pick(0, 1) == 1);
    for (int64_t rank = pick(0, 3); rank > 0; --rank)
      spec.batch.push_back(pick(1, 4));
    // Each matrix: a random order of its dimensions in memory, either m/k, k/n or m/n innermost
    // first.
    auto layout = [&](int64_t rows, int64_t cols, bool mayBroadcast) {
      MatrixStrides s{std::vector<int64_t>(spec.batch.size()), 0, 0};
      std::vector<size_t> order;
      for (size_t d = 0; d < spec.batch.size(); ++d)
        order.push_back(d);
      std::shuffle(order.begin(), order.end(), random);
      const bool transposed = pick(0, 1) == 1;
      int64_t step = transposed ? rows : cols;
      // Some batch dimensions lie between the rows, as heads do.
      const auto between = static_cast<size_t>(pick(0, static_cast<int>(order.size())));
      for (size_t at = 0; at <= order.size(); ++at) {
        if (at == between) {
          (transposed ? s.col : s.row) = step;
          (transposed ? s.row : s.col) = 1;
          step *= transposed ? cols : rows;
        }
        if (at < order.size() && !(mayBroadcast && pick(0, 2) == 0)) {
          s.batch[order[at]] = step;
          step *= spec.batch[order[at]];
        }
      }
      return s;
    };
    spec.a = layout(spec.m, spec.k, true);
    spec.b = layout(spec.k, spec.n, true);
    spec.c = layout(spec.m, spec.n, false);
    check(spec, static_cast<int>(pick(1, 4)));
    if (::testing::Test::HasFatalFailure())
      return;
  }
}

TEST(Contraction, SaysWhatItCannotExpress) {
  OneDnn engine;
  ContractionSpec spec = sized(4, 4, 4, {}, false);
  spec.a = {{}, 8, 2};
  spec.b = spec.c = {{}, 4, 1};
  const std::string where = "manifest: functions[0].contractions[2]";
  EXPECT_EQ(failureOf([&] { Contraction(spec, engine, 1, where); }),
            "manifest: functions[0].contractions[2]: a (batch_strides [], row 8, col 2), b "
            "(batch_strides [], row 4, "
            "col 1), c (batch_strides [], row 4, col 1): expected each to be contiguous along its "
            "rows or its columns "
            "(m 4, n 4, k 4); copy the operand that is not before the contraction");
  spec.a = spec.b;
  spec.c.row = 3;
  EXPECT_EQ(failureOf([&] { Contraction(spec, engine, 1, where); }),
            "manifest: functions[0].contractions[2]: elements of c (batch_strides [], row 3, col "
            "1) overlap (batch "
            "[], m 4, n 4)");
  spec.c.row = 4;
  spec.dtype = HD_F64;
  EXPECT_EQ(failureOf([&] { Contraction(spec, engine, 1, where); }),
            "manifest: functions[0].contractions[2]: dtype f64 has no provider; the runtime "
            "contracts f32");
}

TEST(Contraction, MissingBiasIsAStatus) {
  OneDnn engine;
  ContractionSpec spec = sized(1, 1, 1, {}, true);
  spec.a = spec.b = spec.c = {{}, 1, 1};
  float one = 1, result = 0;
  EXPECT_EQ(Contraction(spec, engine, 1, "").run(&one, &one, nullptr, &result),
            Contraction::kBiasMissing);
}

} // namespace
} // namespace heddle::runtime
