// The lines of the user's source that a page quotes.
#pragma once

#include <map>
#include <set>
#include <string>

namespace heddle::page {

struct SourceExcerpt {
  std::map<unsigned, std::string> lines; ///< those wanted, with some around
  std::string missing;                   ///< why there is none; empty if there is
};

/// Never throws: a source may be elsewhere than where the model was traced.
SourceExcerpt read_excerpt(const std::string &file, const std::set<unsigned> &wanted);

} // namespace heddle::page
