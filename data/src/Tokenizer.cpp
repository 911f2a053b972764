#include "TokenizerData.h"
#include "Utf8.h"
#include "heddle/data/error.h"

#include <fmt/format.h>

namespace heddle::data {
namespace {

void checkOptions(const TokenizerOptions &options) {
  if (options.vocabulary <= special_count)
    throw Error(fmt::format("a vocabulary of {} has no room beside the {} special tokens; give {} "
                            "or more",
                            options.vocabulary, special_count, special_count + 1));
  if (options.min_frequency < 1)
    throw Error(fmt::format("min_frequency is 1 or more, got {}", options.min_frequency));
  if (options.pieces == Pieces::bpe && options.min_frequency != 1)
    throw Error("min_frequency is for words and characters; a bpe vocabulary is limited by its "
                "size");
}

} // namespace

Tokenizer Tokenizer::train(std::span<const std::string> texts, const TokenizerOptions &options) {
  checkOptions(options);
  std::vector<std::string> cleaned;
  cleaned.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    checkUtf8(texts[i], fmt::format("text {} (from 0)", i));
    cleaned.push_back(clean(texts[i], options.cleaning));
  }
  return Tokenizer(std::make_shared<Data>(Data{
      options.pieces, options.cleaning,
      options.pieces == Pieces::bpe ? learnBpe(cleaned, options) : learnList(cleaned, options)}));
}

std::vector<std::int32_t> Tokenizer::encode(std::string_view text, EncodeOptions options) const {
  checkUtf8(text, "the text to encode");
  std::vector<std::int32_t> ids = data_->scheme->encode(clean(text, data_->cleaning));
  if (options.begin)
    ids.insert(ids.begin(), begin_id);
  if (options.end)
    ids.push_back(end_id);
  return ids;
}

std::vector<std::vector<std::int32_t>> Tokenizer::encode_all(std::span<const std::string> texts,
                                                             EncodeOptions options) const {
  std::vector<std::vector<std::int32_t>> all;
  all.reserve(texts.size());
  for (const std::string &text : texts)
    all.push_back(encode(text, options));
  return all;
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids) const {
  std::vector<std::int32_t> kept;
  for (const std::int32_t id : ids) {
    check_id(id);
    if (id == unknown_id || id >= special_count)
      kept.push_back(id);
  }
  return data_->scheme->decode(kept);
}

void Tokenizer::check_id(std::int32_t id) const {
  if (id < 0 || id >= size())
    throw Error(fmt::format("{} is no id of this tokenizer; expected one in [0, {})", id, size()));
}

std::int32_t Tokenizer::size() const { return data_->scheme->size(); }

std::string Tokenizer::piece(std::int32_t id) const {
  check_id(id);
  return data_->scheme->piece(id);
}

std::int32_t Tokenizer::id(std::string_view piece) const { return data_->scheme->id(piece); }
Pieces Tokenizer::pieces() const { return data_->pieces; }
const Cleaning &Tokenizer::cleaning() const { return data_->cleaning; }

} // namespace heddle::data
