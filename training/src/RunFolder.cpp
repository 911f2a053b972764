#include "RunFolder.h"

#include "Failures.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace heddle::training {
namespace {

namespace fs = std::filesystem;

void makeFolder(const fs::path &path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    fail("cannot make the folder {}: {}", path.string(), error.message());
  if (!fs::is_directory(path, error))
    fail("cannot make the folder {}: there is something else", path.string());
}

} // namespace

void removeFile(const fs::path &path) {
  std::error_code error;
  fs::remove(path, error);
  if (error)
    fail("cannot remove {}: {}", path.string(), error.message());
}

bool RunFiles::exist() const {
  std::error_code ignored;
  return fs::exists(last, ignored) || fs::exists(best, ignored) || fs::exists(log, ignored);
}

RunFolder::RunFolder(const fs::path &folder) : path_(folder), files_(folder) {
  makeFolder(path_);
  try {
    lock();
    removeTemporaries();
  } catch (...) {
    if (descriptor_ >= 0)
      close(descriptor_);
    throw;
  }
}

RunFolder::~RunFolder() { close(descriptor_); }

void RunFolder::lock() {
  descriptor_ = open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0)
    fail("cannot open the folder {}: {}", path_.string(), std::strerror(errno));
  // The lock goes with the process, however it ends. Some network file systems have none.
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    fail("{} is in use by another run; wait for its end, or choose another folder", path_.string());
}

void RunFolder::removeTemporaries() const {
  std::error_code error;
  for (const auto &entry : fs::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.path() == files_.begun)
      removeFile(entry.path());
    // As the runtime names them: last.safetensors.<process>.<attempt>.tmp
    for (const fs::path &file : {files_.last, files_.best})
      if (name.starts_with(file.filename().string() + ".") && name.ends_with(".tmp"))
        removeFile(entry.path());
  }
  if (error)
    fail("cannot read the folder {}: {}", path_.string(), error.message());
}

} // namespace heddle::training
