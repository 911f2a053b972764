// What a handle holds: the manifest, the memory, and for each function what a call needs, all made
// in advance.
#pragma once

#include "Contraction.h"
#include "Manifest.h"
#include "Memory.h"

#include "heddle/runtime.h"

#include <vector>

namespace heddle::runtime {

// A packed tensor: made when a function first needs it, and again when what it is of has changed.
struct Packed {
  hd_packer packer = nullptr;
  AlignedBuffer memory;
  uint64_t version = 0; // of the tensor that it was made of; 0: not made
};

struct Function {
  const FunctionSpec *spec = nullptr;
  hd_entry entry = nullptr;
  std::vector<Contraction> contractions;
  // Inputs, outputs, state, packed tensors, arena: what the entry is handed. The first two kinds
  // are set by each call.
  std::vector<void *> buffers;
  // Where an output goes that the caller drops; made on the first such call.
  std::vector<AlignedBuffer> dropped;
};

} // namespace heddle::runtime

struct hd_model {
  const char *manifestText = nullptr;
  heddle::runtime::Manifest manifest;
  int threads = 1;
  heddle::runtime::AlignedBuffer state; // every tensor, each aligned
  std::vector<void *> tensors;          // into `state`, in the manifest's order
  std::vector<uint64_t> versions;       // of each tensor: raised before each change
  std::vector<bool> inPanels;           // whether the tensor lies so at present
  std::vector<bool> lent;               // whether a caller may change the tensor at any time
  std::vector<heddle::runtime::Packed> packed;
  bool hasValues = false; // from initialize, load, or a caller who asked where a tensor lies
  heddle::runtime::AlignedBuffer arena;
  heddle::runtime::OneDnn onednn;
  std::vector<heddle::runtime::Function> functions;
};

namespace heddle::runtime {

/// Says that every tensor changes.
void changeTensors(hd_model &model);

// A tensor that the manifest has in panels is brought into them before a function reads it, and
// into rows, which is row-major order, before a caller does. `scratch` is made as large as the
// tensor, if it is smaller.
void bringIntoPanels(hd_model &model, size_t tensor, AlignedBuffer &scratch);
void bringIntoRows(hd_model &model, size_t tensor, AlignedBuffer &scratch);
/// Copies it in row-major order.
void readRows(const hd_model &model, size_t tensor, void *to);
/// Where its elements are to be written, all of them, in row-major order.
void *rowsToWrite(hd_model &model, size_t tensor);

/// Makes the packed tensors of a function that are not there or not up to date.
void packTensors(hd_model &model, Function &function);

} // namespace heddle::runtime

// One call. The first contraction that failed is kept, and those after it do nothing.
struct hd_run {
  heddle::runtime::Function *function = nullptr;
  int threads = 1;
  int32_t failedContraction = -1;
  int status = 0;
  // Where the time of each launch goes, if it is wanted.
  double *seconds = nullptr;
  size_t launches = 0, launchLimit = 0;
};
