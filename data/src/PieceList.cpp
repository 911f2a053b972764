// Words and characters: a list of pieces, and a rule that cuts a text into them.
#include "Scheme.h"
#include "Utf8.h"
#include "heddle/data/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <unordered_map>

namespace heddle::data {
namespace {

// Calls f(part) for each word or character of the text.
template <class F> void forEachPart(Pieces pieces, std::string_view text, F f) {
  if (pieces == Pieces::character) {
    forEachPoint(text, [&](utf8proc_int32_t, std::string_view bytes) { f(bytes); });
    return;
  }
  const char *begin = text.data(), *end = begin;
  forEachPoint(text, [&](utf8proc_int32_t point, std::string_view bytes) {
    const char *after = bytes.data() + bytes.size();
    if (isSpace(point)) {
      if (end != begin)
        f(std::string_view(begin, end));
      begin = after;
    }
    end = after;
  });
  if (end != begin)
    f(std::string_view(begin, end));
}

// Found by a part of a text, without a copy of it.
struct Hash : std::hash<std::string_view> {
  using is_transparent = void;
};
template <class T> using ByPiece = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

class PieceList : public Scheme {
public:
  // `list` begins with the special tokens.
  PieceList(Pieces pieces, std::vector<std::string> list) : pieces(pieces), list(std::move(list)) {
    for (std::size_t i = 0; i < this->list.size(); ++i)
      if (!ids.emplace(this->list[i], static_cast<std::int32_t>(i)).second)
        throw Error(fmt::format("piece {} is there twice", inQuotes(this->list[i])));
  }

  std::vector<std::int32_t> encode(std::string_view text) const override {
    std::vector<std::int32_t> result;
    forEachPart(pieces, text, [&](std::string_view part) {
      const std::int32_t found = id(part);
      // A text may hold "<s>" as a word.
      result.push_back(found < special_count ? unknown_id : found);
    });
    return result;
  }

  std::string decode(std::span<const std::int32_t> ids) const override {
    std::string text;
    for (const std::int32_t id : ids) {
      if (pieces == Pieces::word && !text.empty())
        text += ' ';
      text += list[static_cast<std::size_t>(id)];
    }
    return text;
  }

  std::int32_t size() const override { return static_cast<std::int32_t>(list.size()); }
  std::string piece(std::int32_t id) const override { return list[static_cast<std::size_t>(id)]; }
  std::int32_t id(std::string_view piece) const override {
    const auto found = ids.find(piece);
    return found == ids.end() ? unknown_id : found->second;
  }
  void save(nlohmann::json &file) const override { file["vocabulary"] = list; }

private:
  Pieces pieces;
  std::vector<std::string> list;
  ByPiece<std::int32_t> ids;
};

} // namespace

std::unique_ptr<Scheme> learnList(std::span<const std::string> texts,
                                  const TokenizerOptions &options) {
  ByPiece<std::int64_t> counts;
  for (const std::string &text : texts)
    forEachPart(options.pieces, text, [&](std::string_view part) {
      if (const auto known = counts.find(part); known != counts.end())
        ++known->second;
      else
        counts.emplace(part, 1);
    });
  for (std::string_view special : kSpecials)
    counts.erase(std::string(special));

  std::vector<std::pair<std::int64_t, std::string>> found;
  for (const auto &[piece, count] : counts)
    if (count >= options.min_frequency)
      found.emplace_back(-count, piece);
  if (counts.empty())
    throw Error("there is no text to learn from: all texts are empty");
  if (found.empty())
    throw Error(fmt::format("no {} occurs {} times in the texts; give more text, or a smaller "
                            "min_frequency",
                            options.pieces == Pieces::word ? "word" : "character",
                            options.min_frequency));
  // The most frequent first; equally frequent ones by their bytes, so that the order is defined.
  std::ranges::sort(found);
  const std::size_t room = static_cast<std::size_t>(options.vocabulary - special_count);
  found.resize(std::min(found.size(), room));

  std::vector<std::string> list(std::begin(kSpecials), std::end(kSpecials));
  for (auto &[count, piece] : found)
    list.push_back(std::move(piece));
  return std::make_unique<PieceList>(options.pieces, std::move(list));
}

std::unique_ptr<Scheme> loadList(Pieces pieces, const nlohmann::json &file) {
  auto list = file.at("vocabulary").get<std::vector<std::string>>();
  if (list.size() < special_count ||
      !std::equal(std::begin(kSpecials), std::end(kSpecials), list.begin()))
    throw Error("the vocabulary does not begin with the special tokens");
  return std::make_unique<PieceList>(pieces, std::move(list));
}

} // namespace heddle::data
