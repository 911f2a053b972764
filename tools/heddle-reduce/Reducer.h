//===- Reducer.h - the smallest module on which a command fails -----------===//

#pragma once

#include "FailingCommand.h"

#include "mlir/IR/OwningOpRef.h"

namespace heddle::reduce {

struct ReducerReport {
  unsigned runs = 0; ///< of the command
  unsigned kept = 0; ///< smaller modules
};

/// Makes the module smaller as long as the command fails on it as expected, by delta debugging
/// (Zeller and Hildebrandt, 2002): half of the places of a kind at once, then a quarter, and so on
/// to single ones, until no kind gives more. Calls `onSmaller` for each module that is kept;
/// returns the last one, on which no single place is left that could go.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
reduceModule(mlir::OwningOpRef<mlir::ModuleOp> module, const FailingCommand &command,
             ReducerReport &report, llvm::function_ref<llvm::Error(mlir::ModuleOp)> onSmaller);

} // namespace heddle::reduce
