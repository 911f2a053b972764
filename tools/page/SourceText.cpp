#include "SourceText.h"

#include <filesystem>
#include <fstream>

namespace heddle::page {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kAround = 4;           // lines before and after one that is wanted
constexpr std::size_t kLongestLine = 400; // bytes of it that are quoted

// Empty if there is none. A pipe or a device might never end.
fs::path find_source(const std::string &file, const std::string &folder) {
  std::error_code error;
  if (fs::is_regular_file(file, error))
    return file;
  fs::path end = fs::path(file).relative_path();
  while (!end.empty()) {
    if (*end.begin() != ".." && fs::is_regular_file(folder / end, error))
      return folder / end;
    fs::path shorter;
    for (auto part = std::next(end.begin()); part != end.end(); ++part)
      shorter /= *part;
    end = shorter;
  }
  return {};
}

} // namespace

SourceExcerpt read_excerpt(const std::string &file, const std::string &folder,
                           const std::set<unsigned> &wanted) {
  SourceExcerpt excerpt;
  std::ifstream stream;
  if (const fs::path found = find_source(file, folder); !found.empty())
    stream.open(found);
  if (!stream.is_open()) {
    excerpt.missing = "this file was not found when the page was made; --sources FOLDER says where "
                      "to look";
    return excerpt;
  }
  std::string text;
  for (unsigned number = 1; std::getline(stream, text); ++number) {
    const auto next = wanted.lower_bound(number > kAround ? number - kAround : 0);
    if (next == wanted.end())
      break;
    if (*next <= number + kAround)
      excerpt.lines[number] = text.substr(0, kLongestLine);
  }
  if (excerpt.lines.empty())
    excerpt.missing = "this file has no such lines; it may have changed since";
  return excerpt;
}

} // namespace heddle::page
