// Places for boxes and arrows, by Graphviz's program `dot`.
#pragma once

#include "Views.h"

namespace heddle::page {

/// Throws Error if `dot` cannot be run.
void lay_out(const std::vector<View *> &views);

} // namespace heddle::page
