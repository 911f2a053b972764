// Reads JSON that may be hostile: every step checks the kind, and every error names the path
// ("functions[0].name").
#pragma once

#include "heddle/runtime.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heddle::runtime {

// Names the document at the start of each message: "manifest", "weights.safetensors".
// Nesting beyond `maxDepth` and a key given twice in one object are errors.
nlohmann::json parseJson(std::string_view text, const std::string &document, int maxDepth);

// A value and where it is. Lives no longer than the document it points into.
class JsonNode {
public:
  JsonNode(const nlohmann::json &root, std::string document)
      : value(&root), document(std::move(document)) {}

  JsonNode field(const char *key) const;
  std::optional<JsonNode> find(const char *key) const;
  std::vector<JsonNode> items() const;
  std::vector<std::pair<std::string, JsonNode>> members() const;

  std::string string() const;
  int64_t integer(int64_t minimum, int64_t maximum = INT64_MAX) const;
  double number() const;
  bool boolean() const;

  // HD_FORMAT_ERROR: "manifest: functions[0].name: <problem>".
  [[noreturn]] void fail(std::string_view problem) const;
  const std::string &where() const { return path; }

private:
  JsonNode(const nlohmann::json &value, const JsonNode &parent, std::string_view step);
  [[noreturn]] void failKind(const char *expected) const;

  const nlohmann::json *value;
  std::string document;
  std::string path;
};

} // namespace heddle::runtime
