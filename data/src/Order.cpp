// Which rows come when.
#include "heddle/data/error.h"
#include "heddle/data/loader.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>
#include <random>

namespace heddle::data {
namespace {

// The standard says what mt19937_64 and seed_seq give, but not what its distributions and shuffle
// make of that: these are our own.
std::mt19937_64 generator(std::uint64_t seed, std::uint64_t epoch) {
  std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                      static_cast<std::uint32_t>(epoch), static_cast<std::uint32_t>(epoch >> 32)};
  return std::mt19937_64(words);
}

// Uniform in [0, count): draws that would favour small numbers are rejected.
std::uint64_t drawBelow(std::mt19937_64 &random, std::uint64_t count) {
  const std::uint64_t excess = (0 - count) % count; // 2^64 mod count
  for (;;)
    if (const std::uint64_t draw = random(); draw >= excess)
      return draw % count;
}

// Fisher and Yates.
void shuffle(std::vector<std::size_t> &rows, std::uint64_t seed, std::uint64_t epoch) {
  std::mt19937_64 random = generator(seed, epoch);
  for (std::size_t left = rows.size(); left > 1; --left)
    std::swap(rows[left - 1], rows[drawBelow(random, left)]);
}

} // namespace

std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed, std::uint64_t epoch) {
  std::vector<std::size_t> rows = detail::all_rows(count);
  shuffle(rows, seed, epoch);
  return rows;
}

Split split(std::size_t count, double fraction, std::uint64_t seed) {
  if (!(fraction > 0 && fraction < 1))
    throw Error(
        fmt::format("the fraction of rows for validation is between 0 and 1, got {}", fraction));
  if (count < 2)
    throw Error(
        fmt::format("a split into training and validation needs 2 rows or more, got {}", count));
  const std::vector<std::size_t> rows = shuffled(count, seed);
  const double wanted = std::round(static_cast<double>(count) * fraction);
  const std::size_t held = std::clamp<std::size_t>(static_cast<std::size_t>(wanted), 1, count - 1);
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(held);
  Split split{{middle, rows.end()}, {rows.begin(), middle}};
  std::ranges::sort(split.train);
  std::ranges::sort(split.validation);
  return split;
}

namespace detail {

std::vector<std::size_t> all_rows(std::size_t count) {
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

std::vector<std::size_t> epoch_rows(std::span<const std::size_t> rows, const LoaderOptions &options,
                                    std::uint64_t epoch) {
  std::vector<std::size_t> order(rows.begin(), rows.end());
  if (options.shuffle)
    shuffle(order, options.seed, epoch);
  if (options.drop_last)
    order.resize(order.size() / options.batch * options.batch);
  return order;
}

void check(std::size_t rows, const LoaderOptions &options) {
  if (options.batch == 0)
    throw Error("a batch of 0 rows; give 1 or more");
  if (rows == 0)
    throw Error("there are no rows to make batches of");
  if (options.drop_last && rows < options.batch)
    throw Error(fmt::format("{} rows do not fill a batch of {}, and drop_last leaves out what does "
                            "not; give a smaller batch, or drop_last = false",
                            rows, options.batch));
}

} // namespace detail
} // namespace heddle::data
