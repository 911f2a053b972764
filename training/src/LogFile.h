// A log that lines are added to.
#pragma once

#include <filesystem>
#include <string_view>

namespace heddle::training {

/// Throws Error, with the reason, for what cannot be written.
class LogFile {
public:
  /// Makes it if it is missing.
  explicit LogFile(std::filesystem::path path);
  ~LogFile();
  LogFile(const LogFile &) = delete;
  LogFile &operator=(const LogFile &) = delete;

  /// Whole, or not at all if there is an error.
  void append(std::string_view line);
  /// Takes the place of what is there. Lines go on being added to it.
  void moveTo(const std::filesystem::path &path);
  /// Returns when all that was appended is on the disk.
  void sync();

private:
  [[noreturn]] void failWith(int error) const;
  std::filesystem::path path_;
  int descriptor_;
};

} // namespace heddle::training
