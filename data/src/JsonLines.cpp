#include "heddle/data/json_lines.h"

#include "Lines.h"
#include "Utf8.h"
#include "heddle/data/error.h"
#include "heddle/data/files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heddle::data {

using nlohmann::json;

namespace {

json parseLine(std::string_view line, const std::string &place) {
  try {
    return json::parse(line);
  } catch (const json::exception &error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 9: syntax error ...": the
    // line is not the file's.
    std::string_view what = error.what();
    what.remove_prefix(what.find("] ") + 2);
    if (const std::size_t column = what.find("column "); column != std::string_view::npos)
      what.remove_prefix(column);
    throw Error(fmt::format("{} is not JSON; expected a whole object on each line ({})", place,
                            shortened(what, 200)));
  }
}

} // namespace

struct JsonLines::Data {
  std::string file;
  std::vector<json> rows;
  std::vector<std::size_t> lines;

  std::string place(std::size_t row) const {
    return fmt::format("{}:{}: row {}", file, lines[row], row + 1);
  }

  // A member of that name, or what the JSON pointer leads to.
  const json &find(std::size_t row, std::string_view field) const {
    if (row >= rows.size())
      throw Error(fmt::format("{} has {} rows, and row {} of them, from 0, was asked for", file,
                              rows.size(), row));
    const json *value = &rows[row];
    try {
      return field.starts_with('/') ? value->at(json::json_pointer(std::string(field)))
                                    : value->at(std::string(field));
    } catch (const json::exception &) {
      std::string names;
      for (const auto &[name, member] : value->items())
        names += fmt::format("{}'{}'", names.empty() ? "" : ", ", name);
      throw Error(fmt::format("{} has no field '{}'; it has {}", place(row), field,
                              names.empty() ? "none" : names));
    }
  }

  [[noreturn]] void fail(std::size_t row, std::string_view field, std::string_view expected,
                         const json &value) const {
    throw Error(fmt::format("{}, field '{}': expected {}, got {}", place(row), field, expected,
                            inQuotes(value.dump())));
  }

  template <class T>
  std::vector<T> all(T (JsonLines::*get)(std::size_t, std::string_view) const,
                     const JsonLines &lines, std::string_view field) const {
    std::vector<T> values;
    values.reserve(rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row)
      values.push_back((lines.*get)(row, field));
    return values;
  }
};

std::size_t JsonLines::rows() const { return data_->rows.size(); }

std::string JsonLines::text(std::size_t row, std::string_view field) const {
  const json &value = data_->find(row, field);
  if (!value.is_string())
    data_->fail(row, field, "a text", value);
  return value.get<std::string>();
}

std::int64_t JsonLines::integer(std::size_t row, std::string_view field) const {
  const json &value = data_->find(row, field);
  const bool tooLarge = value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX;
  if (!value.is_number_integer() || tooLarge)
    data_->fail(row, field, "a whole number", value);
  return value.get<std::int64_t>();
}

double JsonLines::number(std::size_t row, std::string_view field) const {
  const json &value = data_->find(row, field);
  if (!value.is_number())
    data_->fail(row, field, "a number", value);
  return value.get<double>();
}

bool JsonLines::boolean(std::size_t row, std::string_view field) const {
  const json &value = data_->find(row, field);
  if (!value.is_boolean())
    data_->fail(row, field, "true or false", value);
  return value.get<bool>();
}

std::vector<std::string> JsonLines::texts(std::string_view field) const {
  return data_->all(&JsonLines::text, *this, field);
}
std::vector<std::int64_t> JsonLines::integers(std::string_view field) const {
  return data_->all(&JsonLines::integer, *this, field);
}
std::vector<double> JsonLines::numbers(std::string_view field) const {
  return data_->all(&JsonLines::number, *this, field);
}

JsonLines parse_json_lines(std::string_view text, const std::string &name) {
  auto data = std::make_shared<JsonLines::Data>();
  data->file = name;
  std::size_t number = 0;
  for (std::string_view rest = withoutMark(text); !rest.empty();) {
    const std::string_view line = takeLine(rest);
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos)
      continue;
    data->lines.push_back(number);
    const std::string place = data->place(data->rows.size());
    checkUtf8(line, place);
    json row = parseLine(line, place);
    if (!row.is_object())
      throw Error(fmt::format("{}: expected an object, {{\"name\": value, ...}}, got {}", place,
                              inQuotes(line)));
    data->rows.push_back(std::move(row));
  }
  JsonLines lines;
  lines.data_ = std::move(data);
  return lines;
}

JsonLines read_json_lines(const std::filesystem::path &path) {
  return parse_json_lines(read_file(path), path.string());
}

} // namespace heddle::data
