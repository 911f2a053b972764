#include "AtomicFile.h"
#include "DType.h"
#include "Error.h"
#include "Safetensors.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace heddle::runtime {

void writeSafetensors(const char *path, std::vector<TensorToSave> tensors,
                      const SafetensorsMetadata &metadata) {
  // Wider elements first, so that each tensor is aligned to its elements for a reader that maps the
  // file; then by name, so that the same tensors give the same bytes.
  std::sort(tensors.begin(), tensors.end(), [](const TensorToSave &x, const TensorToSave &y) {
    const size_t sizeX = hd_dtype_size(x.dtype), sizeY = hd_dtype_size(y.dtype);
    return sizeX != sizeY ? sizeX > sizeY : x.name < y.name;
  });

  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  for (const auto &[key, text] : metadata)
    header["__metadata__"][key] = text;
  uint64_t offset = 0;
  for (const TensorToSave &tensor : tensors) {
    if (tensor.name == "__metadata__")
      fail(HD_INVALID_ARGUMENT,
           "{}: a tensor cannot be named '__metadata__' in a safetensors file; rename it", path);
    header[tensor.name] = {{"dtype", safetensorsName(tensor.dtype)},
                           {"shape", tensor.shape},
                           {"data_offsets", {offset, offset + tensor.bytes}}};
    offset += tensor.bytes;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kMaxSafetensorsHeader)
    fail(HD_INVALID_ARGUMENT,
         "{}: the names and shapes of {} tensors take {} bytes, the format allows {}", path,
         tensors.size(), text.size(), kMaxSafetensorsHeader);

  unsigned char prefix[8];
  for (size_t i = 0; i < sizeof prefix; ++i)
    prefix[i] = static_cast<unsigned char>(uint64_t{text.size()} >> (8 * i));

  AtomicFile file(path);
  file.write(prefix, sizeof prefix);
  file.write(text.data(), text.size());
  for (const TensorToSave &tensor : tensors)
    file.write(tensor.data, tensor.bytes);
  file.commit();
}

} // namespace heddle::runtime
