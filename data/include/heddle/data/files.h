// Files, whole: read at once, and written so that they appear whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace heddle::data {

/// The bytes of a file. Throws Error, with the reason, if it cannot be read.
std::string read_file(const std::filesystem::path &path);

/// Writes under a temporary name beside `path`, then renames. Throws Error, with the reason, if it
/// cannot be written; the old file is then untouched.
void write_file(const std::filesystem::path &path, std::string_view content);

} // namespace heddle::data
