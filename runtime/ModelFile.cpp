#include "ModelFile.h"

#include "DType.h"
#include "Error.h"
#include "Model.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace heddle::runtime {
namespace {

constexpr size_t kListed = 10;
// Read and converted at a time: small enough for the cache, large enough for the disk.
constexpr size_t kChunk = size_t{1} << 20;

struct Assignment {
  const SafetensorsEntry *source;
  const StateSpec *spec;
  size_t tensor;
};

std::string quoteNames(const std::vector<std::string> &names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kListed); ++i)
    text += fmt::format("{}'{}'", i ? ", " : "", names[i]);
  if (names.size() > kListed)
    text += fmt::format(" and {} more", names.size() - kListed);
  return text;
}

void checkFits(const std::string &file, const SafetensorsEntry &source, const StateSpec &spec) {
  if (source.shape != spec.shape)
    fail(HD_FORMAT_ERROR,
         "{}: tensor '{}' has shape {}, the model expects {}; was the file saved from another "
         "model?",
         file, source.name, formatShape(source.shape), formatShape(spec.shape));
  if (source.dtype != spec.dtype && !(isFloat(source.dtype) && isFloat(spec.dtype)))
    fail(HD_FORMAT_ERROR,
         "{}: tensor '{}' is {}, the model expects {}; only floating-point types are converted to "
         "each other",
         file, source.name, hd_dtype_name(source.dtype), hd_dtype_name(spec.dtype));
}

std::vector<Assignment> matchTensors(const SafetensorsFile &file, hd_model &model) {
  std::map<std::string_view, size_t> byName;
  for (size_t i = 0; i < model.tensors.size(); ++i)
    byName[model.manifest.tensors[i].name] = i;

  std::vector<bool> present(model.tensors.size());
  std::vector<Assignment> assignments;
  std::vector<std::string> unknown, missing;
  for (const SafetensorsEntry &entry : file.entries()) {
    auto found = byName.find(entry.name);
    if (found == byName.end()) {
      unknown.push_back(entry.name);
      continue;
    }
    present[found->second] = true;
    assignments.push_back({&entry, &model.manifest.tensors[found->second], found->second});
  }
  for (size_t i = 0; i < present.size(); ++i)
    if (!present[i] && model.manifest.tensors[i].role == Role::Parameter)
      missing.push_back(model.manifest.tensors[i].name);

  if (!unknown.empty() || !missing.empty()) {
    std::sort(unknown.begin(), unknown.end());
    std::string problems;
    if (!missing.empty())
      problems += fmt::format("parameters that the file does not have: {}; ", quoteNames(missing));
    if (!unknown.empty())
      problems += fmt::format("tensors that the model does not have: {}; ", quoteNames(unknown));
    fail(HD_FORMAT_ERROR, "{}: does not fit model '{}': {}was the file saved from another model?",
         file.path(), model.manifest.model, problems);
  }
  for (const Assignment &assignment : assignments)
    checkFits(file.path(), *assignment.source, *assignment.spec);
  return assignments;
}

template <typename Use>
void readInChunks(const SafetensorsFile &file, const SafetensorsEntry &entry,
                  std::vector<char> &chunk, Use &&use) {
  for (uint64_t from = 0; from < entry.bytes; from += chunk.size()) {
    const size_t size = std::min<uint64_t>(chunk.size(), entry.bytes - from);
    file.read(entry, from, chunk.data(), size);
    use(from, size);
  }
}

// Reads everything once without keeping it: a bad sector, a file cut short or a boolean of 7 shows
// while the model is still whole, at the price of a pass over what the page cache then holds, and
// of no memory.
void checkData(const SafetensorsFile &file, const std::vector<Assignment> &assignments,
               std::vector<char> &chunk) {
  for (const Assignment &assignment : assignments) {
    const SafetensorsEntry &source = *assignment.source;
    readInChunks(file, source, chunk, [&](uint64_t from, size_t size) {
      if (source.dtype != HD_I1)
        return;
      for (size_t i = 0; i < size; ++i)
        if (chunk[i] != 0 && chunk[i] != 1)
          fail(HD_FORMAT_ERROR, "{}: tensor '{}': element {} is {}, expected a boolean, 0 or 1",
               file.path(), source.name, from + i, static_cast<unsigned char>(chunk[i]));
    });
  }
}

void readData(hd_model &model, const SafetensorsFile &file,
              const std::vector<Assignment> &assignments, std::vector<char> &chunk) {
  for (const Assignment &assignment : assignments) {
    const SafetensorsEntry &source = *assignment.source;
    char *target = static_cast<char *>(rowsToWrite(model, assignment.tensor));
    const hd_dtype dtype = assignment.spec->dtype;
    if (source.dtype == dtype) {
      file.read(source, 0, target, source.bytes);
      continue;
    }
    const size_t from = hd_dtype_size(source.dtype), to = hd_dtype_size(dtype);
    readInChunks(file, source, chunk, [&](uint64_t offset, size_t size) {
      convertFloats(source.dtype, chunk.data(), dtype, target + offset / from * to,
                    static_cast<int64_t>(size / from));
    });
  }
}

} // namespace

void saveModel(hd_model &model, const char *path, hd_save_what what,
               const SafetensorsMetadata &more) {
  std::vector<TensorToSave> tensors;
  AlignedBuffer scratch;
  for (size_t i = 0; i < model.tensors.size(); ++i) {
    const StateSpec &spec = model.manifest.tensors[i];
    if (what != HD_SAVE_CHECKPOINT && spec.role != Role::Parameter && spec.role != Role::Buffer)
      continue;
    bringIntoRows(model, i, scratch);
    tensors.push_back({spec.name, spec.dtype, spec.shape, model.tensors[i], spec.bytes});
  }
  // "pt" is what transformers asks for in a file of weights in PyTorch's layout and names.
  SafetensorsMetadata metadata{
      {"format", "pt"}, {"model", model.manifest.model}, {"compiler", model.manifest.compiler}};
  for (const auto &text : more) {
    for (size_t i = 0; i < 3; ++i)
      if (metadata[i].first == text.first)
        fail(HD_INVALID_ARGUMENT, "{}: the metadata '{}' is written by Heddle; choose another name",
             path, text.first);
    metadata.push_back(text);
  }
  writeSafetensors(path, std::move(tensors), metadata);
}

} // namespace heddle::runtime

using namespace heddle::runtime;

hd_status hd_model_save(hd_model *model, const char *path, hd_save_what what) {
  return guarded([&] {
    if (!model || !path)
      fail(HD_INVALID_ARGUMENT, "hd_model_save: '{}' is null", model ? "path" : "model");
    if (what != HD_SAVE_PARAMETERS && what != HD_SAVE_CHECKPOINT)
      fail(HD_INVALID_ARGUMENT,
           "hd_model_save: 'what' is {}, expected HD_SAVE_PARAMETERS or HD_SAVE_CHECKPOINT",
           static_cast<int>(what));
    saveModel(*model, path, what, {});
  });
}

hd_status hd_model_load(hd_model *model, const char *path) {
  return guarded([&] {
    if (!model || !path)
      fail(HD_INVALID_ARGUMENT, "hd_model_load: '{}' is null", model ? "path" : "model");
    const SafetensorsFile file(path);
    const std::vector<Assignment> assignments = matchTensors(file, *model);
    std::vector<char> chunk(kChunk);
    checkData(file, assignments, chunk);
    changeTensors(*model);
    readData(*model, file, assignments, chunk);
    model->hasValues = true;
  });
}
