//===- Jit.h - objects loaded into this process --------------------------------===//

#pragma once

#include "Machine.h"
#include "Wrappers.h"

namespace heddle::cpu {

mlir::FailureOr<std::unique_ptr<JitProgram>> loadProgram(Objects objects, const CNames &names,
                                                         size_t packerCount, std::string manifest,
                                                         mlir::Location where);

} // namespace heddle::cpu
