//===- RuntimeArchive.h - the runtime, inside the compiler ------------------===//

#pragma once

#include "llvm/ADT/StringRef.h"

namespace heddle::cpu {

/// The bytes of libheddle_runtime.a. A program that writes libraries carries them, so it may be
/// moved, and what it was built from may be deleted.
llvm::StringRef runtimeArchive();

} // namespace heddle::cpu
