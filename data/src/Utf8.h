// UTF-8, a code point at a time.
#pragma once

#include <utf8proc.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace heddle::data {

/// What is wrong with the first bytes that are not UTF-8: "byte 0xe9 at offset 12 fits no
/// character"; "" if all is well.
std::string describeInvalidUtf8(std::string_view text);

/// Throws Error, beginning with `place`, unless the text is UTF-8.
void checkUtf8(std::string_view text, std::string_view place);

/// Without the byte order mark that some editors put first.
std::string_view withoutMark(std::string_view text);

/// The text for a message: of one that has more bytes, the beginning and "...".
std::string shortened(std::string_view text, std::size_t bytes);
/// The same in quotes, of no great length.
std::string inQuotes(std::string_view text);

/// White space by Unicode: categories Z, and the controls that move a cursor.
bool isSpace(utf8proc_int32_t point);

/// Calls f(code point, its bytes) for each code point of valid UTF-8.
template <class F> void forEachPoint(std::string_view text, F f) {
  while (!text.empty()) {
    utf8proc_int32_t point = 0;
    const auto size = static_cast<std::size_t>(
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t *>(text.data()),
                         static_cast<utf8proc_ssize_t>(text.size()), &point));
    f(point, text.substr(0, size));
    text.remove_prefix(size);
  }
}

} // namespace heddle::data
