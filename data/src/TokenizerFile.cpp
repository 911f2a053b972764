// A tokenizer as JSON.
#include "TokenizerData.h"
#include "Utf8.h"
#include "heddle/data/error.h"
#include "heddle/data/files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heddle::data {

using nlohmann::json;

// Enumerators as their names; get<> takes the first for any other value, which is checked below.
NLOHMANN_JSON_SERIALIZE_ENUM(Pieces, {{Pieces::word, "word"},
                                      {Pieces::character, "character"},
                                      {Pieces::bpe, "bpe"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Normalization, {{Normalization::none, "none"},
                                             {Normalization::nfc, "nfc"},
                                             {Normalization::nfkc, "nfkc"}})

namespace {

constexpr const char *kFormat = "heddle tokenizer";
constexpr int kVersion = 1;

template <class T> T nameOf(const json &file, const char *key) {
  const T value = file.at(key).get<T>();
  if (json(value) != file.at(key))
    throw Error(
        fmt::format("{} is {}, which this version does not know", key, file.at(key).dump()));
  return value;
}

json toJson(const Cleaning &cleaning) {
  return {{"normalization", cleaning.normalization},
          {"lower_case", cleaning.lower_case},
          {"strip_punctuation", cleaning.strip_punctuation},
          {"collapse_whitespace", cleaning.collapse_whitespace}};
}

Cleaning cleaningOf(const json &file) {
  return {nameOf<Normalization>(file, "normalization"), file.at("lower_case").get<bool>(),
          file.at("strip_punctuation").get<bool>(), file.at("collapse_whitespace").get<bool>()};
}

} // namespace

void Tokenizer::save(const std::filesystem::path &path) const {
  json file = {{"format", kFormat},
               {"version", kVersion},
               {"pieces", data_->pieces},
               {"size", size()},
               {"cleaning", toJson(data_->cleaning)}};
  data_->scheme->save(file);
  write_file(path, file.dump(1) + "\n");
}

Tokenizer Tokenizer::load(const std::filesystem::path &path) {
  const std::string content = read_file(path);
  const json file = json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (!file.is_object() || file.value("format", json()) != kFormat)
    throw Error(fmt::format("{} is no tokenizer, or was cut short; give a file that "
                            "Tokenizer::save or heddle tokenize train wrote",
                            path.string()));
  try {
    if (file.at("version") != kVersion)
      throw Error(fmt::format("it has version {}, and this program reads {}",
                              file.at("version").dump(), kVersion));
    const auto pieces = nameOf<Pieces>(file, "pieces");
    auto data = std::make_shared<Data>(
        Data{pieces, cleaningOf(file.at("cleaning")),
             pieces == Pieces::bpe ? loadBpe(file) : loadList(pieces, file)});
    if (file.at("size") != data->scheme->size())
      throw Error(fmt::format("it says that it has {} pieces, and has {}", file.at("size").dump(),
                              data->scheme->size()));
    return Tokenizer(std::move(data));
  } catch (const std::exception &error) { // of nlohmann too
    throw Error(fmt::format("{} is damaged: {}; train and save the tokenizer again", path.string(),
                            error.what()));
  }
}

} // namespace heddle::data
