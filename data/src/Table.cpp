#include "Utf8.h"
#include "heddle/data/csv.h"
#include "heddle/data/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace heddle::data {
namespace {

// Tables are often written with a space after the comma.
std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

} // namespace

std::size_t Table::find(const Column &column) const {
  if (column.by_index_) {
    if (column.index_ < 0 || column.index_ >= static_cast<std::int64_t>(columns_.size()))
      throw Error(fmt::format("{} has no column {}; it has {}, from 0", file_, column.index_,
                              columns_.size()));
    return static_cast<std::size_t>(column.index_);
  }
  const auto found = std::ranges::find(columns_, column.name_);
  if (found == columns_.end())
    throw Error(fmt::format("{} has no column '{}'; it has '{}'", file_, column.name_,
                            fmt::join(columns_, "', '")));
  if (std::find(found + 1, columns_.end(), column.name_) != columns_.end())
    throw Error(
        fmt::format("{} has two columns '{}'; choose one by its index", file_, column.name_));
  return static_cast<std::size_t>(found - columns_.begin());
}

const std::string &Table::cell(std::size_t row, std::size_t column) const {
  if (row >= rows())
    throw Error(fmt::format("{} has {} rows, and row {} of them, from 0, was asked for", file_,
                            rows(), row));
  return cells_[row][column];
}

template <class T> T Table::parse(std::size_t row, std::size_t column, const char *expected) const {
  const std::string &whole = cell(row, column);
  const std::string_view text = trimmed(whole);
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool good = code == std::errc() && end == text.data() + text.size();
  if constexpr (std::is_floating_point_v<T>)
    good = good && std::isfinite(value);
  if (!good)
    throw Error(fmt::format("{}:{}: row {}, column '{}': expected {}, got {}; correct the file, or "
                            "read the column as text",
                            file_, lines_[row], row + 1, columns_[column], expected,
                            whole.empty() ? "nothing" : inQuotes(whole)));
  return value;
}

template <class T>
std::vector<T> Table::parse_all(const Column &column, const char *expected) const {
  const std::size_t index = find(column);
  std::vector<T> values;
  values.reserve(rows());
  for (std::size_t row = 0; row < rows(); ++row)
    values.push_back(parse<T>(row, index, expected));
  return values;
}

constexpr const char *kInteger = "a whole number";
constexpr const char *kNumber = "a finite number";

const std::string &Table::text(std::size_t row, const Column &column) const {
  return cell(row, find(column));
}
std::int64_t Table::integer(std::size_t row, const Column &column) const {
  return parse<std::int64_t>(row, find(column), kInteger);
}
double Table::number(std::size_t row, const Column &column) const {
  return parse<double>(row, find(column), kNumber);
}

std::vector<std::string> Table::texts(const Column &column) const {
  const std::size_t index = find(column);
  std::vector<std::string> texts;
  texts.reserve(rows());
  for (const auto &row : cells_)
    texts.push_back(row[index]);
  return texts;
}
std::vector<std::int64_t> Table::integers(const Column &column) const {
  return parse_all<std::int64_t>(column, kInteger);
}
std::vector<double> Table::numbers(const Column &column) const {
  return parse_all<double>(column, kNumber);
}

} // namespace heddle::data
