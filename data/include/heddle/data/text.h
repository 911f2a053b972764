// Plain text files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace heddle::data {

/// A whole file as one text; a byte order mark is dropped. Throws Error if it cannot be read or is
/// not UTF-8.
std::string read_text(const std::filesystem::path &path);

/// A text for each line, without its line end (LF or CRLF). Empty lines are empty texts. Throws
/// Error if the file cannot be read, or, naming the line, if it is not UTF-8.
std::vector<std::string> read_lines(const std::filesystem::path &path);

} // namespace heddle::data
