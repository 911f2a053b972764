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

/// Looks for the file where its name says and, as a compiler may have named it from another folder,
/// for the ends of that path under `folder`. Never throws: it may be nowhere here.
SourceExcerpt read_excerpt(const std::string &file, const std::string &folder,
                           const std::set<unsigned> &wanted);

} // namespace heddle::page
