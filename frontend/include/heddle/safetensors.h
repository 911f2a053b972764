// Named arrays in files of the safetensors format (https://github.com/huggingface/safetensors).
#pragma once

#include <heddle/host_array.h>

#include <map>
#include <set>
#include <source_location>
#include <string>

namespace heddle {

using NamedArrays = std::map<std::string, HostArray>;
/// Texts by name that a file has beside its tensors: the format's __metadata__.
using Metadata = std::map<std::string, std::string>;

/// All tensors of a file. Throws Error, naming the file and the tensor, if it is missing, cut short
/// or not of this format; every length and offset is checked.
NamedArrays read_safetensors(const std::string &path,
                             std::source_location where = std::source_location::current());

/// Only the names.
std::set<std::string>
safetensors_names(const std::string &path,
                  std::source_location where = std::source_location::current());

/// Only the metadata.
Metadata safetensors_metadata(const std::string &path,
                              std::source_location where = std::source_location::current());

/// Writes a file that is whole or untouched. Throws Error if it cannot.
void write_safetensors(const std::string &path, const NamedArrays &arrays,
                       std::source_location where = std::source_location::current());

} // namespace heddle
