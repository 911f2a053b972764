#include "Manifest.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
namespace json = llvm::json;

namespace heddle::cpu {
namespace {

constexpr int64_t kFormat = 2;
constexpr const char *kCompiler = "heddle " HEDDLE_VERSION;

json::Array integers(ArrayRef<int64_t> values) {
  json::Array array;
  for (int64_t value : values)
    array.push_back(value);
  return array;
}

// The attribute as JSON of the same form: dictionaries, arrays, numbers, strings, booleans.
json::Value convert(Attribute attribute) {
  if (auto dictionary = dyn_cast<DictionaryAttr>(attribute)) {
    json::Object object;
    for (NamedAttribute entry : dictionary)
      object[entry.getName().getValue()] = convert(entry.getValue());
    return object;
  }
  if (auto array = dyn_cast<DenseI64ArrayAttr>(attribute))
    return integers(array.asArrayRef());
  if (auto array = dyn_cast<ArrayAttr>(attribute)) {
    json::Array result;
    for (Attribute element : array)
      result.push_back(convert(element));
    return result;
  }
  if (auto boolean = dyn_cast<BoolAttr>(attribute))
    return boolean.getValue();
  if (auto integer = dyn_cast<IntegerAttr>(attribute))
    return integer.getInt();
  if (auto number = dyn_cast<FloatAttr>(attribute))
    return number.getValueAsDouble();
  if (auto string = dyn_cast<StringAttr>(attribute))
    return string.getValue().str();
  return nullptr;
}

json::Array integers(const std::vector<size_t> &values) {
  json::Array array;
  for (size_t value : values)
    array.push_back(static_cast<int64_t>(value));
  return array;
}

json::Object tensor(const TensorDescription &tensor) {
  return json::Object{
      {"name", tensor.name}, {"dtype", tensor.dtype}, {"shape", integers(tensor.shape)}};
}

json::Array tensors(ArrayRef<TensorDescription> list) {
  json::Array array;
  for (const TensorDescription &entry : list)
    array.push_back(tensor(entry));
  return array;
}

json::Object state(const StateDescription &state) {
  json::Object object = tensor(state);
  object["role"] = state.role;
  if (state.role == "parameter")
    object["trainable"] = state.trainable;
  if (state.panels)
    object["panels"] =
        json::Object{{"dimension", state.panels->dimension}, {"width", state.panels->width}};
  object["init"] = state.init ? convert(state.init) : json::Value(json::Object{{"kind", "zeros"}});
  return object;
}

json::Array indexChecks(const FunctionDescription &function) {
  json::Array array;
  for (const IndexCheck &check : function.indexChecks) {
    const auto input = llvm::find_if(function.inputs,
                                     [&](const auto &entry) { return entry.name == check.input; });
    json::Object object{{"input", input - function.inputs.begin()},
                        {"offset", check.offset},
                        {"shape", integers(check.shape)},
                        {"strides", integers(check.strides)},
                        {"limit", check.limit}};
    if (check.also)
      object["also"] = *check.also;
    array.push_back(std::move(object));
  }
  return array;
}

json::Object function(const FunctionDescription &function, bool withLaunches) {
  json::Object object{
      {"name", function.name},
      {"inputs", tensors(function.inputs)},
      {"outputs", tensors(function.outputs)},
      {"state", integers(function.state)},
      {"updates", integers(function.updates)},
      {"index_checks", indexChecks(function)},
      {"arena_bytes", function.arenaBytes},
      {"contractions", function.contractions ? convert(function.contractions) : json::Array{}}};
  if (!function.packed.empty())
    object["packed"] = integers(function.packed);
  if (withLaunches && function.launches)
    object["launches"] = convert(function.launches);
  return object;
}

} // namespace

std::string writeManifest(const ModelDescription &model, const Machine &machine,
                          bool withLaunches) {
  json::Array states, functions;
  for (const StateDescription &entry : model.tensors)
    states.push_back(state(entry));
  for (const FunctionDescription &entry : model.functions)
    functions.push_back(function(entry, withLaunches));
  json::Object root{{"format", kFormat},
                    {"model", model.name},
                    {"compiler", kCompiler},
                    {"target", json::Object{{"triple", machine.triple()},
                                            {"cpu", machine.cpu()},
                                            {"features", machine.features()}}},
                    {"tensors", std::move(states)},
                    {"functions", std::move(functions)}};
  if (!model.packed.empty()) {
    json::Array packed;
    for (const PackedDescription &entry : model.packed)
      packed.push_back(
          json::Object{{"tensor", static_cast<int64_t>(entry.tensor)}, {"bytes", entry.bytes}});
    root["packed"] = std::move(packed);
  }
  if (!model.irHash.empty())
    root["ir_hash"] = model.irHash;
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << json::Value(std::move(root));
  return text;
}

} // namespace heddle::cpu
