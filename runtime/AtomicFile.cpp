#include "AtomicFile.h"

#include "Error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

namespace heddle::runtime {
namespace {

// A write of more than 2 GiB is cut short by Linux; pieces keep every call alike.
constexpr size_t kMaxWrite = size_t{1} << 30;
constexpr int kNameAttempts = 100;

const char *adviceFor(int error) {
  switch (error) {
  case ENOSPC:
    return "the disk is full; free space or save elsewhere";
  case EDQUOT:
    return "the disk quota is used up; free space or save elsewhere";
  case EFBIG:
    return "the file would be larger than the file system or the process's limit (ulimit -f) "
           "allows";
  case EACCES:
  case EPERM:
  case EROFS:
    return "it may not be written; check the permissions of the directory";
  case ENOENT:
    return "its directory does not exist; create it first";
  default:
    return nullptr;
  }
}

std::string followLinks(const std::string &path) {
  std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr), &std::free);
  return real ? real.get() : path;
}

} // namespace

int writeFully(int descriptor, const void *data, size_t size) {
  const char *next = static_cast<const char *>(data);
  while (size > 0) {
    const ssize_t written = ::write(descriptor, next, std::min(size, kMaxWrite));
    if (written < 0) {
      if (errno == EINTR)
        continue;
      return errno;
    }
    if (written == 0)
      return ENOSPC;
    next += written;
    size -= static_cast<size_t>(written);
  }
  return 0;
}

AtomicFile::AtomicFile(const char *given) : path(given), target(followLinks(path)) {
  // Renaming over a device would replace it (as root, even /dev/null).
  struct stat existing = {};
  const bool exists = stat(target.c_str(), &existing) == 0;
  if (exists && !S_ISREG(existing.st_mode))
    fail(HD_IO_ERROR, "{}: cannot save: it exists and is not a regular file; choose another name",
         path);

  const size_t slash = target.rfind('/');
  directory = slash == std::string::npos ? "." : target.substr(0, slash + 1);
  for (int attempt = 0; attempt < kNameAttempts && descriptor < 0; ++attempt) {
    temporary = fmt::format("{}.{}.{}.tmp", target, getpid(), attempt);
    // O_EXCL, not mkstemp: the mode is then as the user's umask makes it.
    descriptor = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno != EEXIST)
      break;
  }
  if (descriptor < 0)
    failWith("create a temporary file beside it", errno);
  // Best effort: a file system without modes is no reason not to save.
  if (exists && fchmod(descriptor, existing.st_mode & 07777) != 0)
    errno = 0;
}

AtomicFile::~AtomicFile() {
  if (descriptor >= 0) {
    close(descriptor);
    if (!renamed)
      unlink(temporary.c_str());
  }
}

void AtomicFile::failWith(const char *action, int error) const {
  const char *advice = adviceFor(error);
  const bool old = access(target.c_str(), F_OK) == 0;
  fail(HD_IO_ERROR, "{}: cannot {}: {}{}", path, action,
       advice ? advice : std::generic_category().message(error),
       old ? "; the old file is untouched" : "");
}

void AtomicFile::write(const void *data, size_t size) {
  if (int error = writeFully(descriptor, data, size))
    failWith("save", error);
}

void AtomicFile::commit() {
  // Delayed allocation: a full disk may show only here.
  if (fsync(descriptor) != 0)
    failWith("save", errno);
  if (rename(temporary.c_str(), target.c_str()) != 0)
    failWith("save", errno);
  renamed = true;
  syncDirectory();
}

void AtomicFile::syncDirectory() const {
  const int handle = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // A directory that may be written but not read cannot be synced; the file itself is whole in any
  // case.
  if (handle < 0)
    return;
  const int error = fsync(handle) == 0 ? 0 : errno;
  close(handle);
  if (error != 0 && error != EINVAL)
    fail(HD_IO_ERROR,
         "{}: saved, but its directory cannot be synced: {}; after a power loss the old file may "
         "be back",
         path, std::generic_category().message(error));
}

} // namespace heddle::runtime
