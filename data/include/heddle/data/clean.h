// Cleaning texts before they are learned from. All functions take UTF-8 and throw Error, with the
// offset of the first bad byte, for anything else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace heddle::data {

/// Unicode normalisation forms (UAX #15). nfc composes: e and a combining acute become é. nfkc also
/// replaces compatibility characters: ﬁ becomes fi, full-width letters become plain ones.
enum class Normalization : std::uint8_t { none, nfc, nfkc };

std::string normalize(std::string_view text, Normalization form);
/// Each code point by Unicode's simple case mapping.
std::string lower_case(std::string_view text);
/// Without characters of the Unicode categories P (punctuation). Nothing takes their place: "don't"
/// becomes "dont". Symbols such as $, + and = stay.
std::string strip_punctuation(std::string_view text);
/// Every run of white space (line ends too) becomes one space; none stays at the ends.
std::string collapse_whitespace(std::string_view text);

/// The steps to take, in this order.
struct Cleaning {
  Normalization normalization = Normalization::none;
  bool lower_case = false;
  bool strip_punctuation = false;
  bool collapse_whitespace = false;
  bool operator==(const Cleaning &) const = default;
};

std::string clean(std::string_view text, const Cleaning &steps);

} // namespace heddle::data
