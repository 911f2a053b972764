// Making and destroying a model.
#include "Model.h"

#include "Error.h"
#include "Threads.h"

#include <algorithm>
#include <memory>

namespace heddle::runtime {
namespace {

void checkProgram(const hd_program *program, hd_model **model) {
  if (!model)
    fail(HD_INVALID_ARGUMENT,
         "hd_model_create: 'model' is null; pass the address of an hd_model pointer");
  *model = nullptr;
  if (!program)
    fail(HD_INVALID_ARGUMENT, "hd_model_create: 'program' is null");
  if (program->size < sizeof(hd_program))
    fail(HD_INVALID_ARGUMENT,
         "hd_model_create: 'program->size' is {}, expected {}; set it to sizeof(hd_program)",
         program->size, sizeof(hd_program));
  if (!program->manifest)
    fail(HD_INVALID_ARGUMENT, "hd_model_create: 'program->manifest' is null");
  if (!program->entries && program->entry_count > 0)
    fail(HD_INVALID_ARGUMENT,
         "hd_model_create: 'program->entries' is null, but 'entry_count' is {}",
         program->entry_count);
  if (!program->packers && program->packer_count > 0)
    fail(HD_INVALID_ARGUMENT,
         "hd_model_create: 'program->packers' is null, but 'packer_count' is {}",
         program->packer_count);
}

void allocateTensors(hd_model &model) {
  std::vector<size_t> offsets;
  size_t total = 0;
  for (const StateSpec &tensor : model.manifest.tensors) {
    offsets.push_back(total);
    size_t end = 0;
    if (__builtin_add_overflow(total, tensor.bytes, &end) || !alignUp(end, total))
      fail(HD_FORMAT_ERROR, "manifest: tensors: their sizes together overflow 64 bits");
  }
  model.state = AlignedBuffer(total, "the model's parameters and state");
  for (size_t offset : offsets)
    model.tensors.push_back(model.state.data() ? model.state.data() + offset : nullptr);
  model.versions.resize(offsets.size(), 1);
  model.inPanels.resize(offsets.size());
  model.lent.resize(offsets.size());
}

void makePacked(hd_model &model, const hd_program &program) {
  const size_t count = model.manifest.packed.size();
  if (count != program.packer_count)
    fail(HD_INVALID_ARGUMENT,
         "hd_model_create: the manifest has {} packed tensors, 'program->packer_count' is {}",
         count, program.packer_count);
  for (size_t i = 0; i < count; ++i) {
    if (!program.packers[i])
      fail(HD_INVALID_ARGUMENT, "hd_model_create: packer {} is null", i);
    model.packed.push_back({.packer = program.packers[i], .memory = {}});
  }
}

void allocateArena(hd_model &model) {
  size_t bytes = 0;
  for (const FunctionSpec &function : model.manifest.functions)
    bytes = std::max(bytes, function.arenaBytes);
  model.arena = AlignedBuffer(bytes, "the model's arena");
}

void makeFunction(hd_model &model, size_t index, hd_entry entry) {
  Function &function = model.functions[index];
  const FunctionSpec &spec = model.manifest.functions[index];
  function.spec = &spec;
  function.entry = entry;
  if (!entry)
    fail(HD_INVALID_ARGUMENT, "hd_model_create: the entry of function '{}' is null", spec.name);
  function.buffers.resize(spec.inputs.size() + spec.outputs.size());
  for (size_t tensor : spec.state)
    function.buffers.push_back(model.tensors[tensor]);
  function.buffers.resize(function.buffers.size() + spec.packed.size());
  function.buffers.push_back(model.arena.data());
  function.dropped.resize(spec.outputs.size());
  function.contractions.reserve(spec.contractions.size());
  for (size_t i = 0; i < spec.contractions.size(); ++i)
    function.contractions.emplace_back(
        spec.contractions[i], model.onednn, model.threads,
        fmt::format("manifest: functions[{}].contractions[{}]", index, i));
}

} // namespace
} // namespace heddle::runtime

using namespace heddle::runtime;

hd_status hd_model_create(const hd_program *program, hd_model **model) {
  return guarded([&] {
    checkProgram(program, model);
    auto made = std::make_unique<hd_model>();
    made->manifestText = program->manifest;
    made->manifest = parseManifest(program->manifest);
    made->threads = availableThreads();
    const size_t count = made->manifest.functions.size();
    if (count != program->entry_count)
      fail(HD_INVALID_ARGUMENT,
           "hd_model_create: the manifest has {} functions, 'program->entry_count' is {}", count,
           program->entry_count);
    allocateTensors(*made);
    makePacked(*made, *program);
    allocateArena(*made);
    made->functions.resize(count);
    for (size_t i = 0; i < count; ++i)
      makeFunction(*made, i, program->entries[i]);
    *model = made.release();
  });
}

void hd_model_destroy(hd_model *model) { delete model; }
