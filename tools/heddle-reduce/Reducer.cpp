//===- Reducer.cpp - the smallest module on which a command fails ---------===//

#include "Reducer.h"
#include "Reductions.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace heddle::reduce;

static bool isValid(ModuleOp module) {
  ScopedDiagnosticHandler quiet(module.getContext(), [](Diagnostic &) { return success(); });
  return succeeded(verify(module));
}

llvm::Expected<OwningOpRef<ModuleOp>>
heddle::reduce::reduceModule(OwningOpRef<ModuleOp> module, const FailingCommand &command,
                             unsigned &runs,
                             function_ref<llvm::Error(ModuleOp, StringRef)> onSmaller) {
  for (bool changed = true; changed;) {
    changed = false;
    for (const Reduction &reduction : allReductions()) {
      unsigned chunk = std::max(reduction.count(*module) / 2, 1u);
      for (bool last = false; !last; chunk = std::max(chunk / 2, 1u)) {
        last = chunk == 1;
        // What follows a place that went has its number.
        for (unsigned from = 0, count; from < (count = reduction.count(*module));) {
          OwningOpRef<ModuleOp> candidate = module->clone();
          reduction.apply(*candidate, from, std::min(from + chunk, count));
          removeUnused(*candidate);
          const bool isSmaller = sizeOf(*candidate) < sizeOf(*module) && isValid(*candidate);
          llvm::Expected<bool> fails = isSmaller ? command.fails(*candidate) : false;
          if (!fails)
            return fails.takeError();
          runs += isSmaller;
          if (!*fails) {
            from += chunk;
            continue;
          }
          module = std::move(candidate);
          changed = true;
          if (llvm::Error error = onSmaller(*module, reduction.what))
            return error;
        }
      }
    }
  }
  return module;
}
