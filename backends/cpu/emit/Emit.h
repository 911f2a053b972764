//===- Emit.h - the phases codegen and emit, after plan ------------------------===//
//
// Compiler.h without the phases before: for it, and for tests that write planned modules by hand.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "heddle/cpu/Compiler.h"

namespace heddle::cpu {

/// Both use `planned` up. `traced`, where there is one, gives the manifest its index checks and
/// hash.
mlir::FailureOr<std::unique_ptr<JitProgram>>
emitInProcess(mlir::ModuleOp planned, mlir::ModuleOp traced, const CompileOptions &options);
mlir::LogicalResult emitLibrary(mlir::ModuleOp planned, mlir::ModuleOp traced,
                                const CompileOptions &options, const LibraryOptions &library);

/// The dialects and translations that these two need.
void registerEmitDialects(mlir::DialectRegistry &registry);

} // namespace heddle::cpu
