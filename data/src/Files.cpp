#include "heddle/data/files.h"

#include "heddle/data/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <unistd.h>

namespace heddle::data {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char *verb, const fs::path &path, int error) {
  throw Error(fmt::format("cannot {} {}: {}", verb, path.string(), std::strerror(error)));
}

} // namespace

std::string read_file(const fs::path &path) {
  std::error_code error;
  if (fs::is_directory(path, error))
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

void write_file(const fs::path &path, std::string_view content) {
  // Renaming over a device would replace it.
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_regular_file(path, error))
    throw Error(fmt::format("cannot write {}: it exists and is not a regular file; choose another "
                            "name",
                            path.string()));
  const fs::path temporary = fmt::format("{}.{}.tmp", path.string(), getpid());
  std::FILE *file = std::fopen(temporary.c_str(), "wb");
  if (!file)
    fail("write", path, errno);
  const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size() &&
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

} // namespace heddle::data
