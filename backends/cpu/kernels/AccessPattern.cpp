//===- AccessPattern.cpp - a kernel's loops and how it walks its tensors ---===//

#include "AccessPattern.h"

using namespace mlir;
using namespace heddle::cpu;

static int64_t product(ArrayRef<int64_t> sizes) {
  int64_t n = 1;
  for (int64_t size : sizes)
    n *= size;
  return n;
}
int64_t LoopNest::rowCount() const { return product(ArrayRef(extents).take_front(rows)); }
int64_t LoopNest::innerCount() const { return product(ArrayRef(extents).drop_front(rows)); }

Strides heddle::cpu::stridesOver(ArrayRef<int64_t> domain, const Layout &layout,
                                 ArrayRef<int64_t> dimensions) {
  Strides strides(domain.size(), 0);
  for (auto [i, d] : llvm::enumerate(dimensions))
    strides[d] = layout.shape[i] == 1 ? 0 : layout.strides[i];
  return strides;
}

void heddle::cpu::collapse(LoopNest &nest, MutableArrayRef<Strides> patterns, bool free) {
  auto erase = [&](size_t d) {
    nest.extents.erase(nest.extents.begin() + d);
    for (Strides &strides : patterns)
      strides.erase(strides.begin() + d);
    if (d < nest.rows)
      --nest.rows;
  };
  for (size_t d = nest.extents.size(); d-- > 0;)
    if (nest.extents[d] == 1)
      erase(d);
  for (size_t d = nest.extents.size(); d-- > 1;) {
    size_t outer = d - 1;
    if (!free && d == nest.rows)
      continue;
    bool together = llvm::all_of(
        patterns, [&](const Strides &s) { return s[outer] == s[d] * nest.extents[d]; });
    if (!together)
      continue;
    // Keep the inner stride; the merged loop takes the outer one's place.
    for (Strides &s : patterns)
      s[outer] = s[d];
    nest.extents[outer] *= nest.extents[d];
    erase(d);
    if (outer >= nest.rows && d == nest.rows)
      nest.rows = outer;
  }
  if (free)
    nest.rows = nest.extents.empty() ? 0 : nest.extents.size() - 1;
  if (nest.rows == nest.extents.size()) { // the inner loop must exist
    nest.extents.push_back(1);
    for (Strides &s : patterns)
      s.push_back(0);
  }
}
