//===- Manifest.h - the JSON that drives the runtime --------------------------===//

#pragma once

#include "Description.h"
#include "Machine.h"

namespace heddle::cpu {

/// In the form of docs/manifest.md. Equal models compiled for equal targets give equal text. The
/// launches, which name lines of the user's source, are for code that stays in this process.
std::string writeManifest(const ModelDescription &model, const Machine &machine, bool withLaunches);

} // namespace heddle::cpu
