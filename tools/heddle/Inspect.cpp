// heddle inspect: what a file holds, as a table.
#include "Describe.h"
#include "ManifestFile.h"

#include "runtime/DType.h"
#include "runtime/Error.h"
#include "runtime/Safetensors.h"

#include <fmt/format.h>

#include <filesystem>

namespace heddle::cli {
namespace {

namespace fs = std::filesystem;

void print_safetensors(const std::string &file) {
  const runtime::SafetensorsFile tensors(file.c_str());
  std::size_t bytes = 0;
  for (const runtime::SafetensorsEntry &entry : tensors.entries())
    bytes += entry.bytes;
  for (const auto &[name, text] : tensors.metadata())
    fmt::print("{}: {}\n", name, text);
  fmt::print("{} tensors, {}\n", tensors.entries().size(), bytes_text(bytes));
  for (const runtime::SafetensorsEntry &entry : tensors.entries())
    fmt::print("  {} {} {}\n", entry.name, hd_dtype_name(entry.dtype),
               runtime::formatShape(entry.shape));
}

void inspect_known(const std::string &file) {
  const std::string extension = fs::path(file).extension().string();
  if (extension == ".mlir" || extension == ".json" || extension == ".so")
    return fmt::print("{}", describe_manifest(manifest_of(file)));
  if (extension == ".safetensors")
    return print_safetensors(file);
  throw Error(fmt::format(
      "'{}' is of no kind that can be inspected: .mlir, .json (a manifest), .so, .safetensors",
      file));
}

} // namespace

void inspect(const std::string &file) {
  try {
    if (std::error_code error; !fs::exists(file, error))
      throw Error(fmt::format("there is no file '{}'", file));
    inspect_known(file);
  } catch (const runtime::Failure &failure) {
    throw Error(failure.message);
  }
}

} // namespace heddle::cli
