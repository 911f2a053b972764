// Tokenizers: texts as ids of pieces that were learned from texts, and back.
#pragma once

#include <heddle/data/clean.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::data {

// The special tokens have the same ids in every tokenizer. No text is encoded to padding, begin or
// end.

inline constexpr std::int32_t padding_id = 0; ///< "<pad>": fills what is shorter than its batch
inline constexpr std::int32_t unknown_id = 1; ///< "<unk>": what is not in the vocabulary
inline constexpr std::int32_t begin_id = 2;   ///< "<s>"
inline constexpr std::int32_t end_id = 3;     ///< "</s>"
inline constexpr std::int32_t special_count = 4;

/// What a piece is.
enum class Pieces : std::uint8_t {
  word,      ///< what stands between white space
  character, ///< a Unicode code point
  bpe ///< a part of a word, by byte-pair encoding (Sennrich et al., 2016; SentencePiece's trainer)
};

struct TokenizerOptions {
  Pieces pieces = Pieces::bpe;
  /// The size of the vocabulary at most, with the special tokens; the most frequent pieces are
  /// kept.
  std::int32_t vocabulary = 8000;
  /// Rarer words and characters are unknown. Not for bpe.
  std::int64_t min_frequency = 1;
  /// Done to every text, when training and in encode(). Kept in the tokenizer's file.
  Cleaning cleaning = {};
};

struct EncodeOptions {
  bool begin = false; ///< begin_id first
  bool end = false;   ///< end_id last
};

/// Immutable, cheap to copy, and safe to use from several threads.
class Tokenizer {
public:
  /// Learns the pieces; the same texts give the same pieces. Throws Error if a text is not UTF-8,
  /// if there is nothing to learn, or if the vocabulary has no room for the special tokens and, for
  /// bpe, every single character of the texts.
  static Tokenizer train(std::span<const std::string> texts, const TokenizerOptions &options = {});

  /// Throws Error if the file cannot be read, is damaged or is no tokenizer's.
  static Tokenizer load(const std::filesystem::path &path);
  /// To one JSON file, which is whole or untouched. Throws Error if it cannot be written.
  void save(const std::filesystem::path &path) const;

  /// Throws Error if the text is not UTF-8.
  std::vector<std::int32_t> encode(std::string_view text, EncodeOptions options = {}) const;
  std::vector<std::vector<std::int32_t>> encode_all(std::span<const std::string> texts,
                                                    EncodeOptions options = {}) const;

  /// The text; padding, begin and end are left out, and what is unknown reads "<unk>". Where
  /// nothing is, characters and bpe give the cleaned text back exactly (in bpe, U+2581, which
  /// SentencePiece writes for a space, becomes one); words are joined by single spaces. Throws
  /// Error for an id that is not in the vocabulary.
  std::string decode(std::span<const std::int32_t> ids) const;

  /// The size of the vocabulary: ids are in [0, size()).
  std::int32_t size() const;
  /// A piece as it is in the vocabulary; in bpe, U+2581 stands for a space. Throws Error for an id
  /// that is not in the vocabulary.
  std::string piece(std::int32_t id) const;
  /// unknown_id if there is no such piece.
  std::int32_t id(std::string_view piece) const;
  Pieces pieces() const;
  const Cleaning &cleaning() const;

private:
  struct Data;
  explicit Tokenizer(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  void check_id(std::int32_t id) const;
  std::shared_ptr<const Data> data_;
};

} // namespace heddle::data
