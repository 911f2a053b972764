//===- Toolchain.h - the linker and the files that a library is made of -----===//

#pragma once

#include "mlir/IR/Diagnostics.h"
#include "mlir/Support/LLVM.h"

#include <string>
#include <vector>

namespace heddle::cpu {

/// Where things are on this computer: where the build found them, or else where they usually are.
struct Toolchain {
  std::string driver;  // a C++ compiler that links
  std::string runtime; // libheddle_runtime.a
  std::string dnnl;    // libdnnl, as a path or as -ldnnl

  /// The runtime is the file that the environment variable HEDDLE_RUNTIME names, or else is written
  /// into the directory `work`. Errors: no compiler in PATH; no file where HEDDLE_RUNTIME points.
  static mlir::FailureOr<Toolchain> find(mlir::StringRef work, mlir::Location where);

  /// Links `objects` and the runtime. Only `exported` is visible.
  mlir::LogicalResult linkShared(mlir::ArrayRef<std::string> objects,
                                 mlir::ArrayRef<std::string> exported, mlir::StringRef soname,
                                 mlir::StringRef output, mlir::Location where) const;

  /// An archive of one object, in which the runtime is merged and all but `exported` is local: two
  /// models, or two versions of one, in one program do not meet.
  mlir::LogicalResult makeArchive(mlir::ArrayRef<std::string> objects,
                                  mlir::ArrayRef<std::string> exported, mlir::StringRef output,
                                  mlir::Location where) const;

private:
  mlir::LogicalResult run(mlir::ArrayRef<std::string> arguments, mlir::StringRef log,
                          mlir::Location where) const;
};

} // namespace heddle::cpu
