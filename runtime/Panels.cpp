// The order in which tensors lie in memory: row-major for callers and files, in panels for
// functions.
#include "DType.h"
#include "Error.h"
#include "Model.h"
#include "Threads.h"

#include <algorithm>
#include <cstring>

namespace heddle::runtime {
namespace {

// Positions copied at a time: some lines of each row.
constexpr int64_t kBlock = 64;

// `copy(row-major offset, offset in panels)` for each element of a matrix.
template <typename Copy> void forElements(const StateSpec &spec, int threads, Copy &&copy) {
  const auto [dimension, width] = *spec.panels;
  const int64_t lanes = spec.shape[dimension], positions = spec.shape[1 - dimension];
  const int64_t lane = dimension == 0 ? positions : 1, position = dimension == 0 ? 1 : lanes;
  parallelFor(Pool::Own, threads, lanes / width, {1, 1}, [&](int64_t begin, int64_t end) {
    for (int64_t panel = begin; panel < end; ++panel)
      for (int64_t block = 0; block < positions; block += kBlock)
        for (int64_t l = 0; l < width; ++l)
          for (int64_t p = block; p < std::min(block + kBlock, positions); ++p)
            copy((panel * width + l) * lane + p * position,
                 panel * width * positions + p * width + l);
  });
}

void copyFromPanels(const StateSpec &spec, int threads, const float *from, float *to) {
  forElements(spec, threads,
              [=](int64_t rowMajor, int64_t inPanels) { to[rowMajor] = from[inPanels]; });
}

void copyToPanels(const StateSpec &spec, int threads, const float *from, float *to) {
  forElements(spec, threads,
              [=](int64_t rowMajor, int64_t inPanels) { to[inPanels] = from[rowMajor]; });
}

void reorder(hd_model &model, size_t tensor, AlignedBuffer &scratch,
             void (*copy)(const StateSpec &, int, const float *, float *)) {
  const StateSpec &spec = model.manifest.tensors[tensor];
  if (scratch.size() < spec.bytes)
    scratch = AlignedBuffer(spec.bytes, fmt::format("'{}' in another order", spec.name).c_str());
  copy(spec, model.threads, static_cast<const float *>(model.tensors[tensor]),
       reinterpret_cast<float *>(scratch.data()));
  std::memcpy(model.tensors[tensor], scratch.data(), spec.bytes);
}

} // namespace

void bringIntoPanels(hd_model &model, size_t tensor, AlignedBuffer &scratch) {
  if (!model.manifest.tensors[tensor].panels || model.inPanels[tensor])
    return;
  reorder(model, tensor, scratch, copyToPanels);
  model.inPanels[tensor] = true;
}

void bringIntoRows(hd_model &model, size_t tensor, AlignedBuffer &scratch) {
  if (!model.inPanels[tensor])
    return;
  reorder(model, tensor, scratch, copyFromPanels);
  model.inPanels[tensor] = false;
}

void readRows(const hd_model &model, size_t tensor, void *to) {
  const StateSpec &spec = model.manifest.tensors[tensor];
  if (model.inPanels[tensor])
    copyFromPanels(spec, model.threads, static_cast<const float *>(model.tensors[tensor]),
                   static_cast<float *>(to));
  else if (spec.bytes > 0)
    std::memcpy(to, model.tensors[tensor], spec.bytes);
}

void *rowsToWrite(hd_model &model, size_t tensor) {
  model.inPanels[tensor] = false;
  return model.tensors[tensor];
}

} // namespace heddle::runtime
