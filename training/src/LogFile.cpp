#include "LogFile.h"

#include "Failures.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace heddle::training {

LogFile::LogFile(std::filesystem::path path)
    : path_(std::move(path)),
      descriptor_(open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0)
    failWith(errno);
}

LogFile::~LogFile() { close(descriptor_); }

void LogFile::failWith(int error) const {
  fail("cannot write {}: {}", path_.string(), std::strerror(error));
}

void LogFile::append(std::string_view line) {
  struct stat before {};
  if (fstat(descriptor_, &before) != 0)
    failWith(errno);
  while (!line.empty()) {
    const ssize_t written = write(descriptor_, line.data(), line.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0) {
      const int error = written < 0 ? errno : ENOSPC;
      // Or the next line would go on from half of this one.
      if (ftruncate(descriptor_, before.st_size) != 0)
        failWith(errno);
      failWith(error);
    }
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

void LogFile::moveTo(const std::filesystem::path &path) {
  std::error_code error;
  std::filesystem::rename(path_, path, error);
  if (error)
    fail("cannot rename {} to {}: {}", path_.string(), path.string(), error.message());
  path_ = path;
}

void LogFile::sync() {
  if (fsync(descriptor_) != 0)
    failWith(errno);
}

} // namespace heddle::training
