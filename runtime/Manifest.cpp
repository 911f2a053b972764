#include "Manifest.h"

#include "DType.h"
#include "JsonReader.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <set>
#include <string_view>

namespace heddle::runtime {
namespace {

constexpr int64_t kFormat = 2;
// Deep enough for the format (functions[].contractions[].a.batch_strides[]) with room to grow.
constexpr int kMaxDepth = 16;
constexpr size_t kMaxRank = 16;

std::vector<int64_t> readShape(const JsonNode &node) {
  std::vector<int64_t> shape;
  for (const JsonNode &dimension : node.items())
    shape.push_back(dimension.integer(0));
  if (shape.size() > kMaxRank)
    node.fail(fmt::format("expected at most {} dimensions, got {}", kMaxRank, shape.size()));
  return shape;
}

void readTensorSpec(const JsonNode &node, TensorSpec &spec) {
  spec.name = node.field("name").string();
  if (spec.name.empty())
    node.field("name").fail("a name must not be empty");
  spec.dtype = readDType(node.field("dtype"));
  spec.shape = readShape(node.field("shape"));
  // Zero dimensions do not excuse the others: strides are made from their products.
  int64_t guarded = 1, bytes = 0;
  bool overflow = false, empty = false;
  for (int64_t dimension : spec.shape) {
    empty |= dimension == 0;
    overflow |= __builtin_mul_overflow(guarded, dimension == 0 ? 1 : dimension, &guarded);
  }
  const auto size = static_cast<int64_t>(hd_dtype_size(spec.dtype));
  if (overflow || __builtin_mul_overflow(guarded, size, &bytes))
    node.field("shape").fail(
        fmt::format("the size of shape {} overflows 64 bits", formatShape(spec.shape)));
  spec.elements = empty ? 0 : guarded;
  spec.bytes = empty ? 0 : static_cast<size_t>(bytes);
}

std::vector<TensorSpec> readTensorSpecs(const JsonNode &node) {
  std::vector<TensorSpec> specs;
  std::set<std::string> names;
  for (const JsonNode &item : node.items()) {
    readTensorSpec(item, specs.emplace_back());
    if (!names.insert(specs.back().name).second)
      item.field("name").fail(
          fmt::format("the name '{}' is taken by an earlier one", specs.back().name));
  }
  return specs;
}

Role readRole(const JsonNode &node) {
  const std::string name = node.string();
  if (name == "parameter")
    return Role::Parameter;
  if (name == "buffer")
    return Role::Buffer;
  if (name == "optimizer")
    return Role::Optimizer;
  if (name == "rng")
    return Role::Rng;
  if (name == "step")
    return Role::Step;
  node.fail(fmt::format("expected parameter, buffer, optimizer, rng or step, got '{}'", name));
}

void checkConstant(const JsonNode &node, double value, hd_dtype dtype) {
  if (isFloat(dtype))
    return;
  // 2^63 is the first double past i64.
  const double limit = dtype == HD_I1    ? 2.0
                       : dtype == HD_I8  ? 128.0
                       : dtype == HD_I32 ? 2147483648.0
                                         : 9223372036854775808.0;
  const double lowest = dtype == HD_I1 ? 0 : -limit;
  if (value != std::floor(value) || value < lowest || value >= limit)
    node.fail(fmt::format("{} is not a value of dtype {}", value, hd_dtype_name(dtype)));
}

Initializer readInitializer(const JsonNode &node, hd_dtype dtype) {
  Initializer init;
  const std::string kind = node.field("kind").string();
  if (kind == "zeros")
    return init;
  if (kind == "ones") {
    init.kind = Initializer::Kind::Ones;
    return init;
  }
  if (kind == "constant") {
    init.kind = Initializer::Kind::Constant;
    init.first = node.field("value").number();
    checkConstant(node.field("value"), init.first, dtype);
    return init;
  }
  if (kind != "uniform" && kind != "normal")
    node.field("kind").fail(
        fmt::format("expected zeros, ones, constant, uniform or normal, got '{}'", kind));
  if (!isFloat(dtype))
    node.field("kind").fail(
        fmt::format("'{}' needs a floating-point dtype, got {}", kind, hd_dtype_name(dtype)));
  if (kind == "uniform") {
    init.kind = Initializer::Kind::Uniform;
    init.first = node.field("low").number();
    init.second = node.field("high").number();
    if (init.first > init.second)
      node.fail(fmt::format("'low' is {}, above 'high', which is {}", init.first, init.second));
  } else {
    init.kind = Initializer::Kind::Normal;
    init.first = node.field("mean").number();
    init.second = node.field("std").number();
    if (init.second < 0)
      node.field("std").fail(fmt::format("expected at least 0, got {}", init.second));
  }
  return init;
}

PanelSpec readPanels(const JsonNode &node, const StateSpec &spec) {
  if (spec.dtype != HD_F32 || spec.shape.size() != 2)
    node.fail(fmt::format("only a matrix of f32 lies in panels, this is {} {}",
                          hd_dtype_name(spec.dtype), formatShape(spec.shape)));
  PanelSpec panels;
  panels.dimension = node.field("dimension").integer(0, 1);
  panels.width = node.field("width").integer(1);
  if (const int64_t lanes = spec.shape[panels.dimension]; lanes % panels.width != 0)
    node.field("width").fail(fmt::format("{} is not a multiple of {}", lanes, panels.width));
  return panels;
}

StateSpec readStateTensor(const JsonNode &node) {
  StateSpec spec;
  readTensorSpec(node, spec);
  spec.role = readRole(node.field("role"));
  if (spec.role == Role::Rng && (spec.dtype != HD_I64 || spec.shape != std::vector<int64_t>{2}))
    node.fail(fmt::format("a tensor of role rng is i64 [2] (seed, step counter), got {} {}",
                          hd_dtype_name(spec.dtype), formatShape(spec.shape)));
  if (spec.role == Role::Step && (spec.dtype != HD_I64 || !spec.shape.empty()))
    node.fail(fmt::format("a tensor of role step is i64 [], got {} {}", hd_dtype_name(spec.dtype),
                          formatShape(spec.shape)));
  // A parameter that silently starts at zero does not learn; the rest starts there by nature.
  if (auto init = node.find("init")) {
    spec.init = readInitializer(*init, spec.dtype);
    if (auto row = init->find("zero_row"))
      spec.init.zeroRow = row->integer(0, spec.shape.empty() ? -1 : spec.shape[0] - 1);
  } else if (spec.role == Role::Parameter)
    node.field("init");
  if (auto panels = node.find("panels"))
    spec.panels = readPanels(*panels, spec);
  return spec;
}

std::vector<StateSpec> readStateTensors(const JsonNode &node) {
  std::vector<StateSpec> tensors;
  std::set<std::string> names;
  for (const JsonNode &item : node.items()) {
    tensors.push_back(readStateTensor(item));
    if (!names.insert(tensors.back().name).second)
      item.field("name").fail(
          fmt::format("the name '{}' is taken by an earlier one", tensors.back().name));
  }
  return tensors;
}

std::vector<PackedSpec> readPacked(const JsonNode &node, const std::vector<StateSpec> &tensors) {
  std::vector<PackedSpec> packed;
  for (const JsonNode &item : node.items()) {
    PackedSpec spec;
    spec.tensor = static_cast<size_t>(item.field("tensor").integer(0));
    if (spec.tensor >= tensors.size())
      item.field("tensor").fail(fmt::format("index {} is out of range: the model has {} tensors",
                                            spec.tensor, tensors.size()));
    if (tensors[spec.tensor].panels)
      item.field("tensor").fail(
          fmt::format("'{}' lies in panels; a packed tensor is made of one in "
                      "row-major order",
                      tensors[spec.tensor].name));
    spec.bytes = static_cast<size_t>(item.field("bytes").integer(1));
    packed.push_back(spec);
  }
  return packed;
}

// Indices of a list of `count` things, each at most once.
std::vector<size_t> readIndices(const JsonNode &node, size_t count, const char *what) {
  std::vector<size_t> indices;
  std::set<size_t> seen;
  for (const JsonNode &item : node.items()) {
    const auto index = static_cast<size_t>(item.integer(0));
    if (index >= count)
      item.fail(fmt::format("index {} is out of range: the model has {} {}s", index, count, what));
    if (!seen.insert(index).second)
      item.fail(fmt::format("{} {} is listed twice", what, index));
    indices.push_back(index);
  }
  return indices;
}

FunctionSpec readFunction(const JsonNode &node, size_t tensorCount, size_t packedCount) {
  FunctionSpec function;
  function.name = node.field("name").string();
  if (function.name.empty())
    node.field("name").fail("a name must not be empty");
  function.inputs = readTensorSpecs(node.field("inputs"));
  function.outputs = readTensorSpecs(node.field("outputs"));
  function.state = readIndices(node.field("state"), tensorCount, "tensor");
  if (auto packed = node.find("packed"))
    function.packed = readIndices(*packed, packedCount, "packed tensor");
  // Packed tensors are made anew after a change, so where there are any, none may go untold.
  if (packedCount > 0 || node.find("updates"))
    function.updates = readIndices(node.field("updates"), tensorCount, "tensor");
  function.arenaBytes = static_cast<size_t>(node.field("arena_bytes").integer(0));
  if (auto checks = node.find("index_checks"))
    for (const JsonNode &item : checks->items())
      function.indexChecks.push_back(readIndexCheck(item, function.inputs));
  for (const JsonNode &item : node.field("contractions").items())
    function.contractions.push_back(readContraction(item));
  if (auto launches = node.find("launches"))
    for (const JsonNode &item : launches->items()) {
      const auto product = item.find("product");
      function.launches.push_back({item.field("kernel").string(), item.field("where").string(),
                                   product ? product->string() : "", item.field("bytes").integer(0),
                                   item.field("ops").integer(0)});
    }
  return function;
}

} // namespace

hd_dtype readDType(const JsonNode &node) {
  const std::string name = node.string();
  if (auto dtype = dtypeFromName(name))
    return *dtype;
  node.fail(fmt::format("expected f32, f64, f16, bf16, i8, i32, i64 or i1, got '{}'", name));
}

Manifest parseManifest(const char *text) {
  const nlohmann::json document = parseJson(text, "manifest", kMaxDepth);
  const JsonNode root(document, "manifest");
  const int64_t format = root.field("format").integer(0);
  if (format != kFormat)
    root.field("format").fail(
        fmt::format("this runtime reads format {}, the manifest has format {}; compile the "
                    "model and link the runtime from the same release",
                    kFormat, format));
  Manifest manifest;
  manifest.model = root.field("model").string();
  if (auto compiler = root.find("compiler"))
    manifest.compiler = compiler->string();
  if (auto hash = root.find("ir_hash"))
    hash->string();
  if (auto target = root.find("target")) {
    if (auto triple = target->find("triple"))
      manifest.triple = triple->string();
    if (auto cpu = target->find("cpu"))
      manifest.cpu = cpu->string();
    if (auto features = target->find("features"))
      features->string();
  }
  manifest.tensors = readStateTensors(root.field("tensors"));
  if (auto packed = root.find("packed"))
    manifest.packed = readPacked(*packed, manifest.tensors);
  std::set<std::string> names;
  for (const JsonNode &item : root.field("functions").items()) {
    manifest.functions.push_back(
        readFunction(item, manifest.tensors.size(), manifest.packed.size()));
    const std::string &name = manifest.functions.back().name;
    if (!names.insert(name).second)
      item.field("name").fail(fmt::format("the name '{}' is taken by an earlier one", name));
  }
  return manifest;
}

} // namespace heddle::runtime
