// Text as numbers: pieces of words that occur often, and every single character (a Unicode code
// point) of the corpus.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gpt {

/// A text file that is not empty and is UTF-8; a byte order mark is dropped. Throws
/// std::runtime_error, with the offset of the first bad byte, for any other.
std::string read_text(const std::filesystem::path &path);

/// A unigram language model over pieces (Kudo, 2018): a text is cut into the pieces whose
/// probabilities have the largest product.
class Vocabulary {
public:
  /// Learns about `size` pieces from the text; the characters alone if `size` is no more than there
  /// are of them.
  Vocabulary(const std::string &text, std::int64_t size);
  /// From a file that save() wrote.
  static Vocabulary load(const std::filesystem::path &path);
  /// As a text file, one piece a line: its log-probability, a tab, and its bytes, with \n, \t, \r,
  /// \s (space), \\ and \0 for what would not show. Token i is on line i, from 0.
  void save(const std::filesystem::path &path) const;

  /// Throws std::runtime_error, naming it, for a character that is not in the vocabulary.
  std::vector<std::int32_t> encode(std::string_view text) const;
  std::int64_t size() const { return static_cast<std::int64_t>(pieces.size()); }

private:
  struct Piece {
    std::string bytes;
    double score; // log-probability
  };

  Vocabulary() = default;
  void add(const std::string &bytes, double score);

  // Found by a part of a text, without a copy of it.
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::vector<Piece> pieces;
  std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> tokens;
  std::size_t longest = 0;
};

} // namespace gpt
