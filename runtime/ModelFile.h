// A model's tensors in and out of safetensors files.
#pragma once

#include "Safetensors.h"

#include "heddle/runtime.h"

namespace heddle::runtime {

// hd_model_save for callers in C++, with more metadata than the runtime's own. Throws Failure.
void saveModel(hd_model &model, const char *path, hd_save_what what,
               const SafetensorsMetadata &more);

} // namespace heddle::runtime
