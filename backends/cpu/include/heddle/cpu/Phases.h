//===- Phases.h - every phase of a compile for the CPU ----------------------===//

#pragma once

#include "heddle/cpu/VectorUnit.h"
#include "heddle/passes/Pipeline.h"

namespace heddle::cpu {

/// The phases of the dialect, then `plan` and `codegen`.
llvm::SmallVector<passes::Phase> phases(const VectorUnit &unit = {},
                                        const ProductOptions &products = {});

/// Registers the passes of this backend's phases, for use by name.
void registerPasses();

} // namespace heddle::cpu
