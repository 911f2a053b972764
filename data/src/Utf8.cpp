#include "Utf8.h"

#include "heddle/data/error.h"

#include <fmt/format.h>

namespace heddle::data {

std::string describeInvalidUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t point = 0;
    const utf8proc_ssize_t size =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t *>(text.data()) + at,
                         static_cast<utf8proc_ssize_t>(text.size() - at), &point);
    if (size < 0)
      return fmt::format("byte 0x{:02x} at offset {} fits no character",
                         static_cast<unsigned char>(text[at]), at);
    at += static_cast<std::size_t>(size);
  }
  return "";
}

void checkUtf8(std::string_view text, std::string_view place) {
  if (const std::string wrong = describeInvalidUtf8(text); !wrong.empty())
    throw Error(fmt::format("{} is not UTF-8: {}; convert it first, as with iconv -f ISO-8859-1 -t "
                            "UTF-8",
                            place, wrong));
}

std::string_view withoutMark(std::string_view text) {
  return text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text;
}

std::string shortened(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes)
    return std::string(text);
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80)
    --bytes;
  return fmt::format("{}...", text.substr(0, bytes));
}

std::string inQuotes(std::string_view text) { return fmt::format("'{}'", shortened(text, 60)); }

bool isSpace(utf8proc_int32_t point) {
  if (point < 0x80)
    return point == ' ' || (point >= '\t' && point <= '\r');
  switch (utf8proc_category(point)) {
  case UTF8PROC_CATEGORY_ZS:
  case UTF8PROC_CATEGORY_ZL:
  case UTF8PROC_CATEGORY_ZP:
    return true;
  default:
    return point == 0x85; // next line
  }
}

} // namespace heddle::data
