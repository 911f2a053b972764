#include "Testing.h"

namespace heddle::data {
namespace {

using testing::messageOf;
using Texts = std::vector<std::string>;

class Files : public testing::FolderTest {
protected:
  std::ptrdiff_t count() const {
    return std::distance(std::filesystem::directory_iterator(folder), {});
  }
};

TEST_F(Files, AreWrittenWhole) {
  const std::string path = folder / "f";
  write_file(path, "old");
  write_file(path, std::string("n\0w", 3));
  EXPECT_EQ(read_file(path), std::string("n\0w", 3));
  EXPECT_EQ(count(), 1);
}

TEST_F(Files, ErrorsLeaveNothing) {
  const std::string none = folder / "none" / "f";
  EXPECT_EQ(messageOf([&] { write_file(none, "x"); }),
            "cannot write " + none + ": No such file or directory");
  EXPECT_EQ(messageOf([&] { write_file(folder, "x"); }),
            "cannot write " + folder.string() +
                ": it exists and is not a regular file; choose another name");
  EXPECT_EQ(messageOf([&] { read_file(folder); }),
            "cannot read " + folder.string() + ": Is a directory");
  EXPECT_EQ(count(), 0);
}

TEST_F(Files, Lines) {
  EXPECT_EQ(read_lines(write("a", "one\ntwo\r\n\nfour")), (Texts{"one", "two", "", "four"}));
  EXPECT_EQ(read_lines(write("b", "\xef\xbb\xbf"
                                  "one\n")),
            Texts{"one"});
  EXPECT_TRUE(read_lines(write("c", "")).empty());
  const std::string bad = write("d", "good\nb\xff\n");
  EXPECT_EQ(messageOf([&] { read_lines(bad); }),
            bad + ":2: the line is not UTF-8: byte 0xff at offset 1 fits no character; convert it "
                  "first, as with iconv -f ISO-8859-1 -t UTF-8");
}

TEST_F(Files, WholeTexts) {
  EXPECT_EQ(read_text(write("a", "\xef\xbb\xbf"
                                 "one\r\ntwo\n")),
            "one\r\ntwo\n");
  EXPECT_EQ(read_text(write("b", "")), "");
  // Too long, cut short, a surrogate, beyond the last code point.
  for (const char *bad : {"\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    const std::string path = write("bad", bad);
    EXPECT_EQ(messageOf([&] { read_text(path); }).find(path + " is not UTF-8: byte 0x"), 0U);
  }
}

} // namespace
} // namespace heddle::data
