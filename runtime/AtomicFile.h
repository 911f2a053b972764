// A file that is written whole or not at all: under a temporary name beside it, synced, then
// renamed.
#pragma once

#include <cstddef>
#include <string>

namespace heddle::runtime {

class AtomicFile {
public:
  // Failures are HD_IO_ERROR naming `path`; the old file, if there is one, stays as it is.
  explicit AtomicFile(const char *path);
  // Without commit(), leaves no trace.
  ~AtomicFile();
  AtomicFile(const AtomicFile &) = delete;
  AtomicFile &operator=(const AtomicFile &) = delete;

  void write(const void *data, size_t size);
  void commit();

private:
  [[noreturn]] void failWith(const char *action, int error) const;
  void syncDirectory() const;

  std::string path;   // as the caller gave it, for messages
  std::string target; // with symbolic links followed
  std::string directory;
  std::string temporary;
  int descriptor = -1;
  bool renamed = false;
};

// Writes all of it, through short writes and interruptions. 0, or errno.
int writeFully(int descriptor, const void *data, size_t size);

} // namespace heddle::runtime
