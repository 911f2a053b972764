// The folder of a run: its files, for one program at a time.
#pragma once

#include <filesystem>

namespace heddle::training {

struct RunFiles {
  explicit RunFiles(const std::filesystem::path &folder)
      : last(folder / "last.safetensors"), best(folder / "best.safetensors"),
        log(folder / "log.jsonl"), begun(folder / "log.jsonl.new") {}
  /// Whether there is a run: any but `begun`.
  bool exist() const;
  std::filesystem::path last, best, log;
  std::filesystem::path begun; ///< the log of a run that has not yet replaced the one before it
};

/// None need be there. Throws Error if it cannot be removed.
void removeFile(const std::filesystem::path &path);

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

private:
  void lock();
  void removeTemporaries() const;
  std::filesystem::path path_;
  RunFiles files_;
  int descriptor_ = -1;
};

} // namespace heddle::training
