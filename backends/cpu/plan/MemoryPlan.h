//===- MemoryPlan.h - offsets in one arena ----------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>

namespace heddle::cpu {

/// A buffer that is needed from step `first` to step `last`, both included.
struct Lifetime {
  int64_t bytes = 0;
  int64_t first = 0, last = 0;
  int64_t offset = 0; // the plan's answer
};

/// Gives each buffer an offset so that no two that live at the same time overlap; returns the
/// arena's bytes. Greedy by size: the largest first, each at the lowest offset that is free for its
/// whole life (Pisarchyk and Lee, "Efficient memory management for deep neural net inference",
/// 2020).
int64_t planArena(llvm::MutableArrayRef<Lifetime> buffers);

} // namespace heddle::cpu
