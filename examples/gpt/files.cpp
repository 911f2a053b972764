#include "files.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include <unistd.h>

namespace gpt {
namespace {

[[noreturn]] void fail(const char *verb, const std::filesystem::path &path, int error) {
  throw std::runtime_error(
      fmt::format("cannot {} {}: {}", verb, path.string(), std::strerror(error)));
}

} // namespace

std::string read_file(const std::filesystem::path &path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    fail("read", path, EISDIR);
  std::FILE *file = std::fopen(path.c_str(), "rb");
  if (!file)
    fail("read", path, errno);
  std::string content;
  char block[65536];
  while (const std::size_t count = std::fread(block, 1, sizeof block, file))
    content.append(block, count);
  const int failure = std::ferror(file) ? errno : 0;
  std::fclose(file);
  if (failure)
    fail("read", path, failure);
  return content;
}

void write_file(const std::filesystem::path &path, std::string_view content) {
  const std::filesystem::path temporary = path.string() + ".new";
  std::FILE *file = std::fopen(temporary.c_str(), "wb");
  if (!file)
    fail("write", path, errno);
  bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size() &&
                 std::fflush(file) == 0 && fsync(fileno(file)) == 0;
  int failure = written ? 0 : errno;
  if (std::fclose(file) != 0 && written)
    failure = errno;
  if (failure == 0 && std::rename(temporary.c_str(), path.c_str()) != 0)
    failure = errno;
  if (failure != 0) {
    std::remove(temporary.c_str());
    fail("write", path, failure);
  }
}

void make_directory(const std::filesystem::path &path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    throw std::runtime_error(
        fmt::format("cannot make the folder {}: {}", path.string(), error.message()));
  if (!std::filesystem::is_directory(path))
    fail("make the folder", path, ENOTDIR);
}

} // namespace gpt
