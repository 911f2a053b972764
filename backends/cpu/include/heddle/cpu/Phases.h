//===- Phases.h - every phase of a compile for the CPU ----------------------===//

#pragma once

#include "heddle/passes/Pipeline.h"

namespace heddle::cpu {

/// The phases of the dialect, then `plan` and `codegen`, for a target with or without fused
/// multiply-add.
llvm::SmallVector<passes::Phase> phases(bool fma = true);

/// Registers the passes of this backend's phases, for use by name.
void registerPasses();

} // namespace heddle::cpu
