//===- Wrappers.h - what the runtime and C programs call ----------------------===//
//
// Thin LLVM functions round the code of `codegen`.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Description.h"

#include "llvm/IR/Module.h"

namespace heddle::cpu {

/// A model's names as C identifiers. Dots separate what only the linker sees, so it cannot clash
/// with them.
struct CNames {
  std::string prefix; // "mnist"
  struct Function {
    std::string name;                         // "train": the C function is mnist_train
    std::vector<std::string> inputs, outputs; // the parameters' names
  };
  std::vector<Function> functions;

  std::string entry(size_t function) const; // "mnist.entry.train"
  std::string packer(size_t number) const;  // "mnist.pack.0"
};

/// Errors, saying which names: two that become the same identifier, a C keyword, a name of the
/// fixed interface.
mlir::FailureOr<CNames> makeCNames(const ModelDescription &model, mlir::Location where);

/// For each function `void entry(hd_run *, void *const *buffers)`, which calls the code with the
/// buffers, and for each packed tensor `void packer(hd_run *, const void *tensor, void *packed)`.
void addEntries(llvm::Module &module, const ModelDescription &model, const CNames &names);

/// The functions of the generated header, which make an hd_model of the entries and the manifest.
/// Returns the names to export.
std::vector<std::string> addInterface(llvm::Module &module, const ModelDescription &model,
                                      const CNames &names, const std::string &manifest);

} // namespace heddle::cpu
