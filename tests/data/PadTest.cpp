#include "Testing.h"

namespace heddle::data {
namespace {

using testing::messageOf;
using Ids = std::vector<std::int32_t>;

std::vector<bool> maskOf(const Padded &padded) {
  const auto mask = padded.key_padding_mask();
  return {mask.begin(), mask.end()};
}

const std::vector<Ids> kSequences{{5, 6, 7}, {}, {8}};

TEST(Pad, ToTheLongest) {
  const Padded padded = pad(kSequences);
  EXPECT_EQ(padded.rows, 3U);
  EXPECT_EQ(padded.length, 3U);
  EXPECT_EQ(padded.ids, (Ids{5, 6, 7, 0, 0, 0, 8, 0, 0}));
  EXPECT_EQ(maskOf(padded), (std::vector<bool>{0, 0, 0, 1, 1, 1, 0, 1, 1}));
}

TEST(Pad, Sides) {
  EXPECT_EQ(pad(kSequences, {.length = 2}).ids, (Ids{5, 6, 0, 0, 8, 0}));
  EXPECT_EQ(pad(kSequences, {.length = 2, .truncate = Side::left}).ids, (Ids{6, 7, 0, 0, 8, 0}));
  const Padded left = pad(kSequences, {.length = 4, .pad = Side::left});
  EXPECT_EQ(left.ids, (Ids{0, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 8}));
  EXPECT_EQ(maskOf(left), (std::vector<bool>{1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0}));
}

TEST(Pad, RowsAndId) {
  const Padded padded = pad(kSequences, {.length = 1, .rows = 4, .id = 9});
  EXPECT_EQ(padded.rows, 4U);
  EXPECT_EQ(padded.ids, (Ids{5, 9, 8, 9}));
  EXPECT_EQ(maskOf(padded), (std::vector<bool>{0, 1, 0, 1}));
  EXPECT_EQ(messageOf([] { pad(kSequences, {.rows = 2}); }),
            "3 sequences do not fit into 2 rows; give fewer, or a larger PadOptions::rows");
}

// An id that is the padding's own is no padding: the mask follows from the lengths.
TEST(Pad, MaskIsNotReadFromIds) {
  EXPECT_EQ(maskOf(pad(std::vector<Ids>{{0, 1}}, {.length = 3})), (std::vector<bool>{0, 0, 1}));
}

TEST(Pad, Nothing) {
  EXPECT_EQ(pad({}).rows, 0U);
  EXPECT_TRUE(pad({}).key_padding_mask().empty());
  const Padded empty = pad(std::vector<Ids>{{}, {}});
  EXPECT_EQ(empty.rows, 2U);
  EXPECT_EQ(empty.length, 0U);
  EXPECT_TRUE(empty.ids.empty());
  EXPECT_EQ(pad(std::vector<Ids>{{}}, {.length = 2}).ids, (Ids{0, 0}));
}

} // namespace
} // namespace heddle::data
