// Questions about a model.
#include "DType.h"
#include "Error.h"
#include "Model.h"

#include <cstring>

namespace heddle::runtime {
namespace {

constexpr size_t kListed = 10;

void describe(const TensorSpec &spec, hd_tensor_info *info, const char *caller) {
  if (!info)
    return;
  if (info->size < sizeof(hd_tensor_info))
    fail(HD_INVALID_ARGUMENT,
         "{}: 'info->size' is {}, expected {}; set it to sizeof(hd_tensor_info)", caller,
         info->size, sizeof(hd_tensor_info));
  info->name = spec.name.c_str();
  info->dtype = spec.dtype;
  info->rank = spec.shape.size();
  info->shape = spec.shape.data();
  info->bytes = spec.bytes;
}

// "'a', 'b' and 3 more"
template <typename Items> std::string quoteNames(const Items &items) {
  std::string text;
  size_t count = 0;
  for (const auto &item : items)
    if (count++ < kListed)
      text += fmt::format("{}'{}'", text.empty() ? "" : ", ", item.name);
  if (count > kListed)
    text += fmt::format(" and {} more", count - kListed);
  return text.empty() ? "none" : text;
}

void requireModel(const void *model, const char *caller) {
  if (!model)
    fail(HD_INVALID_ARGUMENT, "{}: 'model' is null", caller);
}

size_t tensorNamed(const hd_model &model, const char *name) {
  const auto &tensors = model.manifest.tensors;
  for (size_t i = 0; i < tensors.size(); ++i)
    if (tensors[i].name == name)
      return i;
  fail(HD_INVALID_ARGUMENT, "model '{}' has no tensor '{}'; it has {}", model.manifest.model, name,
       quoteNames(tensors));
}

// Tensor `name`, of which the caller's array at `data` has a copy, or is to have one.
size_t wholeTensor(const hd_model *model, const char *name, const void *data, size_t bytes,
                   const char *caller) {
  requireModel(model, caller);
  if (!name)
    fail(HD_INVALID_ARGUMENT, "{}: 'name' is null; pass a tensor's name", caller);
  const size_t index = tensorNamed(*model, name);
  const TensorSpec &spec = model->manifest.tensors[index];
  if (bytes != spec.bytes)
    fail(HD_INVALID_ARGUMENT, "{}: 'bytes' is {}, tensor '{}', {} {}, has {}", caller, bytes, name,
         hd_dtype_name(spec.dtype), formatShape(spec.shape), spec.bytes);
  if (!data && bytes > 0)
    fail(HD_INVALID_ARGUMENT, "{}: the array for tensor '{}' is null; pass {} bytes", caller, name,
         bytes);
  return index;
}

void lend(hd_model &model, size_t index, void **data) {
  if (!data)
    return;
  AlignedBuffer scratch;
  bringIntoRows(model, index, scratch);
  *data = model.tensors[index];
  model.lent[index] = true;
  model.hasValues = true;
}

const FunctionSpec *functionAt(const hd_model *model, size_t function) {
  return model && function < model->manifest.functions.size() ? &model->manifest.functions[function]
                                                              : nullptr;
}

hd_status describeArgument(const hd_model *model, size_t function, size_t index,
                           hd_tensor_info *info, std::vector<TensorSpec> FunctionSpec::*arguments,
                           const char *caller) {
  return guarded([&] {
    requireModel(model, caller);
    const FunctionSpec *spec = functionAt(model, function);
    if (!spec)
      fail(HD_INVALID_ARGUMENT, "{}: function {} is out of range: model '{}' has {}", caller,
           function, model->manifest.model, model->manifest.functions.size());
    const auto &list = spec->*arguments;
    if (index >= list.size())
      fail(HD_INVALID_ARGUMENT, "{}: index {} is out of range: function '{}' has {}", caller, index,
           spec->name, list.size());
    if (!info)
      fail(HD_INVALID_ARGUMENT, "{}: 'info' is null", caller);
    describe(list[index], info, caller);
  });
}

} // namespace
} // namespace heddle::runtime

using namespace heddle::runtime;

const char *hd_model_name(const hd_model *model) {
  return model ? model->manifest.model.c_str() : nullptr;
}
const char *hd_model_manifest(const hd_model *model) {
  return model ? model->manifestText : nullptr;
}
size_t hd_model_tensor_count(const hd_model *model) { return model ? model->tensors.size() : 0; }
size_t hd_model_arena_bytes(const hd_model *model) { return model ? model->arena.size() : 0; }
size_t hd_model_function_count(const hd_model *model) {
  return model ? model->functions.size() : 0;
}

const char *hd_model_function_name(const hd_model *model, size_t function) {
  const FunctionSpec *spec = functionAt(model, function);
  return spec ? spec->name.c_str() : nullptr;
}

size_t hd_model_input_count(const hd_model *model, size_t function) {
  const FunctionSpec *spec = functionAt(model, function);
  return spec ? spec->inputs.size() : 0;
}

size_t hd_model_output_count(const hd_model *model, size_t function) {
  const FunctionSpec *spec = functionAt(model, function);
  return spec ? spec->outputs.size() : 0;
}

hd_status hd_model_input(const hd_model *model, size_t function, size_t index,
                         hd_tensor_info *info) {
  return describeArgument(model, function, index, info, &FunctionSpec::inputs, "hd_model_input");
}

hd_status hd_model_output(const hd_model *model, size_t function, size_t index,
                          hd_tensor_info *info) {
  return describeArgument(model, function, index, info, &FunctionSpec::outputs, "hd_model_output");
}

hd_status hd_model_tensor(hd_model *model, size_t index, hd_tensor_info *info, void **data) {
  return guarded([&] {
    requireModel(model, "hd_model_tensor");
    if (index >= model->tensors.size())
      fail(HD_INVALID_ARGUMENT,
           "hd_model_tensor: index {} is out of range: model '{}' has {} tensors", index,
           model->manifest.model, model->tensors.size());
    describe(model->manifest.tensors[index], info, "hd_model_tensor");
    lend(*model, index, data);
  });
}

hd_status hd_model_find_tensor(hd_model *model, const char *name, hd_tensor_info *info,
                               void **data) {
  return guarded([&] {
    requireModel(model, "hd_model_find_tensor");
    if (!name)
      fail(HD_INVALID_ARGUMENT, "hd_model_find_tensor: 'name' is null; pass a tensor's name");
    const size_t index = tensorNamed(*model, name);
    describe(model->manifest.tensors[index], info, "hd_model_find_tensor");
    lend(*model, index, data);
  });
}

hd_status hd_model_read_tensor(const hd_model *model, const char *name, void *to, size_t bytes) {
  return guarded([&] {
    const size_t index = wholeTensor(model, name, to, bytes, "hd_model_read_tensor");
    readRows(*model, index, to);
  });
}

hd_status hd_model_write_tensor(hd_model *model, const char *name, const void *from, size_t bytes) {
  return guarded([&] {
    const size_t index = wholeTensor(model, name, from, bytes, "hd_model_write_tensor");
    if (model->manifest.tensors[index].dtype == HD_I1)
      for (size_t i = 0; i < bytes; ++i)
        if (const auto value = static_cast<const unsigned char *>(from)[i]; value > 1)
          fail(HD_INVALID_ARGUMENT,
               "hd_model_write_tensor: element {} of tensor '{}' is {}, expected a boolean, 0 or 1",
               i, name, value);
    ++model->versions[index];
    if (bytes > 0)
      std::memcpy(rowsToWrite(*model, index), from, bytes);
    model->hasValues = true;
  });
}

hd_status hd_model_find_function(hd_model *model, const char *name, size_t *function) {
  return guarded([&] {
    requireModel(model, "hd_model_find_function");
    if (!name || !function)
      fail(HD_INVALID_ARGUMENT, "hd_model_find_function: '{}' is null", name ? "function" : "name");
    const auto &functions = model->manifest.functions;
    for (size_t i = 0; i < functions.size(); ++i)
      if (functions[i].name == name) {
        *function = i;
        return;
      }
    fail(HD_INVALID_ARGUMENT, "model '{}' has no function '{}'; it has {}", model->manifest.model,
         name, quoteNames(functions));
  });
}
