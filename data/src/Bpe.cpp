// Parts of words, by SentencePiece's byte-pair encoding.
#include "Base64.h"
#include "Scheme.h"
#include "Utf8.h"
#include "heddle/data/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>
#include <zlib.h>

#include <set>

namespace heddle::data {
namespace {

void check(const sentencepiece::util::Status &status, std::string_view what) {
  if (!status.ok())
    throw Error(fmt::format("{}: {}", what, status.ToString()));
}

std::uint32_t checksum(const std::string &bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size()));
}

class Bpe : public Scheme {
public:
  explicit Bpe(std::string bytes) : model(std::move(bytes)) {
    check(processor.LoadFromSerializedProto(model), "the pieces of words cannot be loaded");
  }

  std::vector<std::int32_t> encode(std::string_view text) const override {
    std::vector<int> ids;
    check(processor.Encode({text.data(), text.size()}, &ids), "the text cannot be encoded");
    return {ids.begin(), ids.end()};
  }
  std::string decode(std::span<const std::int32_t> ids) const override {
    std::string text;
    check(processor.Decode(std::vector<int>(ids.begin(), ids.end()), &text),
          "the ids cannot be decoded");
    return text;
  }
  std::int32_t size() const override { return processor.GetPieceSize(); }
  std::string piece(std::int32_t id) const override { return processor.IdToPiece(id); }
  std::int32_t id(std::string_view piece) const override {
    return processor.PieceToId({piece.data(), piece.size()});
  }
  void save(nlohmann::json &file) const override {
    file["sentencepiece"] = {{"crc32", checksum(model)}, {"base64", toBase64(model)}};
  }

private:
  std::string model; // a serialized ModelProto
  sentencepiece::SentencePieceProcessor processor;
};

// SentencePiece learns from sentences: here the texts, those that are too long for it in parts. (It
// ends the program over a word of more than 65535 characters.)
class Sentences final : public sentencepiece::SentenceIterator {
public:
  static constexpr std::size_t kLongest = 4000; // bytes

  explicit Sentences(std::span<const std::string> texts) : texts(texts) { Next(); }

  bool done() const override { return isDone; }
  const std::string &value() const override { return sentence; }
  sentencepiece::util::Status status() const override { return {}; }

  void Next() override {
    while (rest.empty() && !texts.empty()) {
      rest = texts.front();
      texts = texts.subspan(1);
    }
    isDone = rest.empty();
    sentence = rest.substr(0, partSize());
    rest.remove_prefix(sentence.size());
  }

private:
  // Up to a space or line end, or else where a character begins.
  std::size_t partSize() const {
    if (rest.size() <= kLongest)
      return rest.size();
    if (const std::size_t space = rest.substr(0, kLongest).find_last_of(" \n");
        space != std::string_view::npos)
      return space + 1;
    std::size_t size = kLongest;
    while ((static_cast<unsigned char>(rest[size]) & 0xc0) == 0x80)
      --size;
    return size;
  }

  std::span<const std::string> texts;
  std::string_view rest;
  std::string sentence;
  bool isDone = false;
};

std::set<utf8proc_int32_t> charactersOf(std::span<const std::string> texts) {
  std::set<utf8proc_int32_t> characters;
  for (const std::string &text : texts)
    forEachPoint(text, [&](utf8proc_int32_t point, std::string_view) { characters.insert(point); });
  return characters;
}

// The trainer's own message does not say how large it should be.
void checkRoom(const std::set<utf8proc_int32_t> &characters, std::int32_t vocabulary) {
  const std::size_t needed = characters.size() + special_count;
  if (static_cast<std::size_t>(vocabulary) < needed)
    throw Error(fmt::format("a bpe vocabulary of {} has no room for the {} characters of the texts "
                            "and the {} special tokens; give {} or more",
                            vocabulary, characters.size(), special_count, needed));
}

} // namespace

std::unique_ptr<Scheme> learnBpe(std::span<const std::string> texts,
                                 const TokenizerOptions &options) {
  std::set<utf8proc_int32_t> characters = charactersOf(texts);
  if (characters.empty())
    throw Error("there is no text to learn from: all texts are empty");
  const bool tabs = characters.contains('\t');
  characters.insert(' '); // the trainer puts one before each text
  checkRoom(characters, options.vocabulary);
  Sentences sentences(texts);
  std::string model;
  check(sentencepiece::SentencePieceTrainer::Train(
            {{"model_type", "bpe"},
             {"vocab_size", std::to_string(options.vocabulary)},
             {"hard_vocab_limit", "false"},
             {"character_coverage", "1.0"},
             {"max_sentence_length", std::to_string(Sentences::kLongest)},
             {"normalization_rule_name", "identity"},
             {"remove_extra_whitespaces", "false"},
             // A mark of its own to the trainer, which learns no tab otherwise.
             {"user_defined_symbols", tabs ? "\t" : ""},
             {"pad_id", std::to_string(padding_id)},
             {"unk_id", std::to_string(unknown_id)},
             {"bos_id", std::to_string(begin_id)},
             {"eos_id", std::to_string(end_id)},
             {"pad_piece", std::string(kSpecials[padding_id])},
             {"unk_piece", std::string(kSpecials[unknown_id])},
             {"bos_piece", std::string(kSpecials[begin_id])},
             {"eos_piece", std::string(kSpecials[end_id])},
             {"unk_surface", std::string(kSpecials[unknown_id])},
             {"num_threads", "1"},
             {"minloglevel", "2"}},
            &sentences, &model),
        "the pieces of words cannot be learned");
  return std::make_unique<Bpe>(std::move(model));
}

std::unique_ptr<Scheme> loadBpe(const nlohmann::json &file) {
  const nlohmann::json &saved = file.at("sentencepiece");
  std::string model = fromBase64(saved.at("base64").get<std::string>());
  // A model with a flipped bit may load, and cut words otherwise.
  if (checksum(model) != saved.at("crc32").get<std::uint32_t>())
    throw Error("the pieces of words do not have their checksum");
  return std::make_unique<Bpe>(std::move(model));
}

} // namespace heddle::data
