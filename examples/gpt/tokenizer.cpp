#include "tokenizer.h"

#include "files.h"
#include "pieces.h"

#include <fmt/format.h>
#include <utf8.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <set>
#include <sstream>
#include <stdexcept>

namespace gpt {
namespace {

// A character that no piece begins with costs more than any piece, as in SentencePiece.
constexpr double kRareCharacter = 10;

constexpr std::pair<char, char> kEscapes[] = {{'\n', 'n'}, {'\t', 't'},  {'\r', 'r'},
                                              {' ', 's'},  {'\\', '\\'}, {'\0', '0'}};

std::string escape(std::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    const auto known = std::ranges::find(kEscapes, c, &std::pair<char, char>::first);
    text += known == std::end(kEscapes) ? std::string(1, c) : std::string{'\\', known->second};
  }
  return text;
}

// "" if it is none.
std::string unescape(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    const char letter = ++i < text.size() ? text[i] : '\0';
    const auto known = std::ranges::find(kEscapes, letter, &std::pair<char, char>::second);
    if (known == std::end(kEscapes))
      return "";
    bytes += known->first;
  }
  return bytes;
}

// The characters of a text, in order of their code points.
std::vector<std::string> characters_of(const std::string &text) {
  std::set<char32_t> found;
  for (auto at = text.begin(); at != text.end();)
    found.insert(utf8::next(at, text.end()));
  std::vector<std::string> characters;
  for (char32_t character : found)
    utf8::append(character, std::back_inserter(characters.emplace_back()));
  return characters;
}

} // namespace

std::string read_text(const std::filesystem::path &path) {
  std::string text = read_file(path);
  if (text.starts_with("\xef\xbb\xbf"))
    text.erase(0, 3);
  if (text.empty())
    throw std::runtime_error(
        fmt::format("{} is empty; give a text file of some pages", path.string()));
  const auto bad = utf8::find_invalid(text.begin(), text.end());
  if (bad != text.end())
    throw std::runtime_error(fmt::format(
        "{} is not UTF-8: byte 0x{:02x} at offset {} fits no character; convert it first, as with "
        "iconv -f ISO-8859-1 -t UTF-8",
        path.string(), static_cast<unsigned char>(*bad), bad - text.begin()));
  return text;
}

Vocabulary::Vocabulary(const std::string &text, std::int64_t size) {
  const std::vector<std::string> characters = characters_of(text);
  double rarest = 0;
  if (size > static_cast<std::int64_t>(characters.size()))
    for (const auto &[bytes, score] : learn_pieces(text, size)) {
      add(bytes, score);
      rarest = std::min(rarest, score);
    }
  for (const std::string &character : characters)
    add(character, rarest - kRareCharacter);
}

void Vocabulary::add(const std::string &bytes, double score) {
  if (!tokens.emplace(bytes, static_cast<std::int32_t>(pieces.size())).second)
    return;
  pieces.push_back({bytes, score});
  longest = std::max(longest, bytes.size());
}

Vocabulary Vocabulary::load(const std::filesystem::path &path) {
  Vocabulary vocabulary;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    char *end = nullptr;
    const double score = std::strtod(line.c_str(), &end);
    const std::string bytes = *end == '\t' && end != line.c_str() ? unescape(end + 1) : "";
    if (bytes.empty())
      throw std::runtime_error(
          fmt::format("{}, line {}: expected a number, a tab and a piece of text, got '{}'",
                      path.string(), vocabulary.pieces.size() + 1, line));
    vocabulary.add(bytes, score);
  }
  if (vocabulary.pieces.empty())
    throw std::runtime_error(fmt::format("{} holds no pieces", path.string()));
  return vocabulary;
}

void Vocabulary::save(const std::filesystem::path &path) const {
  std::string text;
  for (const Piece &piece : pieces)
    text += fmt::format("{:.9g}\t{}\n", piece.score, escape(piece.bytes));
  write_file(path, text);
}

// The best cut of every beginning of the text follows from those of the shorter ones (Viterbi,
// 1967).
std::vector<std::int32_t> Vocabulary::encode(std::string_view text) const {
  struct Best {
    double score = -std::numeric_limits<double>::infinity();
    std::size_t from = 0;
    std::int32_t token = -1;
  };
  std::vector<Best> best(text.size() + 1);
  best[0].score = 0;
  std::size_t reached = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && best[at].token < 0)
      continue;
    for (std::size_t length = 1; length <= std::min(longest, text.size() - at); ++length) {
      const auto found = tokens.find(text.substr(at, length));
      if (found == tokens.end())
        continue;
      const double score = best[at].score + pieces[static_cast<std::size_t>(found->second)].score;
      reached = std::max(reached, at + length);
      if (score > best[at + length].score)
        best[at + length] = {score, at, found->second};
    }
  }
  if (reached < text.size()) {
    auto unknown = text.begin() + static_cast<std::ptrdiff_t>(reached);
    throw std::runtime_error(
        fmt::format("the character U+{:04X} is not in the vocabulary of {} pieces",
                    static_cast<unsigned>(utf8::next(unknown, text.end())), pieces.size()));
  }
  std::vector<std::int32_t> result;
  for (std::size_t at = text.size(); at > 0; at = best[at].from)
    result.push_back(best[at].token);
  std::ranges::reverse(result);
  return result;
}

} // namespace gpt
