// What the kinds of tokenizers have in common.
#pragma once

#include "heddle/data/tokenizer.h"

#include <nlohmann/json_fwd.hpp>

namespace heddle::data {

inline constexpr std::string_view kSpecials[special_count] = {"<pad>", "<unk>", "<s>", "</s>"};

/// Pieces, and how a text is cut into them. Texts are UTF-8 and clean, ids are in the vocabulary.
class Scheme {
public:
  virtual ~Scheme() = default;
  virtual std::vector<std::int32_t> encode(std::string_view text) const = 0;
  virtual std::string decode(std::span<const std::int32_t> ids) const = 0;
  virtual std::int32_t size() const = 0;
  virtual std::string piece(std::int32_t id) const = 0;
  virtual std::int32_t id(std::string_view piece) const = 0;
  /// Adds what load needs to the tokenizer's file.
  virtual void save(nlohmann::json &file) const = 0;
};

// Words and characters. `load` throws std::exception for what it cannot use.
std::unique_ptr<Scheme> learnList(std::span<const std::string> texts,
                                  const TokenizerOptions &options);
std::unique_ptr<Scheme> loadList(Pieces pieces, const nlohmann::json &file);

// Byte-pair encoding, by SentencePiece.
std::unique_ptr<Scheme> learnBpe(std::span<const std::string> texts,
                                 const TokenizerOptions &options);
std::unique_ptr<Scheme> loadBpe(const nlohmann::json &file);

} // namespace heddle::data
