#include "Testing.h"

namespace heddle::data {
namespace {

using namespace std::string_literals;
using testing::messageOf;
using Texts = std::vector<std::string>;

Table parse(std::string_view text, const CsvOptions &options = {}) {
  return parse_csv(text, "t.csv", options);
}
std::string errorOf(std::string_view text, const CsvOptions &options = {}) {
  return messageOf([&] { parse(text, options); });
}

TEST(Csv, ReadsRowsByNameAndIndex) {
  const Table table = parse("text,stars\ngood,5\nbad,-1\n");
  EXPECT_EQ(table.rows(), 2U);
  EXPECT_EQ(table.columns(), (Texts{"text", "stars"}));
  EXPECT_EQ(table.texts("text"), (Texts{"good", "bad"}));
  EXPECT_EQ(table.texts(0), (Texts{"good", "bad"}));
  EXPECT_EQ(table.integers("stars"), (std::vector<std::int64_t>{5, -1}));
  EXPECT_EQ(table.text(1, "stars"), "-1");
  EXPECT_EQ(table.integer(0, 1), 5);
}

TEST(Csv, QuotedFieldsHoldAnything) {
  EXPECT_EQ(parse("a,b\n\"x, y\",\"two\nlines\"\n\"he said \"\"no\"\"\",\"\"\n").texts("a"),
            (Texts{"x, y", "he said \"no\""}));
  EXPECT_EQ(parse("a,b\n\"x, y\",\"two\nlines\"\n").text(0, "b"), "two\nlines");
  EXPECT_EQ(parse("a,b\r\n\"two\r\nlines\",1\r\n").text(0, "a"), "two\r\nlines");
  EXPECT_EQ(parse("\"a\"\n\"\"\n").text(0, "a"), "");
  EXPECT_EQ(parse("a,b\n\"ends without a line end\",\"1\"").text(0, "b"), "1");
}

TEST(Csv, TakesAllLineEndsAndAMark) {
  const std::string mark = "\xef\xbb\xbf";
  for (const std::string &text :
       {"a,b\n1,2\n3,4\n"s, "a,b\r\n1,2\r\n3,4\r\n"s, "a,b\r1,2\r3,4\r"s, "a,b\n1,2\n3,4"s,
        "a,b\n\n1,2\n\n\n3,4\n\n"s, mark + "a,b\n1,2\n3,4\n"})
    EXPECT_EQ(parse(text).integers("b"), (std::vector<std::int64_t>{2, 4})) << text;
}

TEST(Csv, KeepsSpacesAndBytes) {
  EXPECT_EQ(parse("a,b\n x , y\t\n").text(0, "a"), " x ");
  EXPECT_EQ(parse("a,b\n x , y\t\n").text(0, "b"), " y\t");
  EXPECT_EQ(parse("a,b\nx\0y,1\n"s).text(0, "a"), "x\0y"s);
  EXPECT_EQ(parse("a\ncaf\xc3\xa9\n").text(0, "a"), "caf\xc3\xa9");
  const std::string large(1 << 20, 'x');
  EXPECT_EQ(parse("a,b\n\"" + large + "\"," + large + "\n").text(0, "b"), large);
}

TEST(Csv, Options) {
  const Table table = parse("1;2\n3;4\n", {.separator = ';', .header = false});
  EXPECT_EQ(table.columns(), (Texts{"0", "1"}));
  EXPECT_EQ(table.integers(1), (std::vector<std::int64_t>{2, 4}));
  EXPECT_EQ(parse("a\tb\n1\t2\n", {.separator = '\t'}).integer(0, "b"), 2);
  EXPECT_EQ(errorOf("a\n", {.separator = '"'}),
            "t.csv: quotes and line ends cannot separate fields; choose another separator");
}

TEST(Csv, Numbers) {
  const Table table = parse("a,b\n 1.5 ,-2e3\n");
  EXPECT_EQ(table.number(0, "a"), 1.5);
  EXPECT_EQ(table.numbers("b"), std::vector<double>{-2000});
  EXPECT_EQ(
      messageOf([&] { table.integers("a"); }),
      "t.csv:2: row 1, column 'a': expected a whole number, got ' 1.5 '; correct the file, or "
      "read the column as text");
  for (const char *bad : {"many", "1,5", "nan", "inf", "1e999", "0x10", "1 2", " "})
    EXPECT_NE(messageOf([&] {
                parse("a\n\"" + std::string(bad) + "\"\n").numbers(0);
              }).find("expected a finite number, got '"s + bad),
              std::string::npos)
        << bad;
  EXPECT_NE(messageOf([] { parse("a,b\n,1\n").numbers("a"); }).find("got nothing"),
            std::string::npos);
  EXPECT_NE(messageOf([] { parse("a\n99999999999999999999\n").integers("a"); }).find("whole"),
            std::string::npos);
}

TEST(Csv, EmptyFiles) {
  EXPECT_EQ(errorOf(""), "t.csv is empty; expected a line with the names of the columns, and rows");
  EXPECT_EQ(errorOf("\n\r\n"), errorOf(""));
  EXPECT_EQ(errorOf("\xef\xbb\xbf"), errorOf(""));
  EXPECT_EQ(errorOf("", {.header = false}), "t.csv is empty; expected rows");
  const Table table = parse("a,b\n");
  EXPECT_EQ(table.rows(), 0U);
  EXPECT_TRUE(table.texts("b").empty());
}

TEST(Csv, NoSuchColumnOrRow) {
  const Table table = parse("text,text,c\n1,2,3\n");
  EXPECT_EQ(messageOf([&] { table.texts("txt"); }),
            "t.csv has no column 'txt'; it has 'text', 'text', 'c'");
  EXPECT_EQ(messageOf([&] { table.texts("text"); }),
            "t.csv has two columns 'text'; choose one by its index");
  EXPECT_EQ(table.integer(0, 1), 2);
  EXPECT_EQ(messageOf([&] { table.texts(3); }), "t.csv has no column 3; it has 3, from 0");
  EXPECT_EQ(messageOf([&] { table.texts(-1); }), "t.csv has no column -1; it has 3, from 0");
  EXPECT_EQ(messageOf([&] { table.text(1, "c"); }),
            "t.csv has 1 rows, and row 1 of them, from 0, was asked for");
}

TEST(Csv, RaggedRows) {
  EXPECT_EQ(errorOf("a,b\n\"x\ny\",1\n\n1,2,3\n"),
            "t.csv:5: row 2: expected 2 fields, as in the header, got 3; a field that holds the "
            "separator ',' is written in quotes");
  EXPECT_EQ(errorOf("a,b\n1\n"),
            "t.csv:2: row 1: expected 2 fields, as in the header, got 1; a field that holds the "
            "separator ',' is written in quotes");
  EXPECT_EQ(errorOf("1;2\n3;4;5", {.separator = ';', .header = false}),
            "t.csv:2: row 2: expected 2 fields, as in row 1, got 3; a field that holds the "
            "separator ';' is written in quotes");
}

TEST(Csv, Quotes) {
  const std::string unclosed = " opens a quote that is never closed; close it, or write \"\" for a "
                               "quote inside quotes";
  EXPECT_EQ(errorOf("\""), "t.csv:1: the header, field 1" + unclosed);
  EXPECT_EQ(errorOf("a,b\n1,2\n3,\"4\n5,6\n7,8\n"), "t.csv:3: row 2, field 2" + unclosed);
  const std::string misplaced = " has a misplaced quote; a field that holds quotes is written in "
                                "quotes, and each quote inside twice: \"a \"\"quoted\"\" word\"";
  EXPECT_EQ(errorOf("a,b\n1,x\"y\n"), "t.csv:2: row 1, field 2" + misplaced);
  EXPECT_EQ(errorOf("a,b\n\"x\"y,1\n"), "t.csv:2: row 1, field 1" + misplaced);
  EXPECT_EQ(errorOf("a\"\n"), "t.csv:1: the header, field 1" + misplaced);
}

TEST(Csv, Utf8) {
  EXPECT_EQ(
      errorOf("a,b\n1,2\n3,caf\xe9\n"),
      "t.csv:3: row 2, field 2 is not UTF-8: byte 0xe9 at offset 3 fits no character; convert "
      "it first, as with iconv -f ISO-8859-1 -t UTF-8");
  EXPECT_NE(errorOf("\xff\xfe"
                    "a\0\n\0"s)
                .find("t.csv:1: the header, field 1 is not UTF-8"),
            std::string::npos);
}

TEST(Csv, LongValuesAreShortInMessages) {
  const Table table = parse("a\n" + std::string(1 << 20, 'x') + "\n");
  EXPECT_LT(messageOf([&] { table.integers("a"); }).size(), 250U);
}

class CsvFile : public testing::FolderTest {};

TEST_F(CsvFile, IsNamed) {
  EXPECT_EQ(read_csv(write("t.csv", "a\n1\n")).integer(0, "a"), 1);
  const std::string none = folder / "none.csv";
  EXPECT_EQ(messageOf([&] { read_csv(none); }),
            "cannot read " + none + ": No such file or directory");
  const std::string bad = write("bad.csv", "a\nx\n");
  EXPECT_EQ(messageOf([&] { read_csv(bad).integers("a"); }).find(bad + ":2: row 1"), 0U);
}

} // namespace
} // namespace heddle::data
