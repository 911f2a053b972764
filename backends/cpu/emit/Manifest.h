//===- Manifest.h - the JSON that drives the runtime --------------------------===//

#pragma once

#include "Description.h"
#include "Machine.h"

namespace heddle::cpu {

/// In the form of docs/manifest.md. Equal models compiled for equal targets give equal text.
std::string writeManifest(const ModelDescription &model, const Machine &machine);

} // namespace heddle::cpu
