// From a trained model to a C program that writes text.
#pragma once

#include "options.h"

namespace gpt {

/// Compiles the model to libgpt.so and gpt.h in options.output, copies generate.c there, compiles
/// it with the C compiler (the environment's CC, or cc) and runs it.
void ship(const Options &options);

} // namespace gpt
