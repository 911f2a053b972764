// What a handle holds: the manifest, the memory, and for each function what a call needs, all made
// in advance.
#pragma once

#include "Contraction.h"
#include "Manifest.h"
#include "Memory.h"

#include "heddle/runtime.h"

#include <vector>

namespace heddle::runtime {

struct Function {
  const FunctionSpec *spec = nullptr;
  hd_entry entry = nullptr;
  std::vector<Contraction> contractions;
  // Inputs, outputs, state, arena: what the entry is handed. The first two kinds are set by each
  // call.
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
  bool hasValues = false; // from initialize, load, or a caller who asked where a tensor lies
  heddle::runtime::AlignedBuffer arena;
  heddle::runtime::OneDnn onednn;
  std::vector<heddle::runtime::Function> functions;
};

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
