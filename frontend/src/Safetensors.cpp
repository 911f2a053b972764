#include "heddle/safetensors.h"

#include "Trace.h"

#include "runtime/Error.h"
#include "runtime/Safetensors.h"

namespace heddle {
namespace {

template <class Body> auto reporting(std::source_location where, Body body) {
  try {
    return body();
  } catch (const runtime::Failure &failure) {
    failAt(where, failure.message);
  } catch (const std::exception &error) {
    failAt(where, error.what());
  }
}

} // namespace

// The DType of the DSL and the runtime's hd_dtype list the dtypes in one order.

NamedArrays read_safetensors(const std::string &path, std::source_location where) {
  return reporting(where, [&] {
    const runtime::SafetensorsFile file(path.c_str());
    NamedArrays arrays;
    for (const runtime::SafetensorsEntry &entry : file.entries()) {
      HostArray array(static_cast<DType>(entry.dtype), Shape(entry.shape));
      file.read(entry, 0, array.data(), array.bytes());
      arrays.emplace(entry.name, std::move(array));
    }
    return arrays;
  });
}

std::set<std::string> safetensors_names(const std::string &path, std::source_location where) {
  return reporting(where, [&] {
    const runtime::SafetensorsFile file(path.c_str());
    std::set<std::string> names;
    for (const runtime::SafetensorsEntry &entry : file.entries())
      names.insert(entry.name);
    return names;
  });
}

Metadata safetensors_metadata(const std::string &path, std::source_location where) {
  return reporting(where, [&] {
    const runtime::SafetensorsFile file(path.c_str());
    return Metadata(file.metadata().begin(), file.metadata().end());
  });
}

void write_safetensors(const std::string &path, const NamedArrays &arrays,
                       std::source_location where) {
  std::vector<runtime::TensorToSave> tensors;
  for (const auto &[name, array] : arrays)
    tensors.push_back({name, static_cast<hd_dtype>(array.dtype()),
                       std::vector<std::int64_t>(array.shape().begin(), array.shape().end()),
                       array.data(), array.bytes()});
  reporting(where, [&] { runtime::writeSafetensors(path.c_str(), std::move(tensors), {}); });
}

} // namespace heddle
