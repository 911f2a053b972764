#include "NewFile.h"

#include <fmt/format.h>

#include <unistd.h>

#include <stdexcept>

namespace bench {

NewFile::NewFile(std::filesystem::path where) : path(std::move(where)), temporary(path) {
  // The process id keeps two programs that write the same file out of each other's way.
  temporary += fmt::format(".{}.tmp", getpid());
  if (std::filesystem::is_directory(path))
    throw std::runtime_error(fmt::format("cannot write {}: it is a folder", path.string()));
  file.open(temporary);
  if (!file)
    throw std::runtime_error(fmt::format(
        "cannot write {}; check that its folder exists and may be written to", path.string()));
}

NewFile::~NewFile() {
  std::error_code ignored;
  std::filesystem::remove(temporary, ignored);
}

void NewFile::finish(const std::string &text) {
  file << text;
  file.close();
  if (!file)
    throw std::runtime_error(fmt::format("cannot write {}; is the disk full?", path.string()));
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (error)
    throw std::runtime_error(fmt::format("cannot write {}: {}", path.string(), error.message()));
}

} // namespace bench
