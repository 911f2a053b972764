#include "pieces.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <stdexcept>

namespace gpt {
namespace {

constexpr std::size_t kLongestSentence = 4000; // bytes; the trainer leaves out longer ones
const std::string kSpace = "\xe2\x96\x81";     // U+2581, which SentencePiece writes for a space

void check(const sentencepiece::util::Status &status) {
  if (!status.ok())
    throw std::runtime_error(
        fmt::format("the pieces of the text cannot be learned ({}); --pieces 0 takes single "
                    "characters instead",
                    status.ToString()));
}

// The lines; long ones cut at spaces, or where a character begins.
class Lines : public sentencepiece::SentenceIterator {
public:
  explicit Lines(const std::string &text) : text(text) { Next(); }

  bool done() const override { return isDone; }
  const std::string &value() const override { return line; }
  sentencepiece::util::Status status() const override { return {}; }

  void Next() override {
    while (at < text.size() && text[at] == '\n')
      ++at;
    isDone = at >= text.size();
    std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at + kLongestSentence) {
      end = text.rfind(' ', at + kLongestSentence);
      if (end == std::string::npos || end <= at) {
        end = at + kLongestSentence;
        while (end > at && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
          --end;
      }
    }
    line = text.substr(std::min(at, text.size()), end - at);
    at = end;
  }

private:
  const std::string &text;
  std::string line;
  std::size_t at = 0;
  bool isDone = false;
};

} // namespace

std::vector<std::pair<std::string, double>> learn_pieces(const std::string &text,
                                                         std::int64_t size) {
  Lines lines(text);
  std::string model;
  check(sentencepiece::SentencePieceTrainer::Train({{"model_type", "unigram"},
                                                    {"vocab_size", std::to_string(size)},
                                                    {"hard_vocab_limit", "false"},
                                                    {"character_coverage", "1.0"},
                                                    {"normalization_rule_name", "identity"},
                                                    {"add_dummy_prefix", "false"},
                                                    {"remove_extra_whitespaces", "false"},
                                                    {"bos_id", "-1"},
                                                    {"eos_id", "-1"},
                                                    {"num_threads", "1"},
                                                    {"minloglevel", "2"}},
                                                   &lines, &model));
  sentencepiece::SentencePieceProcessor processor;
  check(processor.LoadFromSerializedProto(model));
  std::vector<std::pair<std::string, double>> pieces;
  for (int i = 0; i < processor.GetPieceSize(); ++i) {
    if (processor.IsControl(i) || processor.IsUnknown(i))
      continue;
    std::string piece = processor.IdToPiece(i);
    for (std::size_t at = 0; (at = piece.find(kSpace, at)) != std::string::npos; ++at)
      piece.replace(at, kSpace.size(), 1, ' ');
    pieces.emplace_back(std::move(piece), processor.GetScore(i));
  }
  return pieces;
}

} // namespace gpt
