#include "SourceText.h"

#include <filesystem>
#include <fstream>

namespace heddle::page {
namespace {
constexpr unsigned kAround = 4;          // lines before and after one that is wanted
constexpr std::size_t kLongestLine = 400; // bytes of it that are quoted
} // namespace

SourceExcerpt read_excerpt(const std::string &file, const std::set<unsigned> &wanted) {
  SourceExcerpt excerpt;
  std::error_code error;
  std::ifstream stream;
  if (std::filesystem::is_regular_file(file, error)) // no pipe or device, which might never end
    stream.open(file);
  if (!stream.is_open()) {
    excerpt.missing = "this file cannot be read where the page was made";
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
