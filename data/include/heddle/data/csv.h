// Tables in CSV files (RFC 4180).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::data {

/// A column by its name in the header or by its index from 0. Made implicitly.
class Column {
public:
  Column(const char *name) : name_(name) {}
  Column(std::string name) : name_(std::move(name)) {}
  template <std::integral I>
  Column(I index) : index_(static_cast<std::int64_t>(index)), by_index_(true) {}

private:
  friend class Table;
  std::string name_;
  std::int64_t index_ = 0;
  bool by_index_ = false;
};

/// Rows of text cells, all with the same columns. Rows count from 0 here, and from 1, without the
/// header, in messages.
class Table {
public:
  std::size_t rows() const { return cells_.size(); }
  /// The header; "0", "1", ... in a file without one.
  const std::vector<std::string> &columns() const { return columns_; }

  // One cell. Throws Error, naming file, line, row and column, if there is no such row or column,
  // or if the text is no such number.

  const std::string &text(std::size_t row, const Column &column) const;
  std::int64_t integer(std::size_t row, const Column &column) const;
  /// A finite number: "3", "-0.5", "1e-3".
  double number(std::size_t row, const Column &column) const;

  // A whole column, in the order of the rows; throws as above.

  std::vector<std::string> texts(const Column &column) const;
  std::vector<std::int64_t> integers(const Column &column) const;
  std::vector<double> numbers(const Column &column) const;

private:
  friend class CsvReader;
  std::size_t find(const Column &column) const;
  const std::string &cell(std::size_t row, std::size_t column) const;
  template <class T> T parse(std::size_t row, std::size_t column, const char *expected) const;
  template <class T> std::vector<T> parse_all(const Column &column, const char *expected) const;

  std::string file_;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> cells_;
  std::vector<std::size_t> lines_; ///< of each row, where it begins; from 1
};

struct CsvOptions {
  char separator = ',';
  bool header = true; ///< whether the first row names the columns
};

/// Reads a table. A field in quotes may hold separators, line ends and doubled quotes; nothing else
/// is taken from a field, spaces included. Lines end in LF, CRLF or CR; empty ones between rows are
/// skipped; a byte order mark is dropped.
///
/// Throws Error, naming file, line and row, if the file cannot be read or is empty, if a row has
/// more or fewer fields than the first one, if a quote is misplaced or never closed, or if a row is
/// not UTF-8.
Table read_csv(const std::filesystem::path &path, const CsvOptions &options = {});
/// The same of text that is in memory; `name` stands for the file in messages.
Table parse_csv(std::string_view text, const std::string &name, const CsvOptions &options = {});

} // namespace heddle::data
