//===- AccessPattern.h - a kernel's loops and how it walks its tensors -----===//

#pragma once

#include "heddle/cpu/Layout.h"

namespace heddle::cpu {

/// The loops of a kernel, outermost first. The first `rows` are run in parallel; the rest, the
/// inner loops, are walked in order, the last of them by vectors.
struct LoopNest {
  llvm::SmallVector<int64_t> extents;
  size_t rows = 0;

  int64_t rowCount() const;
  int64_t innerCount() const;
};

/// The linear offset, in elements, of a loop position: `sum_d strides[d] * i_d`. Serves loads and
/// stores (offset into an argument), iota (strides 1 along its dimension) and random numbers
/// (row-major position).
using Strides = llvm::SmallVector<int64_t>;

/// Strides, over the kernel's domain, of a tensor whose dimension i runs along domain dimension
/// `dimensions[i]`. A dimension of size 1 that the domain repeats has stride 0.
Strides stridesOver(llvm::ArrayRef<int64_t> domain, const Layout &layout,
                    llvm::ArrayRef<int64_t> dimensions);

/// Drops loops of extent 1 and merges neighbours that every pattern walks as one. Rows and inner
/// loops are merged across their border only if `free`: then the last loop becomes the one inner
/// loop.
void collapse(LoopNest &nest, llvm::MutableArrayRef<Strides> patterns, bool free);

} // namespace heddle::cpu
