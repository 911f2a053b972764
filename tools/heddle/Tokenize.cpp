// heddle tokenize: texts to ids and back.
#include "Commands.h"

#include <heddle/data/csv.h>
#include <heddle/data/error.h>
#include <heddle/data/json_lines.h>
#include <heddle/data/text.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

namespace heddle::cli {
namespace {

std::vector<std::string> read_texts(const TextSource &source, const std::string &file) {
  if (!source.column.empty())
    return data::read_csv(file, {.separator = source.separator, .header = !source.no_header})
        .texts(source.column);
  if (!source.field.empty())
    return data::read_json_lines(file).texts(source.field);
  return data::read_lines(file);
}

std::vector<std::int32_t> parse_ids(std::string_view line, const std::string &place) {
  std::vector<std::int32_t> ids;
  for (;;) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty())
      return ids;
    const std::string_view word = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(word.size());
    const char *end = word.data() + word.size();
    if (const auto result = std::from_chars(word.data(), end, ids.emplace_back());
        result.ec != std::errc() || result.ptr != end)
      throw data::Error(fmt::format("{}: '{}' is no id; expected whole numbers with spaces between "
                                    "them, as heddle tokenize encode prints",
                                    place, word));
  }
}

} // namespace

void tokenize_train(const TextSource &source, const data::TokenizerOptions &options,
                    const std::string &output) {
  std::vector<std::string> texts;
  for (const std::string &file : source.files) {
    std::vector<std::string> more = read_texts(source, file);
    std::ranges::move(more, std::back_inserter(texts));
  }
  const auto tokenizer = data::Tokenizer::train(texts, options);
  tokenizer.save(output);
  fmt::print("{}: {} pieces from {} texts\n", output, tokenizer.size(), texts.size());
}

void tokenize_encode(const TextSource &source, const std::string &tokenizer,
                     const EncodeOptions &options) {
  const auto loaded = data::Tokenizer::load(tokenizer);
  for (const std::string &file : source.files)
    for (const std::string &text : read_texts(source, file)) {
      const std::vector<std::int32_t> ids = loaded.encode(text, options.special);
      if (!options.pieces) {
        fmt::print("{}\n", fmt::join(ids, " "));
        continue;
      }
      std::vector<std::string> pieces;
      for (const std::int32_t id : ids)
        pieces.push_back(loaded.piece(id));
      fmt::print("{}\n", fmt::join(pieces, " "));
    }
}

void tokenize_decode(const std::string &file, const std::string &tokenizer) {
  const auto loaded = data::Tokenizer::load(tokenizer);
  std::size_t number = 0;
  for (const std::string &line : data::read_lines(file)) {
    const std::string place = fmt::format("{}:{}", file, ++number);
    const std::vector<std::int32_t> ids = parse_ids(line, place);
    try {
      fmt::print("{}\n", loaded.decode(ids));
    } catch (const data::Error &error) {
      throw data::Error(fmt::format("{}: {}", place, error.what()));
    }
  }
}

} // namespace heddle::cli
