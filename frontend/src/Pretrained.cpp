#include "heddle/pretrained.h"

#include "Trace.h"

#include "heddle/safetensors.h"
#include "runtime/Manifest.h"

namespace heddle {
namespace {

std::vector<TensorInfo> parametersOf(const Executable &model) {
  std::vector<TensorInfo> parameters;
  const runtime::Manifest manifest = runtime::parseManifest(model.manifest().c_str());
  const std::vector<TensorInfo> tensors = model.tensors(); // in the manifest's order
  for (std::size_t i = 0; i < tensors.size(); ++i)
    if (manifest.tensors[i].role == runtime::Role::Parameter)
      parameters.push_back(tensors[i]);
  return parameters;
}

Shape reversed(const Shape &shape) {
  std::vector<std::int64_t> sizes = shape.sizes();
  return Shape(std::vector<std::int64_t>(sizes.rbegin(), sizes.rend()));
}

HostArray transposed(const HostArray &matrix) {
  const std::int64_t rows = matrix.shape()[0], columns = matrix.shape()[1];
  const std::size_t size = size_of(matrix.dtype());
  HostArray result(matrix.dtype(), Shape{columns, rows});
  const auto *from = static_cast<const std::byte *>(matrix.data());
  auto *to = static_cast<std::byte *>(result.data());
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      std::memcpy(to + static_cast<std::size_t>(j * rows + i) * size,
                  from + static_cast<std::size_t>(i * columns + j) * size, size);
  return result;
}

/// The array as the parameter is to have it.
HostArray fitted(HostArray array, const TensorInfo &parameter, const std::string &fileName,
                 bool transpose, const std::string &path, std::source_location where) {
  if (transpose && parameter.shape.rank() != 2)
    fail(where, "the format transposes '{}', which is {} and no matrix", parameter.name,
         parameter.shape.str());
  const Shape expected = transpose ? reversed(parameter.shape) : parameter.shape;
  if (array.shape() != expected)
    fail(where, "'{}': tensor '{}' expects {}{}, got {} ('{}')", path, parameter.name,
         expected.str(), transpose ? " (transposed)" : "", array.shape().str(), fileName);
  if (array.dtype() != parameter.dtype) {
    if (parameter.dtype != f32 || !is_float(array.dtype()))
      fail(where, "'{}': tensor '{}' expects {}, got {} ('{}')", path, parameter.name,
           name(parameter.dtype), name(array.dtype()), fileName);
    const std::vector<double> values = array.to_doubles();
    array = HostArray::of(expected, std::vector<float>(values.begin(), values.end()));
  }
  return transpose ? transposed(array) : std::move(array);
}

} // namespace

void load_pretrained(Executable &model, const std::string &path, const WeightFormat &format,
                     std::source_location where) {
  NamedArrays file = read_safetensors(path, where);
  NamedArrays loaded;
  for (const TensorInfo &parameter : parametersOf(model)) {
    const std::vector<std::string> candidates = format.file_names
                                                    ? format.file_names(parameter.name)
                                                    : std::vector<std::string>{parameter.name};
    auto found = file.end();
    for (const std::string &candidate : candidates)
      if (found == file.end())
        found = file.find(candidate);
    if (found == file.end())
      fail(where, "'{}' has no '{}', which the model's parameter '{}' needs; it has {} tensors, {}",
           path, fmt::join(candidates, "' or '"), parameter.name, file.size() + loaded.size(),
           file.empty() ? "all of them used" : fmt::format("such as '{}'", file.begin()->first));
    const bool transpose = format.transposed && format.transposed(parameter.name);
    loaded.emplace(parameter.name, fitted(std::move(found->second), parameter, found->first,
                                          transpose, path, where));
    file.erase(found);
  }
  for (const auto &[unknown, array] : file)
    if (!format.ignored || !format.ignored(unknown))
      fail(where,
           "'{}' has '{}', which is no parameter of the model; WeightFormat::ignored says what to "
           "leave out",
           path, unknown);
  for (const auto &[parameter, array] : loaded)
    model.set_tensor({parameter, where}, array);
}

WeightFormat hugging_face_gpt2() {
  return {.file_names =
              [](const std::string &parameter) {
                return std::vector<std::string>{parameter, "transformer." + parameter};
              },
          .transposed =
              [](const std::string &parameter) {
                for (const char *matrix : {".c_attn.weight", ".c_proj.weight", ".c_fc.weight"})
                  if (parameter.ends_with(matrix))
                    return true;
                return false;
              },
          // The causal mask of each layer, and the tied last layer.
          .ignored =
              [](const std::string &file_name) {
                return file_name.ends_with(".attn.bias") ||
                       file_name.ends_with(".attn.masked_bias") || file_name == "lm_head.weight";
              }};
}

WeightFormat hugging_face_bert() {
  auto old = [](std::string name) {
    for (const auto &[ending, before] : {std::pair{"LayerNorm.weight", "LayerNorm.gamma"},
                                         std::pair{"LayerNorm.bias", "LayerNorm.beta"}})
      if (name.ends_with(ending))
        name.replace(name.size() - std::string_view(ending).size(), std::string::npos, before);
    return name;
  };
  return {.file_names =
              [old](const std::string &parameter) {
                std::vector<std::string> names{parameter, old(parameter)};
                if (parameter.starts_with("bert."))
                  for (const std::string &name : {names[0], names[1]})
                    names.push_back(name.substr(5));
                return names;
              },
          // The tied last layer, the other heads, and a buffer of 0, 1, 2, ....
          .ignored =
              [](const std::string &file_name) {
                return file_name.starts_with("cls.") ||
                       file_name.find("pooler.") != file_name.npos ||
                       file_name.ends_with("embeddings.position_ids");
              }};
}

} // namespace heddle
