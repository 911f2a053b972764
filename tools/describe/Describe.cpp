#include "Describe.h"

#include "runtime/DType.h"
#include "runtime/Manifest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace heddle {
namespace {

std::string list(const std::vector<runtime::TensorSpec> &specs) {
  std::vector<std::string> parts;
  for (const runtime::TensorSpec &spec : specs)
    parts.push_back(describe(spec));
  return fmt::format("({})", fmt::join(parts, ", "));
}

// "model mnist, heddle 0.1.0, for znver3 (x86_64-linux-gnu)"; a manifest need not tell the last.
std::string title(const runtime::Manifest &manifest) {
  std::string text = fmt::format("model {}, {}", manifest.model, manifest.compiler);
  if (!manifest.cpu.empty())
    text += ", for " + manifest.cpu;
  if (!manifest.triple.empty())
    text += fmt::format(" ({})", manifest.triple);
  return text + "\n";
}

std::string sizes(const runtime::Manifest &manifest) {
  std::int64_t parameters = 0;
  std::size_t parameter_bytes = 0, other_bytes = 0, arena = 0;
  for (const runtime::StateSpec &tensor : manifest.tensors) {
    const bool is_parameter = tensor.role == runtime::Role::Parameter;
    parameters += is_parameter ? tensor.elements : 0;
    (is_parameter ? parameter_bytes : other_bytes) += tensor.bytes;
  }
  for (const runtime::FunctionSpec &function : manifest.functions)
    arena = std::max(arena, function.arenaBytes);
  std::size_t packed_bytes = 0;
  for (const runtime::PackedSpec &packed : manifest.packed)
    packed_bytes += packed.bytes;
  return fmt::format("{} parameters ({}), other state {}, {}arena {}\n", parameters,
                     bytes_text(parameter_bytes), bytes_text(other_bytes),
                     packed_bytes ? fmt::format("packed copies {}, ", bytes_text(packed_bytes))
                                  : "",
                     bytes_text(arena));
}

} // namespace

std::string describe(const runtime::TensorSpec &tensor) {
  return fmt::format("{} {} {}", tensor.name, hd_dtype_name(tensor.dtype),
                     runtime::formatShape(tensor.shape));
}

std::string signature(const runtime::FunctionSpec &function) {
  return fmt::format("{}{} -> {}", function.name, list(function.inputs), list(function.outputs));
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

std::string bytes_text(std::size_t bytes) {
  if (bytes < 1000)
    return fmt::format("{} B", bytes);
  const auto value = static_cast<double>(bytes);
  return bytes < 1'000'000 ? fmt::format("{:.2f} kB", value / 1e3)
                           : fmt::format("{:.2f} MB", value / 1e6);
}

std::string describe_manifest(const std::string &text) {
  const runtime::Manifest manifest = runtime::parseManifest(text.c_str());
  std::string result = title(manifest) + sizes(manifest) + "\nfunctions\n";
  for (const runtime::FunctionSpec &function : manifest.functions)
    result += fmt::format("  {}\n    {} tensors of state, {} contractions, arena {}\n",
                          signature(function), function.state.size(), function.contractions.size(),
                          bytes_text(function.arenaBytes));
  result += "\ntensors\n";
  for (const runtime::StateSpec &tensor : manifest.tensors)
    result += fmt::format("  {:<9}  {}\n", role_name(tensor.role), describe(tensor));
  return result;
}

} // namespace heddle
