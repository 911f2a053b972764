//===- Reducer.h - the smallest module on which a command fails -----------===//

#pragma once

#include "FailingCommand.h"

#include "mlir/IR/OwningOpRef.h"

namespace heddle::reduce {

/// Makes the module smaller as long as the command fails on it as expected, by delta debugging
/// (Zeller and Hildebrandt, 2002): half of the places of a kind at once, then a quarter, and so on
/// to single ones, until no kind gives more. Calls `onSmaller` for each module that is kept, with
/// what it has less of; returns the last one, on which no single place is left that could go.
/// Counts the runs of the command.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
reduceModule(mlir::OwningOpRef<mlir::ModuleOp> module, const FailingCommand &command,
             unsigned &runs,
             llvm::function_ref<llvm::Error(mlir::ModuleOp, llvm::StringRef what)> onSmaller);

} // namespace heddle::reduce
