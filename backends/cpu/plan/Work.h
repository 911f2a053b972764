//===- Work.h - what a launch cannot do with less of -------------------------===//

#pragma once

#include "heddle/cpu/Layout.h"

namespace heddle::ir {
class FusionOp;
}

namespace heddle::cpu {

/// Each element of the launch's arguments moved once, and its arithmetic.
struct Work {
  int64_t bytes = 0;
  int64_t ops = 0; // a multiply-add is two; an exp or a tanh is one
};

/// A broadcast dimension is the same elements again.
int64_t distinctBytes(const Layout &layout);

/// What the fusion reads and writes: of a table, the elements that are looked up.
int64_t distinctBytes(ir::FusionOp fusion, llvm::ArrayRef<Layout> inputs,
                      llvm::ArrayRef<Layout> outputs);

int64_t countOps(ir::FusionOp fusion);

} // namespace heddle::cpu
