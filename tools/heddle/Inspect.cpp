// heddle inspect: what a file holds, as a table.
#include "Commands.h"
#include "Describe.h"

#include "runtime/DType.h"
#include "runtime/Error.h"
#include "runtime/Safetensors.h"

#include <heddle/model.h>

#include <fmt/format.h>

#include <dlfcn.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace heddle::cli {
namespace {

namespace fs = std::filesystem;

void print(const std::string &manifest) { fmt::print("{}", describe_manifest(manifest)); }

std::string read_text(const std::string &file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream)
    throw Error(fmt::format("cannot read '{}'", file));
  return text;
}

std::string manifest_of_library(const fs::path &file) {
  const std::string stem = file.stem().string();
  if (stem.rfind("lib", 0) != 0)
    throw Error(
        fmt::format("'{}' is not named lib<model>.so, as a compiled model is", file.string()));
  // A name without a slash would be looked for in the system's folders.
  void *library = dlopen(fs::absolute(file).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    throw Error(fmt::format("'{}' cannot be loaded: {}", file.string(), dlerror()));
  const std::string symbol = stem.substr(3) + "_manifest";
  auto *manifest = reinterpret_cast<const char *(*)()>(dlsym(library, symbol.c_str()));
  if (!manifest)
    throw Error(fmt::format("'{}' has no function {}(), so it is no library that Heddle made",
                            file.string(), symbol));
  return manifest();
}

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
  if (extension == ".mlir")
    // The description of the compiled model, not its speed, is asked for.
    return print(compile(Model::read_mlir(file), {.opt_level = 0}).manifest());
  if (extension == ".json")
    return print(read_text(file));
  if (extension == ".so")
    return print(manifest_of_library(file));
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
