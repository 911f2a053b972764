#include "Testing.h"

namespace heddle::data {
namespace {

using testing::messageOf;

TEST(Clean, Normalization) {
  EXPECT_EQ(normalize("e\u0301", Normalization::nfc), "\u00e9");
  EXPECT_EQ(normalize("\ufb01 \uff21", Normalization::nfc), "\ufb01 \uff21");
  EXPECT_EQ(normalize("\ufb01 \uff21 e\u0301", Normalization::nfkc), "fi A \u00e9");
  EXPECT_EQ(normalize("e\u0301", Normalization::none), "e\u0301");
  EXPECT_EQ(normalize("", Normalization::nfkc), "");
  EXPECT_EQ(normalize(std::string_view("a\0b", 3), Normalization::nfc), std::string("a\0b", 3));
}

TEST(Clean, LowerCase) {
  EXPECT_EQ(lower_case("ÀÉÎ Straße ΑΒΓ ДЖ 123"), "àéî straße αβγ дж 123");
  EXPECT_EQ(lower_case(""), "");
}

TEST(Clean, Punctuation) {
  EXPECT_EQ(strip_punctuation("don't, \"stop\" — now!"), "dont stop  now");
  EXPECT_EQ(strip_punctuation("«¿qué?» 多、少。"), "qué 多少");
  EXPECT_EQ(strip_punctuation("1+1=2 $5 ☺"), "1+1=2 $5 ☺");
}

TEST(Clean, Whitespace) {
  EXPECT_EQ(collapse_whitespace("  a\t\n b\u00a0\u3000c\r\n"), "a b c");
  EXPECT_EQ(collapse_whitespace(" \n\u2028\u0085 "), "");
  EXPECT_EQ(collapse_whitespace("a\u200bb"), "a\u200bb"); // a zero-width space is none
}

TEST(Clean, StepsInOrder) {
  EXPECT_EQ(clean(" Ｈｉ ,  «YOU» ", {}), " Ｈｉ ,  «YOU» ");
  EXPECT_EQ(clean(" Ｈｉ ,  «YOU» ", {Normalization::nfkc, true, true, true}), "hi you");
}

TEST(Clean, InvalidUtf8) {
  for (const Cleaning steps : {Cleaning{}, Cleaning{.lower_case = true}})
    EXPECT_EQ(messageOf([&] { clean("ab\xff", steps); }),
              "the text to clean is not UTF-8: byte 0xff at offset 2 fits no character; convert it "
              "first, as with iconv -f ISO-8859-1 -t UTF-8");
  EXPECT_NE(messageOf([] { collapse_whitespace("\xc3"); }), "no error");
  EXPECT_NE(messageOf([] { strip_punctuation("\xc3"); }), "no error");
  EXPECT_NE(messageOf([] { lower_case("\xc3"); }), "no error");
}

} // namespace
} // namespace heddle::data
