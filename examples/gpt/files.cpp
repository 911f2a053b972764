#include "files.h"

#include <fmt/format.h>

#include <stdexcept>

namespace gpt {

void make_directory(const std::filesystem::path &path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    throw std::runtime_error(
        fmt::format("cannot make the folder {}: {}", path.string(), error.message()));
  if (!std::filesystem::is_directory(path))
    throw std::runtime_error(
        fmt::format("cannot make the folder {}: there is something else", path.string()));
}

} // namespace gpt
