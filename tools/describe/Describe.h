// What a manifest says of a compiled model, as text for people.
#pragma once

#include <string>

namespace heddle {

/// Functions with their inputs and outputs, tensors, memory, and the processor that it was compiled
/// for. Throws runtime::Failure for a text that is no manifest.
std::string describe_manifest(const std::string &manifest);

/// "1.20 MB"
std::string bytes_text(std::size_t bytes);

} // namespace heddle
