//===- Machine.h - a target, and LLVM code for it ----------------------------===//

#pragma once

#include "heddle/cpu/Compiler.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

namespace heddle::cpu {

/// A CPU with its features, checked against what LLVM knows.
class Machine {
public:
  /// Errors at `where`: a CPU or feature that LLVM does not know.
  static mlir::FailureOr<Machine> create(const CompileOptions &options, mlir::Location where);

  const std::string &triple() const { return tripleName; }
  const std::string &cpu() const { return cpuName; }
  const std::string &features() const { return featureString; }
  const VectorUnit &vectors() const { return vectorUnit; }
  /// Features that the code may use and this computer lacks: empty when it can run here.
  llvm::SmallVector<std::string> missingHere() const;

  std::unique_ptr<llvm::TargetMachine> makeTargetMachine() const;

  /// Says on every function which CPU it is for; sets triple and data layout.
  void prepare(llvm::Module &module) const;

private:
  std::string tripleName, cpuName, featureString;
  const llvm::Target *target = nullptr;
  unsigned optLevel = 3;
  VectorUnit vectorUnit;
};

/// The module, which must be in the LLVM dialect, as LLVM IR. The caller owns the context.
std::unique_ptr<llvm::Module> translateModule(mlir::ModuleOp module, llvm::LLVMContext &context);

using Objects = llvm::SmallVector<std::unique_ptr<llvm::MemoryBuffer>>;

/// Optimises and assembles: one relocatable object a part, the parts on several threads.
mlir::FailureOr<Objects> assemble(std::unique_ptr<llvm::Module> module, const Machine &machine,
                                  mlir::Location where);

} // namespace heddle::cpu
