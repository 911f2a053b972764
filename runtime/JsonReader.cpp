#include "JsonReader.h"

#include "Error.h"

#include <nlohmann/json.hpp>

#include <set>

namespace heddle::runtime {

using nlohmann::json;

json parseJson(std::string_view text, const std::string &document, int maxDepth) {
  // The DOM keeps the last of two equal keys in silence, so keys are watched as they are read.
  std::vector<std::set<std::string>> open;
  auto watch = [&](int depth, json::parse_event_t event, json &parsed) {
    if (depth > maxDepth)
      fail(HD_FORMAT_ERROR, "{}: JSON is nested deeper than {} levels", document, maxDepth);
    if (event == json::parse_event_t::object_start) {
      open.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      open.pop_back();
    } else if (event == json::parse_event_t::key) {
      auto key = parsed.get<std::string>();
      if (!open.back().insert(key).second)
        fail(HD_FORMAT_ERROR, "{}: the key '{}' is given twice in one object", document, key);
    }
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), watch);
  } catch (const json::exception &error) {
    fail(HD_FORMAT_ERROR, "{}: not valid JSON: {}", document, error.what());
  }
}

JsonNode::JsonNode(const json &value, const JsonNode &parent, std::string_view step)
    : value(&value), document(parent.document), path(parent.path) {
  if (!path.empty() && step.front() != '[')
    path += '.';
  path += step;
}

void JsonNode::fail(std::string_view problem) const {
  runtime::fail(HD_FORMAT_ERROR, "{}: {}{}{}", document, path, path.empty() ? "" : ": ", problem);
}

void JsonNode::failKind(const char *expected) const {
  fail(fmt::format("expected {}, got {}", expected,
                   value->is_structured()
                       ? std::string(value->type_name())
                       : value->dump(-1, ' ', false, json::error_handler_t::replace)));
}

std::optional<JsonNode> JsonNode::find(const char *key) const {
  if (!value->is_object())
    failKind("an object");
  auto found = value->find(key);
  if (found == value->end())
    return std::nullopt;
  return JsonNode(*found, *this, key);
}

JsonNode JsonNode::field(const char *key) const {
  auto found = find(key);
  if (!found)
    fail(fmt::format("expected a key '{}', found none", key));
  return *found;
}

std::vector<JsonNode> JsonNode::items() const {
  if (!value->is_array())
    failKind("an array");
  std::vector<JsonNode> result;
  result.reserve(value->size());
  for (size_t i = 0; i < value->size(); ++i)
    result.push_back(JsonNode((*value)[i], *this, fmt::format("[{}]", i)));
  return result;
}

std::vector<std::pair<std::string, JsonNode>> JsonNode::members() const {
  if (!value->is_object())
    failKind("an object");
  std::vector<std::pair<std::string, JsonNode>> result;
  result.reserve(value->size());
  for (auto it = value->begin(); it != value->end(); ++it)
    result.emplace_back(it.key(), JsonNode(it.value(), *this, it.key().empty() ? "''" : it.key()));
  return result;
}

std::string JsonNode::string() const {
  if (!value->is_string())
    failKind("a string");
  auto text = value->get<std::string>();
  // Names become C strings at the ABI, where a NUL would cut them short.
  if (text.find('\0') != std::string::npos)
    fail("a string must not contain a NUL character");
  return text;
}

int64_t JsonNode::integer(int64_t minimum, int64_t maximum) const {
  if (!value->is_number_integer() ||
      (value->is_number_unsigned() && value->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX)))
    failKind("an integer");
  const auto number = value->get<int64_t>();
  if (number < minimum || number > maximum)
    fail(maximum == INT64_MAX
             ? fmt::format("expected an integer of at least {}, got {}", minimum, number)
             : fmt::format("expected an integer from {} to {}, got {}", minimum, maximum, number));
  return number;
}

double JsonNode::number() const {
  if (!value->is_number())
    failKind("a number");
  return value->get<double>();
}

bool JsonNode::boolean() const {
  if (!value->is_boolean())
    failKind("true or false");
  return value->get<bool>();
}

} // namespace heddle::runtime
