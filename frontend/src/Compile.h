// What every way from a model to code begins with.
#pragma once

#include "Trace.h"

#include "heddle/compile.h"
#include "heddle/cpu/Compiler.h"

namespace heddle {

/// The model's module, ready for the compiler's phases. Throws Error if it has no function.
mlir::ModuleOp prepare(const Model &model, std::source_location where);

/// Throws Error for a value that is none of the option's.
cpu::CompileOptions cpuOptions(const CompileOptions &options, std::source_location where);

} // namespace heddle
