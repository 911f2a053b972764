#include "Testing.h"

namespace heddle::data {
namespace {

using testing::messageOf;
using Texts = std::vector<std::string>;

JsonLines parse(std::string_view text) { return parse_json_lines(text, "t.jsonl"); }
std::string errorOf(std::string_view text) {
  return messageOf([&] { parse(text); });
}

TEST(JsonLines, ReadsFieldsByType) {
  const JsonLines lines =
      parse("\xef\xbb\xbf{\"t\": \"a\\nb \\u00e9\", \"n\": 3, \"x\": 0.5, \"b\": true}\r\n\n"
            "{\"t\": \"\", \"n\": -4, \"x\": 2, \"b\": false}");
  EXPECT_EQ(lines.rows(), 2U);
  EXPECT_EQ(lines.texts("t"), (Texts{"a\nb \xc3\xa9", ""}));
  EXPECT_EQ(lines.integers("n"), (std::vector<std::int64_t>{3, -4}));
  EXPECT_EQ(lines.numbers("x"), (std::vector<double>{0.5, 2}));
  EXPECT_TRUE(lines.boolean(0, "b"));
  EXPECT_FALSE(lines.boolean(1, "b"));
}

TEST(JsonLines, PointersGoDown) {
  const JsonLines lines = parse(R"({"author": {"name": "Ada", "langs": ["en", "fr"]}})");
  EXPECT_EQ(lines.text(0, "/author/name"), "Ada");
  EXPECT_EQ(lines.text(0, "/author/langs/1"), "fr");
  EXPECT_EQ(messageOf([&] { lines.text(0, "/author/age"); }),
            "t.jsonl:1: row 1 has no field '/author/age'; it has 'author'");
  EXPECT_EQ(messageOf([&] { lines.text(0, "/author/langs/x"); }),
            "t.jsonl:1: row 1 has no field '/author/langs/x'; it has 'author'");
}

TEST(JsonLines, OtherTypesAreErrors) {
  const JsonLines lines =
      parse("{\"t\": 5, \"n\": \"5\", \"f\": 1.5, \"u\": 18446744073709551615}");
  EXPECT_EQ(messageOf([&] { lines.texts("t"); }),
            "t.jsonl:1: row 1, field 't': expected a text, got '5'");
  EXPECT_EQ(messageOf([&] { lines.numbers("n"); }),
            "t.jsonl:1: row 1, field 'n': expected a number, got '\"5\"'");
  EXPECT_EQ(messageOf([&] { lines.integers("f"); }),
            "t.jsonl:1: row 1, field 'f': expected a whole number, got '1.5'");
  EXPECT_EQ(messageOf([&] { lines.integers("u"); }),
            "t.jsonl:1: row 1, field 'u': expected a whole number, got '18446744073709551615'");
  EXPECT_EQ(messageOf([&] { lines.boolean(0, "t"); }),
            "t.jsonl:1: row 1, field 't': expected true or false, got '5'");
}

TEST(JsonLines, MissingFieldsAndRows) {
  EXPECT_EQ(messageOf([] { parse("{\"t\": \"a\"}\n\n{\"x\": 1}\n").texts("t"); }),
            "t.jsonl:3: row 2 has no field 't'; it has 'x'");
  EXPECT_EQ(messageOf([] { parse("{}").texts("t"); }),
            "t.jsonl:1: row 1 has no field 't'; it has none");
  EXPECT_EQ(messageOf([] { parse("{}").text(1, "t"); }),
            "t.jsonl has 1 rows, and row 1 of them, from 0, was asked for");
  EXPECT_EQ(parse("").rows(), 0U);
  EXPECT_EQ(parse("\n \r\n").rows(), 0U);
}

TEST(JsonLines, BadLines) {
  EXPECT_EQ(errorOf("{\"a\": 1}\n{\"a\": }\n"),
            "t.jsonl:2: row 2 is not JSON; expected a whole object on each line (column 7: syntax "
            "error while parsing value - unexpected '}'; expected '[', '{', or a literal)");
  EXPECT_EQ(errorOf("[1]"),
            "t.jsonl:1: row 1: expected an object, {\"name\": value, ...}, got '[1]'");
  EXPECT_EQ(errorOf("{\"a\": 1e999}"), "t.jsonl:1: row 1 is not JSON; expected a whole object on "
                                       "each line (number overflow parsing '1e999')");
  EXPECT_EQ(errorOf("{\"a\": \"\xe9\"}"),
            "t.jsonl:1: row 1 is not UTF-8: byte 0xe9 at offset 7 fits no character; convert it "
            "first, as with iconv -f ISO-8859-1 -t UTF-8");
  EXPECT_NE(errorOf("{\"a\": \"\\ud800\"}").find("surrogate"), std::string::npos);
  EXPECT_LT(errorOf("{\"a\": \"" + std::string(1 << 20, 'x')).size(), 400U);
  EXPECT_NE(errorOf(std::string(1000000, '[')).find("is not JSON"), std::string::npos);
}

} // namespace
} // namespace heddle::data
