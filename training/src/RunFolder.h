// The folder of a run: its files, for one program at a time.
#pragma once

#include <filesystem>

namespace heddle::training {

struct RunFiles {
  explicit RunFiles(const std::filesystem::path &folder)
      : last(folder / "last.safetensors"), best(folder / "best.safetensors"),
        log(folder / "log.jsonl") {}
  /// Whether any is there.
  bool exist() const;
  std::filesystem::path last, best, log;
};

/// Throws Error for a folder that cannot be had.
class RunFolder {
public:
  /// Makes the folder, locks it, and removes what a killed program left half-written.
  explicit RunFolder(const std::filesystem::path &folder);
  ~RunFolder();
  RunFolder(const RunFolder &) = delete;
  RunFolder &operator=(const RunFolder &) = delete;

  const std::filesystem::path &path() const { return path_; }
  const RunFiles &files() const { return files_; }
  void removeFiles() const;

private:
  void lock();
  void removeTemporaries() const;
  std::filesystem::path path_;
  RunFiles files_;
  int descriptor_ = -1;
};

} // namespace heddle::training
