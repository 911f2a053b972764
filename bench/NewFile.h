// A file that appears whole or not at all.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace bench {

class NewFile {
public:
  /// Throws std::runtime_error if there can be no such file: said before hours of work for it.
  explicit NewFile(std::filesystem::path path);
  ~NewFile();
  NewFile(const NewFile &) = delete;
  NewFile &operator=(const NewFile &) = delete;

  /// Puts the text where the path says, in place of what was there. Throws std::runtime_error.
  void finish(const std::string &text);

private:
  std::filesystem::path path, temporary;
  std::ofstream file;
};

} // namespace bench
