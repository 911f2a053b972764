#include "heddle/data/clean.h"

#include "Utf8.h"
#include "heddle/data/error.h"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>

namespace heddle::data {
namespace {

constexpr std::string_view kPlace = "the text to clean";

void append(std::string &text, utf8proc_int32_t point) {
  utf8proc_uint8_t bytes[4];
  const utf8proc_ssize_t size = utf8proc_encode_char(point, bytes);
  text.append(reinterpret_cast<const char *>(bytes), static_cast<std::size_t>(size));
}

bool isPunctuation(utf8proc_int32_t point) {
  const utf8proc_category_t category = utf8proc_category(point);
  return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

} // namespace

std::string normalize(std::string_view text, Normalization form) {
  checkUtf8(text, kPlace);
  if (form == Normalization::none)
    return std::string(text);
  int options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
  if (form == Normalization::nfkc)
    options |= UTF8PROC_COMPAT;
  utf8proc_uint8_t *mapped = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t *>(text.data()),
      static_cast<utf8proc_ssize_t>(text.size()), &mapped, static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0)
    throw Error(fmt::format("the text cannot be normalised: {}", utf8proc_errmsg(size)));
  return {reinterpret_cast<const char *>(mapped), static_cast<std::size_t>(size)};
}

std::string lower_case(std::string_view text) {
  checkUtf8(text, kPlace);
  std::string result;
  result.reserve(text.size());
  forEachPoint(text, [&](utf8proc_int32_t point, std::string_view) {
    append(result, utf8proc_tolower(point));
  });
  return result;
}

std::string strip_punctuation(std::string_view text) {
  checkUtf8(text, kPlace);
  std::string result;
  result.reserve(text.size());
  forEachPoint(text, [&](utf8proc_int32_t point, std::string_view bytes) {
    if (!isPunctuation(point))
      result += bytes;
  });
  return result;
}

std::string collapse_whitespace(std::string_view text) {
  checkUtf8(text, kPlace);
  std::string result;
  result.reserve(text.size());
  bool space = false;
  forEachPoint(text, [&](utf8proc_int32_t point, std::string_view bytes) {
    if (isSpace(point)) {
      space = true;
      return;
    }
    if (space && !result.empty())
      result += ' ';
    space = false;
    result += bytes;
  });
  return result;
}

std::string clean(std::string_view text, const Cleaning &steps) {
  std::string result = normalize(text, steps.normalization);
  if (steps.lower_case)
    result = lower_case(result);
  if (steps.strip_punctuation)
    result = strip_punctuation(result);
  if (steps.collapse_whitespace)
    result = collapse_whitespace(result);
  return result;
}

} // namespace heddle::data
