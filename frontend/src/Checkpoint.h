// What a safetensors file holds, by name.
#pragma once

#include <optional>
#include <set>
#include <string>

namespace heddle {

/// Names of the tensors in a file; nothing if it cannot be read as safetensors (loading it will say why).
std::optional<std::set<std::string>> tensorNames(const std::string &path);

} // namespace heddle
