#include "Testing.h"

namespace heddle::data {
namespace {

using namespace std::string_literals;
using testing::messageOf;
using Ids = std::vector<std::int32_t>;
using Texts = std::vector<std::string>;

const Texts kTexts{"the cat sat on the mat", "the dog sat",
                   "caf\u00e9 \u591a\u5c11\n\nthe  end\t."};

class EveryTokenizer : public ::testing::TestWithParam<Pieces> {
protected:
  static Tokenizer train(const Texts &texts = kTexts, std::int32_t vocabulary = 60) {
    return Tokenizer::train(texts, {.pieces = GetParam(), .vocabulary = vocabulary});
  }
};
std::string nameOf(const ::testing::TestParamInfo<Pieces> &info) {
  constexpr const char *kNames[] = {"word", "character", "bpe"};
  return kNames[static_cast<int>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(Pieces, EveryTokenizer,
                         ::testing::Values(Pieces::word, Pieces::character, Pieces::bpe), nameOf);

TEST_P(EveryTokenizer, HasTheSpecialTokens) {
  const Tokenizer tokenizer = train();
  EXPECT_EQ(tokenizer.pieces(), GetParam());
  EXPECT_EQ(tokenizer.piece(padding_id), "<pad>");
  EXPECT_EQ(tokenizer.piece(unknown_id), "<unk>");
  EXPECT_EQ(tokenizer.piece(begin_id), "<s>");
  EXPECT_EQ(tokenizer.piece(end_id), "</s>");
  for (std::int32_t id = 0; id < tokenizer.size(); ++id)
    EXPECT_EQ(tokenizer.id(tokenizer.piece(id)), id);
  EXPECT_EQ(tokenizer.id("zebra"), unknown_id);
}

TEST_P(EveryTokenizer, DecodesWhatItEncodes) {
  const Tokenizer tokenizer = train();
  for (const std::string &text : kTexts) {
    const bool words = GetParam() == Pieces::word;
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), words ? collapse_whitespace(text) : text);
  }
  EXPECT_EQ(tokenizer.decode({}), "");
}

TEST_P(EveryTokenizer, AddsBeginAndEnd) {
  const Tokenizer tokenizer = train();
  Ids ids = tokenizer.encode("the cat");
  EXPECT_EQ(std::ranges::count_if(ids, [](auto id) { return id < special_count; }), 0);
  ids.insert(ids.begin(), begin_id);
  EXPECT_EQ(tokenizer.encode("the cat", {.begin = true}), ids);
  ids.push_back(end_id);
  EXPECT_EQ(tokenizer.encode("the cat", {.begin = true, .end = true}), ids);
  ids.push_back(padding_id);
  EXPECT_EQ(tokenizer.decode(ids), "the cat");
  EXPECT_EQ(tokenizer.encode("", {.begin = true, .end = true}), (Ids{begin_id, end_id}));
  EXPECT_TRUE(tokenizer.encode("").empty());
}

TEST_P(EveryTokenizer, UnknownTextIsUnknown) {
  const Tokenizer tokenizer = train();
  const Ids ids = tokenizer.encode("\u4e2d");
  EXPECT_EQ(std::ranges::count(ids, unknown_id), 1);
  EXPECT_EQ(tokenizer.decode(ids), "<unk>");
}

TEST_P(EveryTokenizer, NoTextBecomesASpecialToken) {
  const Tokenizer tokenizer = train({"<s> <pad> </s> <unk> <s> <s> more"});
  for (const std::int32_t id : tokenizer.encode("<s> <pad> </s> <unk> more"))
    EXPECT_TRUE(id == unknown_id || id >= special_count) << id;
}

TEST_P(EveryTokenizer, SameTextsSamePieces) {
  const Tokenizer a = train(), b = train();
  ASSERT_EQ(a.size(), b.size());
  for (std::int32_t id = 0; id < a.size(); ++id)
    EXPECT_EQ(a.piece(id), b.piece(id));
}

TEST_P(EveryTokenizer, CleansAsItDidInTraining) {
  const Tokenizer tokenizer = Tokenizer::train(
      kTexts, {.pieces = GetParam(), .vocabulary = 60, .cleaning = {.lower_case = true}});
  EXPECT_TRUE(tokenizer.cleaning().lower_case);
  EXPECT_EQ(tokenizer.encode("THE Cat"), tokenizer.encode("the cat"));
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("THE Cat")), "the cat");
}

TEST_P(EveryTokenizer, EncodesAll) {
  const Tokenizer tokenizer = train();
  const auto all = tokenizer.encode_all(kTexts, {.end = true});
  ASSERT_EQ(all.size(), kTexts.size());
  EXPECT_EQ(all[1], tokenizer.encode(kTexts[1], {.end = true}));
}

TEST_P(EveryTokenizer, OddTexts) {
  const std::string large(1 << 20, 'x');
  const Tokenizer tokenizer = train({"a\0b"s, "", large, "\r\n"});
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(large)).size(),
            GetParam() == Pieces::word || tokenizer.id("x") != unknown_id ? large.size() : 0);
  EXPECT_NO_THROW(tokenizer.encode("a\0b"s));
}

TEST_P(EveryTokenizer, Errors) {
  EXPECT_EQ(messageOf([] { train(kTexts, 3); }),
            "a vocabulary of 3 has no room beside the 4 special tokens; give 5 or more");
  EXPECT_EQ(messageOf([] { train(kTexts, special_count); }),
            "a vocabulary of 4 has no room beside the 4 special tokens; give 5 or more");
  for (const Texts &texts : {Texts{}, Texts{"", ""}})
    EXPECT_EQ(messageOf([&] { train(texts); }),
              "there is no text to learn from: all texts are empty");
  EXPECT_EQ(messageOf([] {
              train({"good", "b\xff"});
            }),
            "text 1 (from 0) is not UTF-8: byte 0xff at offset 1 fits no character; convert it "
            "first, as with iconv -f ISO-8859-1 -t UTF-8");
  const Tokenizer tokenizer = train();
  EXPECT_EQ(messageOf([&] { tokenizer.encode("\xff"); }).find("the text to encode is not UTF-8"),
            0U);
  const std::string range = "expected one in [0, " + std::to_string(tokenizer.size()) + ")";
  EXPECT_EQ(messageOf([&] { tokenizer.decode(Ids{-1}); }),
            "-1 is no id of this tokenizer; " + range);
  EXPECT_EQ(messageOf([&] { tokenizer.decode(Ids{99}); }),
            "99 is no id of this tokenizer; " + range);
  EXPECT_EQ(messageOf([&] { tokenizer.piece(99); }), "99 is no id of this tokenizer; " + range);
}

TEST(WordTokenizer, KeepsTheMostFrequent) {
  const Texts texts{"b b b a a c\tc\n\u00a0d"};
  const Tokenizer all = Tokenizer::train(texts, {.pieces = Pieces::word});
  EXPECT_EQ(all.size(), 8);
  EXPECT_EQ(all.encode("b a c d"), (Ids{4, 5, 6, 7}));
  const Tokenizer two = Tokenizer::train(texts, {.pieces = Pieces::word, .vocabulary = 6});
  EXPECT_EQ(two.encode("b a c d"), (Ids{4, 5, 1, 1}));
  EXPECT_EQ(two.decode(Ids{4, 1, 5}), "b <unk> a");
  const Tokenizer often = Tokenizer::train(texts, {.pieces = Pieces::word, .min_frequency = 3});
  EXPECT_EQ(often.encode("b a"), (Ids{4, 1}));
  EXPECT_EQ(
      messageOf([&] { Tokenizer::train(texts, {.pieces = Pieces::word, .min_frequency = 4}); }),
      "no word occurs 4 times in the texts; give more text, or a smaller min_frequency");
  EXPECT_EQ(
      messageOf([&] { Tokenizer::train(texts, {.pieces = Pieces::word, .min_frequency = 0}); }),
      "min_frequency is 1 or more, got 0");
}

TEST(CharacterTokenizer, IsOfCodePoints) {
  const Tokenizer tokenizer =
      Tokenizer::train(Texts{"\u591a\u591a\u591a \u591a \u00e9"}, {.pieces = Pieces::character});
  EXPECT_EQ(tokenizer.size(), 7);
  EXPECT_EQ(tokenizer.encode("\u591a \u00e9e\u0301"), (Ids{4, 5, 6, 1, 1}));
}

TEST(BpeTokenizer, JoinsWhatIsFrequent) {
  Texts texts;
  for (int i = 0; i < 20; ++i)
    texts.push_back("the weaver weaves");
  const Tokenizer tokenizer = Tokenizer::train(texts, {.vocabulary = 40});
  EXPECT_EQ(tokenizer.encode("the weaver").size(), 2U);
  EXPECT_GT(tokenizer.encode("wet hare").size(), 2U);
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("wet hare")), "wet hare");
}

TEST(BpeTokenizer, NeedsRoomForEveryCharacter) {
  const Texts texts{"abc", "a\tb"};
  const std::string message = messageOf([&] { Tokenizer::train(texts, {.vocabulary = 8}); });
  EXPECT_EQ(message,
            "a bpe vocabulary of 8 has no room for the 5 characters of the texts and the 4 "
            "special tokens; give 9 or more");
  const Tokenizer tokenizer = Tokenizer::train(texts, {.vocabulary = 9});
  EXPECT_EQ(tokenizer.size(), 9);
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(" ab\tc\t")), " ab\tc\t");
  EXPECT_EQ(messageOf([&] { Tokenizer::train(texts, {.min_frequency = 2}); }),
            "min_frequency is for words and characters; a bpe vocabulary is limited by its size");
}

} // namespace
} // namespace heddle::data
