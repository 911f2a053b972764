// Bytes in JSON (RFC 4648).
#pragma once

#include <string>
#include <string_view>

namespace heddle::data {

std::string toBase64(std::string_view bytes);
/// Throws Error for text that toBase64 does not write.
std::string fromBase64(std::string_view text);

} // namespace heddle::data
