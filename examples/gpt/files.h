// Files and folders of a run.
#pragma once

#include <heddle/data/files.h>

#include <filesystem>

namespace gpt {

using heddle::data::read_file;
using heddle::data::write_file;

/// Makes it and its parents if they are missing. Throws std::runtime_error if it cannot be a
/// folder.
void make_directory(const std::filesystem::path &path);

} // namespace gpt
