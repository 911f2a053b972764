// The manifest in a file.
#pragma once

#include "Commands.h"

namespace heddle::cli {

/// The manifest of a .mlir (by compiling it), a .json or a .so, as JSON. Throws Error if there is
/// none.
std::string manifest_of(const std::string &file);

} // namespace heddle::cli
