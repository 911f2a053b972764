// heddle inspect: what a file holds, as a table.
#include "Commands.h"

#include "runtime/DType.h"
#include "runtime/Error.h"
#include "runtime/Manifest.h"
#include "runtime/Safetensors.h"

#include <heddle/model.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace heddle::cli {
namespace {

namespace fs = std::filesystem;

std::string megabytes(std::size_t bytes) {
  return fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6);
}

std::string describe(const runtime::TensorSpec &spec) {
  return fmt::format("{} {} {}", spec.name, hd_dtype_name(spec.dtype),
                     runtime::formatShape(spec.shape));
}

std::string describe(const std::vector<runtime::TensorSpec> &specs) {
  std::vector<std::string> parts;
  for (const runtime::TensorSpec &spec : specs)
    parts.push_back(describe(spec));
  return fmt::format("({})", fmt::join(parts, ", "));
}

const char *role_name(runtime::Role role) {
  switch (role) {
  case runtime::Role::Parameter:
    return "parameter";
  case runtime::Role::Buffer:
    return "buffer";
  case runtime::Role::Optimizer:
    return "optimizer";
  case runtime::Role::Rng:
    return "rng";
  case runtime::Role::Step:
    return "step";
  }
  return "";
}

void print_manifest(const std::string &text) {
  const runtime::Manifest manifest = runtime::parseManifest(text.c_str());
  std::int64_t parameters = 0;
  std::size_t parameter_bytes = 0, other_bytes = 0;
  for (const runtime::StateSpec &tensor : manifest.tensors) {
    const bool is_parameter = tensor.role == runtime::Role::Parameter;
    parameters += is_parameter ? tensor.elements : 0;
    (is_parameter ? parameter_bytes : other_bytes) += tensor.bytes;
  }
  fmt::print("model {}, {}\n{} parameters ({}), other state {}\n", manifest.model,
             manifest.compiler, parameters, megabytes(parameter_bytes), megabytes(other_bytes));
  fmt::print("\nfunctions\n");
  for (const runtime::FunctionSpec &function : manifest.functions)
    fmt::print("  {}{} -> {}\n    {} tensors of state, {} contractions, arena {}\n", function.name,
               describe(function.inputs), describe(function.outputs), function.state.size(),
               function.contractions.size(), megabytes(function.arenaBytes));
  fmt::print("\ntensors\n");
  for (const runtime::StateSpec &tensor : manifest.tensors)
    fmt::print("  {:<9}  {}\n", role_name(tensor.role), describe(tensor));
}

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
  fmt::print("{} tensors, {}\n", tensors.entries().size(), megabytes(bytes));
  for (const runtime::SafetensorsEntry &entry : tensors.entries())
    fmt::print("  {} {} {}\n", entry.name, hd_dtype_name(entry.dtype),
               runtime::formatShape(entry.shape));
}

void inspect_known(const std::string &file) {
  const std::string extension = fs::path(file).extension().string();
  if (extension == ".mlir")
    // The description of the compiled model, not its speed, is asked for.
    return print_manifest(compile(Model::read_mlir(file), {.opt_level = 0}).manifest());
  if (extension == ".json")
    return print_manifest(read_text(file));
  if (extension == ".so")
    return print_manifest(manifest_of_library(file));
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
