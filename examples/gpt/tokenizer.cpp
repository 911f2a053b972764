#include "tokenizer.h"

#include "files.h"

#include <fmt/format.h>
#include <utf8.h>

#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

namespace gpt {
namespace {

std::string to_utf8(char32_t character) {
  std::string bytes;
  utf8::append(character, std::back_inserter(bytes));
  return bytes;
}

bool is_printable(char32_t character) { return character > 0x20 && character != 0x7f && (character < 0x80 || character > 0xa0); }

} // namespace

std::string read_text(const std::filesystem::path &path) {
  std::string text = read_file(path);
  if (text.starts_with("\xef\xbb\xbf"))
    text.erase(0, 3);
  if (text.empty())
    throw std::runtime_error(fmt::format("{} is empty; give a text file of some pages", path.string()));
  const auto bad = utf8::find_invalid(text.begin(), text.end());
  if (bad != text.end())
    throw std::runtime_error(
        fmt::format("{} is not UTF-8: byte 0x{:02x} at offset {} fits no character; convert it first, as with "
                    "iconv -f ISO-8859-1 -t UTF-8",
                    path.string(), static_cast<unsigned char>(*bad), bad - text.begin()));
  return text;
}

Vocabulary::Vocabulary(std::string_view text) {
  std::set<char32_t> found;
  for (auto at = text.begin(); at != text.end();)
    found.insert(utf8::next(at, text.end()));
  characters.assign(found.begin(), found.end());
  number();
}

void Vocabulary::number() {
  for (std::size_t i = 0; i < characters.size(); ++i)
    tokens.emplace(characters[i], static_cast<std::int32_t>(i));
}

Vocabulary Vocabulary::load(const std::filesystem::path &path) {
  Vocabulary vocabulary;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    unsigned code = 0;
    if (std::sscanf(line.c_str(), "U+%x", &code) != 1 || code > 0x10ffff)
      throw std::runtime_error(fmt::format("{}, line {}: expected a character as in 'U+0061 a', got '{}'",
                                           path.string(), vocabulary.characters.size() + 1, line));
    vocabulary.characters.push_back(code);
  }
  if (vocabulary.characters.empty())
    throw std::runtime_error(fmt::format("{} holds no characters", path.string()));
  vocabulary.number();
  return vocabulary;
}

void Vocabulary::save(const std::filesystem::path &path) const {
  std::string text;
  for (char32_t character : characters)
    text += is_printable(character)
                ? fmt::format("U+{:04X} {}\n", static_cast<unsigned>(character), to_utf8(character))
                : fmt::format("U+{:04X}\n", static_cast<unsigned>(character));
  write_file(path, text);
}

std::vector<std::int32_t> Vocabulary::encode(std::string_view text) const {
  std::vector<std::int32_t> result;
  result.reserve(text.size());
  for (auto at = text.begin(); at != text.end();) {
    const char32_t character = utf8::next(at, text.end());
    const auto token = tokens.find(character);
    if (token == tokens.end())
      throw std::runtime_error(fmt::format("the character U+{:04X} is not in the vocabulary of {} characters",
                                           static_cast<unsigned>(character), characters.size()));
    result.push_back(token->second);
  }
  return result;
}

std::string Vocabulary::decode(const std::vector<std::int32_t> &list) const {
  std::string text;
  for (std::int32_t token : list)
    text += to_utf8(characters.at(static_cast<std::size_t>(token)));
  return text;
}

} // namespace gpt
