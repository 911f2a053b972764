#include "Failures.h"
#include "LogText.h"

#include <heddle/data/files.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <set>

namespace heddle::training {
namespace {

using json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> kOwnNames{"step", "seconds", "phase"};
constexpr std::size_t kShown = 100; // characters of a bad line

json toJson(double value) {
  if (std::isnan(value))
    return "NaN";
  if (std::isinf(value))
    return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

std::optional<double> toNumber(const json &value) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (value.is_number())
    return value.get<double>();
  if (value == "NaN")
    return std::numeric_limits<double>::quiet_NaN();
  if (value == "Infinity")
    return infinity;
  if (value == "-Infinity")
    return -infinity;
  return std::nullopt;
}

std::string shown(const json &value) {
  const std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  return text.size() <= kShown ? text : text.substr(0, kShown) + "...";
}

// A member with its right kind, or what is wrong.
LogEntry toEntry(const json &object) {
  LogEntry entry;
  for (const auto &[name, value] : object.items()) {
    if (name == "step") {
      if (!value.is_number_integer() || value < 0 ||
          value > std::numeric_limits<std::int64_t>::max())
        fail("expected a whole number of steps, got \"step\": {}", shown(value));
      entry.step = value.get<std::int64_t>();
    } else if (name == "seconds") {
      if (!value.is_number() || value < 0)
        fail("expected a number of seconds, got \"seconds\": {}", shown(value));
      entry.seconds = value.get<double>();
    } else if (name == "phase") {
      if (!value.is_string())
        fail("expected a text, got \"phase\": {}", shown(value));
      entry.phase = value.get<std::string>();
    } else if (const std::optional<double> number = toNumber(value)) {
      entry.metrics.push_back({name, *number});
    } else {
      fail("expected a number, \"NaN\", \"Infinity\" or \"-Infinity\", got \"{}\": {}", name,
           shown(value));
    }
  }
  for (const std::string_view name : kOwnNames)
    if (!object.contains(name))
      fail("expected a \"{}\" in every line", name);
  return entry;
}

LogEntry parseLine(std::string_view line) {
  const json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object())
    fail("expected a JSON object, got '{}'{}", shown(line.substr(0, kShown)),
         line.size() > kShown ? " ..." : "");
  return toEntry(object);
}

} // namespace

std::optional<double> LogEntry::find(std::string_view metric) const {
  for (const Metric &m : metrics)
    if (m.name == metric)
      return m.value;
  return std::nullopt;
}

std::string formatLine(const LogEntry &entry) {
  if (entry.phase.empty() || entry.phase.find('/') != std::string::npos)
    fail("a phase is named by a word without '/', as \"train\" or \"validation\"; got '{}'",
         entry.phase);
  // Milliseconds: more would only make the lines longer.
  json object{{"step", entry.step},
              {"seconds", std::round(entry.seconds * 1000) / 1000},
              {"phase", entry.phase}};
  for (const Metric &metric : entry.metrics) {
    if (metric.name.empty())
      fail("a metric of phase '{}' has no name", entry.phase);
    if (object.contains(metric.name))
      fail("a line of the log already has a '{}'; give the metric of phase '{}' another name",
           metric.name, entry.phase);
    object[metric.name] = toJson(metric.value);
  }
  try {
    return object.dump() + '\n';
  } catch (const json::exception &) {
    fail("a metric's name, or its phase, '{}', is not UTF-8", shown(entry.phase));
  }
}

std::optional<LogEntry> LogReader::next() {
  const std::size_t end = rest_.find('\n');
  if (end == std::string_view::npos)
    return std::nullopt;
  LogEntry entry;
  try {
    entry = parseLine(rest_.substr(0, end));
    if (entry.step < step_)
      fail("step {} comes after step {}; are these the logs of two runs?", entry.step, step_);
  } catch (const Error &error) {
    fail("{}:{}: no line of a training log: {}", file_, lines_ + 1, error.message());
  }
  step_ = entry.step;
  ++lines_;
  bytes_ += end + 1;
  rest_.remove_prefix(end + 1);
  return entry;
}

std::optional<LogEntry> LogReader::nextIfWhole() {
  try {
    return next();
  } catch (const Error &) {
    return std::nullopt;
  }
}

std::vector<LogEntry> read_log(const std::filesystem::path &path) {
  std::error_code ignored;
  const auto file = std::filesystem::is_directory(path, ignored) ? path / "log.jsonl" : path;
  const std::string text = withoutPlace([&] { return data::read_file(file); });
  LogReader reader(text, file.string());
  std::vector<LogEntry> entries;
  while (std::optional<LogEntry> entry = reader.next())
    entries.push_back(std::move(*entry));
  return entries;
}

} // namespace heddle::training
