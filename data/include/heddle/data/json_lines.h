// JSON lines: a file with a JSON object on each line (https://jsonlines.org).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::data {

/// The objects of a file. A field is a member's name, or, with a slash first, a JSON pointer (RFC
/// 6901) to a value deeper down: "/author/name". Rows count from 0 here, and from 1 in messages.
///
/// Values keep their JSON type: the text "5" is not the number 5. All functions throw Error, naming
/// file, line, row and field, if there is no such row or field, or if it holds something else.
class JsonLines {
public:
  std::size_t rows() const;

  std::string text(std::size_t row, std::string_view field) const;
  std::int64_t integer(std::size_t row, std::string_view field) const;
  double number(std::size_t row, std::string_view field) const;
  bool boolean(std::size_t row, std::string_view field) const;

  std::vector<std::string> texts(std::string_view field) const;
  std::vector<std::int64_t> integers(std::string_view field) const;
  std::vector<double> numbers(std::string_view field) const;

private:
  friend JsonLines parse_json_lines(std::string_view text, const std::string &name);
  struct Data;
  std::shared_ptr<const Data> data_;
};

/// Reads a file; empty lines are skipped and a byte order mark is dropped. Throws Error, naming
/// file and line, if the file cannot be read, or if a line is not UTF-8, not JSON or not an object.
JsonLines read_json_lines(const std::filesystem::path &path);
/// The same of text that is in memory; `name` stands for the file in messages.
JsonLines parse_json_lines(std::string_view text, const std::string &name);

} // namespace heddle::data
