// Reading CSV, with libcsv.
#include "Utf8.h"
#include "heddle/data/csv.h"
#include "heddle/data/error.h"
#include "heddle/data/files.h"

#include <csv.h>
#include <fmt/format.h>

#include <new>

namespace heddle::data {

class CsvReader {
public:
  CsvReader(const std::string &name, const CsvOptions &options) : name(name), options(options) {
    if (options.separator == '"' || options.separator == '\n' || options.separator == '\r')
      throw Error(fmt::format("{}: quotes and line ends cannot separate fields; choose another "
                              "separator",
                              name));
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
      throw std::bad_alloc();
    csv_set_delim(&parser, static_cast<unsigned char>(options.separator));
    // By default libcsv strips spaces and tabs from fields.
    csv_set_space_func(&parser, [](unsigned char) { return 0; });
    table.file_ = name;
  }
  ~CsvReader() { csv_free(&parser); }
  CsvReader(const CsvReader &) = delete;
  CsvReader &operator=(const CsvReader &) = delete;

  Table read(std::string_view text) {
    // A line at a time, so that it is known where a row begins.
    for (text = withoutMark(text); !text.empty();) {
      const std::string_view line = firstLine(text);
      text.remove_prefix(line.size());
      ++lineNumber;
      if (!inRow)
        rowLine = lineNumber;
      feed(line);
    }
    if (csv_fini(&parser, &onField, &onRow, this) != 0)
      failParse("opens a quote that is never closed; close it, or write \"\" for a quote inside "
                "quotes");
    finishRow();
    if (!hasColumns)
      throw Error(
          fmt::format("{} is empty; expected {}", name,
                      options.header ? "a line with the names of the columns, and rows" : "rows"));
    return std::move(table);
  }

private:
  static std::string_view firstLine(std::string_view text) {
    const std::size_t end = text.find_first_of("\r\n");
    if (end == std::string_view::npos)
      return text;
    return text.substr(0, end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
  }

  // Called from C: nothing may be thrown through it.
  static void onField(void *bytes, std::size_t size, void *reader) noexcept {
    static_cast<CsvReader *>(reader)->fields.emplace_back(static_cast<const char *>(bytes), size);
  }
  static void onRow(int, void *reader) noexcept {
    static_cast<CsvReader *>(reader)->rowEnded = true;
  }

  void feed(std::string_view line) {
    if (csv_parse(&parser, line.data(), line.size(), &onField, &onRow, this) != line.size()) {
      if (csv_error(&parser) != CSV_EPARSE)
        throw std::bad_alloc();
      failParse("has a misplaced quote; a field that holds quotes is written in quotes, and each "
                "quote inside twice: \"a \"\"quoted\"\" word\"");
    }
    const bool blank = line.find_first_not_of("\r\n") == std::string_view::npos;
    inRow = !rowEnded && (inRow || !blank);
    finishRow();
  }

  void finishRow() {
    if (!rowEnded)
      return;
    rowEnded = false;
    if (hasColumns && fields.size() != table.columns_.size())
      throw Error(fmt::format("{}: expected {} fields, as in {}, got {}; a field that holds the "
                              "separator '{}' is written in quotes",
                              place(), table.columns_.size(),
                              options.header ? "the header" : "row 1", fields.size(),
                              options.separator));
    for (std::size_t i = 0; i < fields.size(); ++i)
      checkUtf8(fields[i], fmt::format("{}, field {}", place(), i + 1));
    addRow();
    fields.clear();
  }

  void addRow() {
    if (!hasColumns) {
      hasColumns = true;
      if (options.header) {
        table.columns_ = std::move(fields);
        return;
      }
      for (std::size_t i = 0; i < fields.size(); ++i)
        table.columns_.push_back(std::to_string(i));
    }
    table.cells_.push_back(std::move(fields));
    table.lines_.push_back(rowLine);
  }

  std::string place() const {
    return options.header && !hasColumns
               ? fmt::format("{}:{}: the header", name, rowLine)
               : fmt::format("{}:{}: row {}", name, rowLine, table.rows() + 1);
  }
  [[noreturn]] void failParse(std::string_view what) const {
    throw Error(fmt::format("{}, field {} {}", place(), fields.size() + 1, what));
  }

  const std::string &name;
  const CsvOptions &options;
  csv_parser parser = {};
  Table table;
  std::vector<std::string> fields; // of the row that is being read
  std::size_t lineNumber = 0, rowLine = 1;
  bool inRow = false, rowEnded = false, hasColumns = false;
};

Table parse_csv(std::string_view text, const std::string &name, const CsvOptions &options) {
  return CsvReader(name, options).read(text);
}

Table read_csv(const std::filesystem::path &path, const CsvOptions &options) {
  return parse_csv(read_file(path), path.string(), options);
}

} // namespace heddle::data
