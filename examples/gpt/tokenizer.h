// Text as numbers: one token a character (a Unicode code point) that occurs in the corpus.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gpt {

/// A text file that is not empty and is UTF-8; a byte order mark is dropped. Throws std::runtime_error, with the
/// offset of the first bad byte, for any other.
std::string read_text(const std::filesystem::path &path);

class Vocabulary {
public:
  /// Of the characters of `text`, in order of their code points.
  explicit Vocabulary(std::string_view text);
  /// From a file that save() wrote.
  static Vocabulary load(const std::filesystem::path &path);
  /// As a text file, one character a line: "U+0061 a". Token i is on line i, from 0.
  void save(const std::filesystem::path &path) const;

  /// Throws std::runtime_error, naming it, for a character that is not in the vocabulary.
  std::vector<std::int32_t> encode(std::string_view text) const;
  std::string decode(const std::vector<std::int32_t> &tokens) const;
  std::int64_t size() const { return static_cast<std::int64_t>(characters.size()); }
  bool operator==(const Vocabulary &other) const { return characters == other.characters; }

private:
  Vocabulary() = default;
  void number();
  std::vector<char32_t> characters;
  std::unordered_map<char32_t, std::int32_t> tokens;
};

} // namespace gpt
