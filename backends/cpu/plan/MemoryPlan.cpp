//===- MemoryPlan.cpp - offsets in one arena --------------------------------===//

#include "MemoryPlan.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

using namespace heddle::cpu;

/// A cache line; vector loads never straddle two at a buffer's start.
static constexpr int64_t kAlignment = 64;

int64_t heddle::cpu::planArena(llvm::MutableArrayRef<Lifetime> buffers) {
  llvm::SmallVector<Lifetime *> order;
  for (Lifetime &buffer : buffers) {
    buffer.bytes = (buffer.bytes + kAlignment - 1) / kAlignment * kAlignment;
    order.push_back(&buffer);
  }
  llvm::stable_sort(order,
                    [](const Lifetime *x, const Lifetime *y) { return x->bytes > y->bytes; });
  llvm::SmallVector<Lifetime *> placed; // by offset
  int64_t total = 0;
  for (Lifetime *buffer : order) {
    int64_t offset = 0;
    for (Lifetime *other : placed) {
      if (other->last < buffer->first || buffer->last < other->first)
        continue;
      if (offset + buffer->bytes <= other->offset)
        break;
      offset = std::max(offset, other->offset + other->bytes);
    }
    buffer->offset = offset;
    total = std::max(total, offset + buffer->bytes);
    placed.insert(llvm::upper_bound(
                      placed, buffer,
                      [](const Lifetime *x, const Lifetime *y) { return x->offset < y->offset; }),
                  buffer);
  }
  return total;
}
