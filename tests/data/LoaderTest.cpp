#include "Testing.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <stdexcept>
#include <thread>

namespace heddle::data {
namespace {

using testing::messageOf;
using Rows = std::vector<std::size_t>;

Rows rowsOf(std::span<const std::size_t> rows) { return {rows.begin(), rows.end()}; }

template <class Batch> std::vector<Batch> all(typename Loader<Batch>::Epoch epoch) {
  std::vector<Batch> batches;
  while (auto batch = epoch.next())
    batches.push_back(*batch);
  return batches;
}

TEST(Order, IsTheSameEverywhere) {
  EXPECT_EQ(shuffled(10, 1, 0), (Rows{2, 1, 8, 9, 6, 7, 3, 5, 0, 4}));
  EXPECT_EQ(shuffled(10, 1, 1), (Rows{4, 6, 2, 3, 7, 9, 0, 8, 5, 1}));
  EXPECT_EQ(shuffled(10, std::uint64_t{1} << 40, 0), (Rows{4, 8, 2, 1, 7, 0, 6, 5, 3, 9}));
  EXPECT_EQ(shuffled(1, 1), Rows{0});
  EXPECT_TRUE(shuffled(0, 1).empty());
}

// Each of the 24 orders of four rows about as often as the others.
TEST(Order, IsUniform) {
  std::map<Rows, int> counts;
  for (std::uint64_t epoch = 0; epoch < 24000; ++epoch)
    ++counts[shuffled(4, 7, epoch)];
  ASSERT_EQ(counts.size(), 24U);
  double chi_square = 0;
  for (const auto &[order, count] : counts)
    chi_square += (count - 1000.0) * (count - 1000.0) / 1000.0;
  EXPECT_LT(chi_square, 49.7); // 23 degrees of freedom, one in a thousand
}

TEST(Split, PutsAFractionAside) {
  const Split parts = split(10, 0.3, 1);
  EXPECT_EQ(parts.validation, (Rows{1, 2, 8}));
  EXPECT_EQ(parts.train, (Rows{0, 3, 4, 5, 6, 7, 9}));
  EXPECT_NE(split(10, 0.3, 2).validation, parts.validation);
  EXPECT_EQ(split(2, 0.01).validation.size(), 1U);
  EXPECT_EQ(split(2, 0.99).train.size(), 1U);
}

TEST(Split, Errors) {
  for (const double fraction : {0.0, 1.0, -0.1, std::nan("")})
    EXPECT_NE(messageOf([&] { split(10, fraction); }).find("is between 0 and 1, got"),
              std::string::npos);
  EXPECT_EQ(messageOf([] { split(1, 0.5); }),
            "a split into training and validation needs 2 rows or more, got 1");
  EXPECT_EQ(messageOf([] { split(0, 0.5); }),
            "a split into training and validation needs 2 rows or more, got 0");
}

TEST(Gather, PicksRows) {
  const std::vector<std::string> values{"a", "b", "c"};
  EXPECT_EQ(gather(values, Rows{2, 0, 2}), (std::vector<std::string>{"c", "a", "c"}));
  EXPECT_THROW(gather(values, Rows{3}), std::out_of_range);
}

TEST(Loader, GivesEveryRowOnce) {
  for (const bool prefetch : {true, false}) {
    const Loader loader(10, {.batch = 4, .seed = 1, .prefetch = prefetch}, rowsOf);
    EXPECT_EQ(loader.batches(), 3U);
    const auto batches = all<Rows>(loader.epoch(0));
    ASSERT_EQ(batches.size(), 3U);
    EXPECT_EQ(batches[2].size(), 2U);
    Rows rows;
    for (const Rows &batch : batches)
      rows.insert(rows.end(), batch.begin(), batch.end());
    EXPECT_EQ(rows, shuffled(10, 1, 0));
    EXPECT_EQ(all<Rows>(loader.epoch(0)), batches);
    EXPECT_NE(all<Rows>(loader.epoch(1)), batches);
  }
}

TEST(Loader, Options) {
  const Loader kept(Rows{9, 7, 5}, {.batch = 2, .shuffle = false}, rowsOf);
  EXPECT_EQ(all<Rows>(kept.epoch(3)), (std::vector<Rows>{{9, 7}, {5}}));
  const Loader dropped(Rows{9, 7, 5}, {.batch = 2, .shuffle = false, .drop_last = true}, rowsOf);
  EXPECT_EQ(dropped.batches(), 1U);
  EXPECT_EQ(all<Rows>(dropped.epoch(0)), (std::vector<Rows>{{9, 7}}));
  const Loader large(3, {.batch = 100, .shuffle = false}, rowsOf);
  EXPECT_EQ(large.batches(), 1U);
  EXPECT_EQ(all<Rows>(large.epoch(0)), (std::vector<Rows>{{0, 1, 2}}));
}

TEST(Loader, ResumesInAnEpoch) {
  const Loader loader(10, {.batch = 3, .seed = 5}, rowsOf);
  auto batches = all<Rows>(loader.epoch(2));
  batches.erase(batches.begin(), batches.begin() + 2);
  EXPECT_EQ(all<Rows>(loader.epoch(2, 2)), batches);
  EXPECT_TRUE(all<Rows>(loader.epoch(2, 4)).empty());
  EXPECT_TRUE(all<Rows>(loader.epoch(2, 400)).empty());
}

TEST(Loader, Errors) {
  EXPECT_EQ(messageOf([] { Loader(0, {}, rowsOf); }), "there are no rows to make batches of");
  EXPECT_EQ(messageOf([] { Loader(5, {.batch = 0}, rowsOf); }),
            "a batch of 0 rows; give 1 or more");
  EXPECT_EQ(messageOf([] { Loader(5, {.batch = 6, .drop_last = true}, rowsOf); }),
            "5 rows do not fill a batch of 6, and drop_last leaves out what does not; give a "
            "smaller batch, or drop_last = false");
}

TEST(Loader, PrefetchesOnAnotherThread) {
  std::atomic<int> made = 0;
  const Loader loader(3, {.batch = 1, .shuffle = false}, [&](std::span<const std::size_t>) {
    ++made;
    return std::this_thread::get_id();
  });
  auto epoch = loader.epoch(0);
  EXPECT_NE(*epoch.next(), std::this_thread::get_id());
  // The second one comes without being asked for, and the third does not.
  for (int i = 0; i < 1000 && made < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(made, 2);
}

TEST(Loader, WithoutPrefetchNothingIsMadeAhead) {
  int made = 0;
  const Loader loader(3, {.batch = 1, .prefetch = false}, [&](std::span<const std::size_t>) {
    ++made;
    return std::this_thread::get_id();
  });
  auto epoch = loader.epoch(0);
  EXPECT_EQ(made, 0);
  EXPECT_EQ(*epoch.next(), std::this_thread::get_id());
  EXPECT_EQ(made, 1);
}

TEST(Loader, ErrorsSurfaceAtNext) {
  for (const bool prefetch : {true, false}) {
    const Loader loader(3, {.batch = 1, .shuffle = false, .prefetch = prefetch},
                        [](std::span<const std::size_t> rows) {
                          if (rows[0] == 1)
                            throw std::runtime_error("row 1 is bad");
                          return rows[0];
                        });
    auto epoch = loader.epoch(0);
    EXPECT_EQ(epoch.next(), 0U);
    EXPECT_THROW(epoch.next(), std::runtime_error);
    EXPECT_EQ(epoch.next(), 2U);
    EXPECT_EQ(epoch.next(), std::nullopt);
    EXPECT_EQ(epoch.next(), std::nullopt);
  }
}

// Left in the middle, with a batch in the making that would fail.
TEST(Loader, AnEpochMayBeLeft) {
  std::atomic<int> running = 0;
  auto slow = [&](std::span<const std::size_t> rows) -> std::size_t {
    ++running;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    --running;
    if (rows[0] > 0)
      throw std::runtime_error("never seen");
    return 0;
  };
  {
    auto epoch = Loader<std::size_t>(100, {.batch = 1, .shuffle = false}, slow).epoch(0);
    EXPECT_EQ(epoch.next(), 0U);
  }
  EXPECT_EQ(running, 0);
  { auto unused = Loader<std::size_t>(100, {.batch = 1}, slow).epoch(0); }
  EXPECT_EQ(running, 0);
}

TEST(Loader, BatchesMayOnlyMove) {
  const Loader loader(2, {.batch = 1, .shuffle = false}, [](std::span<const std::size_t> rows) {
    return std::make_unique<std::size_t>(rows[0]);
  });
  auto epoch = loader.epoch(0);
  EXPECT_EQ(**epoch.next(), 0U);
}

} // namespace
} // namespace heddle::data
