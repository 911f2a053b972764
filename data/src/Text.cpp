#include "heddle/data/text.h"

#include "Lines.h"
#include "Utf8.h"
#include "heddle/data/files.h"

#include <fmt/format.h>

namespace heddle::data {

std::string read_text(const std::filesystem::path &path) {
  const std::string content = read_file(path);
  const std::string_view text = withoutMark(content);
  checkUtf8(text, path.string());
  return std::string(text);
}

std::vector<std::string> read_lines(const std::filesystem::path &path) {
  const std::string content = read_file(path);
  std::vector<std::string> lines;
  for (std::string_view rest = withoutMark(content); !rest.empty();) {
    std::string_view line = takeLine(rest);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    checkUtf8(line, fmt::format("{}:{}: the line", path.string(), lines.size() + 1));
    lines.emplace_back(line);
  }
  return lines;
}

} // namespace heddle::data
