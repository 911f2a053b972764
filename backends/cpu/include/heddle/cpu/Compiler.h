//===- Compiler.h - from a traced module to code ----------------------------===//
//
// The whole way on the CPU: the phases of heddle::passes, then plan, codegen and emit. The result
// is either a program in this process or a C library on disk; both are driven by the runtime's
// hd_program.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "heddle/cpu/VectorUnit.h"
#include "heddle/runtime.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"

#include <memory>
#include <string>
#include <vector>

namespace heddle::cpu {

/// Passes to run in front of a phase: see passes::insertPasses.
struct PassesBefore {
  std::string phase, pipeline;
};

struct CompileOptions {
  /// "native" or a name LLVM knows: "x86-64-v3", "znver3", ...
  std::string cpu = "native";
  /// Added to what the CPU has, as LLVM writes it: "+avx512f,-fma".
  std::string features;
  /// 0 to 3, of LLVM's pipeline.
  unsigned optLevel = 3;
  ProductOptions products;
  /// Passes from outside, in the order in which they are to run where the phase is the same.
  std::vector<PassesBefore> passes = {};
};

/// Runs the phases `from` to `to` of a compile, both included, on the module itself.
mlir::LogicalResult runPhases(mlir::ModuleOp module, const CompileOptions &options,
                              llvm::StringRef from, llvm::StringRef to);

/// Machine code in this process. What hd_model_create makes from its program must be destroyed
/// before it.
class JitProgram {
public:
  struct Impl;
  explicit JitProgram(std::unique_ptr<Impl> impl);
  ~JitProgram();
  JitProgram(const JitProgram &) = delete;
  JitProgram &operator=(const JitProgram &) = delete;

  const hd_program &program() const;

private:
  std::unique_ptr<Impl> impl;
};

/// Neither call changes `traced`. Errors are diagnostics at the ops they concern.
mlir::FailureOr<std::unique_ptr<JitProgram>> compileInProcess(mlir::ModuleOp traced,
                                                              const CompileOptions &options);

struct LibraryOptions {
  /// Made if it is not there. The files are named after the model: <model>.json (the manifest),
  /// <model>.h, lib<model>.so, lib<model>.a.
  std::string directory;
  bool shared = true;
  bool archive = true;
  bool header = true;
};

/// Each file appears whole or not at all.
mlir::LogicalResult compileLibrary(mlir::ModuleOp traced, const CompileOptions &options,
                                   const LibraryOptions &library);

/// Every dialect, interface and translation that a module meets on the way.
void registerDialects(mlir::DialectRegistry &registry);

} // namespace heddle::cpu
