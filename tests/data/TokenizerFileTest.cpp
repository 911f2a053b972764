#include "Testing.h"

namespace heddle::data {
namespace {

using testing::messageOf;
using Texts = std::vector<std::string>;

const Texts kTexts{"The cat sat on the mat", "the dog \"sat\"",
                   "caf\u00e9 \u591a\u5c11\n\nthe  end\t."};

class TokenizerFile : public testing::FolderTest {
protected:
  std::string save(Pieces pieces) const {
    std::string path = folder / "tokenizer.json";
    Tokenizer::train(
        kTexts,
        {.pieces = pieces, .vocabulary = 60, .cleaning = {Normalization::nfkc, true, false, true}})
        .save(path);
    return path;
  }
  // The file with its first `from` replaced.
  std::string damaged(Pieces pieces, const std::string &from, const std::string &to) const {
    std::string content = read_file(save(pieces));
    const std::size_t at = content.find(from);
    EXPECT_NE(at, std::string::npos) << content;
    return write("damaged.json", content.replace(at, from.size(), to));
  }
};

TEST_F(TokenizerFile, GivesTheSameIds) {
  for (const Pieces pieces : {Pieces::word, Pieces::character, Pieces::bpe}) {
    const std::string path = save(pieces);
    const Tokenizer a = Tokenizer::load(path);
    EXPECT_EQ(a.pieces(), pieces);
    EXPECT_EQ(a.cleaning(), (Cleaning{Normalization::nfkc, true, false, true}));
    const Tokenizer b =
        Tokenizer::train(kTexts, {.pieces = pieces, .vocabulary = 60, .cleaning = a.cleaning()});
    ASSERT_EQ(a.size(), b.size());
    for (std::int32_t id = 0; id < a.size(); ++id)
      EXPECT_EQ(a.piece(id), b.piece(id));
    for (const std::string text : {"the CAT sat", "dog\u591a", "zebra", "", "\"sat\" \uff21"})
      EXPECT_EQ(a.encode(text), b.encode(text)) << text;
    const std::string again = folder / "again.json";
    a.save(again);
    EXPECT_EQ(read_file(again), read_file(path));
  }
}

TEST_F(TokenizerFile, CutShort) {
  for (const Pieces pieces : {Pieces::word, Pieces::character, Pieces::bpe}) {
    const std::string content = read_file(save(pieces));
    // The last byte is a line end.
    for (std::size_t size = 0; size < content.size() - 1; size += 1 + size / 10) {
      const std::string path = write("cut.json", content.substr(0, size));
      EXPECT_EQ(messageOf([&] { Tokenizer::load(path); }),
                path + " is no tokenizer, or was cut short; give a file that Tokenizer::save or "
                       "heddle tokenize train wrote");
    }
  }
}

TEST_F(TokenizerFile, OtherFiles) {
  for (const char *content :
       {"{}", "[]", "5", "\"heddle tokenizer\"", "{\"format\": 3}", "\xff\xfe"})
    EXPECT_NE(messageOf([&] {
                Tokenizer::load(write("other.json", content));
              }).find("other.json is no tokenizer"),
              std::string::npos);
  EXPECT_NE(messageOf([&] { Tokenizer::load(folder / "none.json"); }).find("cannot read"),
            std::string::npos);
}

TEST_F(TokenizerFile, Damaged) {
  auto check = [](const std::string &path, const std::string &why) {
    const std::string message = messageOf([&] { Tokenizer::load(path); });
    EXPECT_EQ(message.find(path + " is damaged: "), 0U) << message;
    EXPECT_NE(message.find(why), std::string::npos) << message;
    EXPECT_TRUE(message.ends_with("; train and save the tokenizer again")) << message;
  };
  check(damaged(Pieces::word, "\"version\": 1", "\"version\": 2"),
        "it has version 2, and this program reads 1");
  check(damaged(Pieces::word, "\"pieces\": \"word\"", "\"pieces\": \"worm\""),
        "pieces is \"worm\", which this version does not know");
  check(damaged(Pieces::word, "nfkc", "nfkx"), "normalization is \"nfkx\"");
  check(damaged(Pieces::word, "\"lower_case\"", "\"lower\""), "lower_case");
  check(damaged(Pieces::word, "\"lower_case\": true", "\"lower_case\": 1"), "must be boolean");
  check(damaged(Pieces::word, "\"mat\"", "\"cat\""), "piece 'cat' is there twice");
  check(damaged(Pieces::word, "\"mat\"", "7"), "must be string");
  check(damaged(Pieces::word, "\"<pad>\"", "\"pad\""),
        "the vocabulary does not begin with the special tokens");
  check(damaged(Pieces::word, "\"size\": ", "\"size\": 1"), "pieces, and has");
  check(damaged(Pieces::bpe, "\"base64\": \"Cg", "\"base64\": \"Dg"), "do not have their checksum");
  check(damaged(Pieces::bpe, "\"base64\": \"C", "\"base64\": \"*"), "not Base64");
  check(damaged(Pieces::bpe, "\"base64\": \"C", "\"base64\": \""), "not whole groups of Base64");
  check(damaged(Pieces::word, "\"pieces\": \"word\"", "\"pieces\": \"bpe\""), "sentencepiece");
}

TEST_F(TokenizerFile, IsWrittenWholeOrNotAtAll) {
  const Tokenizer tokenizer = Tokenizer::load(save(Pieces::bpe));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
  EXPECT_NE(messageOf([&] { tokenizer.save(folder / "none" / "t.json"); }).find("cannot write"),
            std::string::npos);
}

} // namespace
} // namespace heddle::data
