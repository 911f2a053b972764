#include "Checkpoint.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>

namespace heddle {

std::optional<std::set<std::string>> tensorNames(const std::string &path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  unsigned char prefix[8];
  if (error || !file.read(reinterpret_cast<char *>(prefix), sizeof prefix))
    return std::nullopt;
  std::uint64_t length = 0;
  for (int i = 7; i >= 0; --i)
    length = length << 8 | prefix[i];
  if (length > size - sizeof prefix)
    return std::nullopt;
  std::string header(length, '\0');
  if (!file.read(header.data(), static_cast<std::streamsize>(length)))
    return std::nullopt;
  // The SAX-free parser recurses on nesting; a header nests three deep.
  std::size_t depth = 0;
  for (char c : header)
    if ((c == '{' || c == '[') && ++depth > 1'000'000)
      return std::nullopt;
  const auto json = nlohmann::json::parse(header, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object())
    return std::nullopt;
  std::set<std::string> names;
  for (const auto &[name, value] : json.items())
    names.insert(name);
  return names;
}

} // namespace heddle
