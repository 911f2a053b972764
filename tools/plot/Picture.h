// Where pictures go.
#pragma once

#include <filesystem>

namespace heddle::plot {

// Throws std::runtime_error, as saving would, unless `path` ends in .svg or .png and its folder
// exists. For programs that work for long before they draw.
void checkPicturePath(const std::filesystem::path &path);

} // namespace heddle::plot
