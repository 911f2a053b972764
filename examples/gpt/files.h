// Files, whole: read at once, and written so that they appear whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace gpt {

/// Throws std::runtime_error, with the reason, if it cannot be read.
std::string read_file(const std::filesystem::path &path);

/// Throws std::runtime_error, with the reason, if it cannot be written; the old file is then
/// untouched.
void write_file(const std::filesystem::path &path, std::string_view content);

/// Makes it and its parents if they are missing. Throws std::runtime_error if it cannot be a
/// folder.
void make_directory(const std::filesystem::path &path);

} // namespace gpt
