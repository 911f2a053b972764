#include "ManifestFile.h"

#include <heddle/model.h>

#include <fmt/format.h>

#include <dlfcn.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace heddle::cli {
namespace {

namespace fs = std::filesystem;

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

} // namespace

std::string manifest_of(const std::string &file) {
  const std::string extension = fs::path(file).extension().string();
  if (extension == ".mlir")
    // The description of the compiled model, not its speed, is asked for.
    return compile(Model::read_mlir(file), {.opt_level = 0}).manifest();
  return extension == ".so" ? manifest_of_library(file) : read_text(file);
}

} // namespace heddle::cli
