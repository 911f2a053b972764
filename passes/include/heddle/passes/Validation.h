//===- Validation.h - every pass gives the same numbers before and after --===//
//
//   PassManager manager(context);
//   ... // passes, your own among them
//   passes::ValidationReport report;
//   passes::enableValidation(manager, report);
//   if (failed(manager.run(module))) ... // also where a pass changed a result
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/Pass/PassManager.h"

namespace heddle::passes {

struct ValidationOptions {
  /// Each pass is held against the interpreter once for each of these, on other random arguments.
  llvm::SmallVector<uint64_t> seeds = {0};
};

/// Each function counts once for each pass that ran on it.
struct ValidationReport {
  unsigned passes = 0;    ///< that ran on a module or a function
  unsigned compared = 0;  ///< functions of which all results, or some, were the same
  unsigned unchanged = 0; ///< functions that the pass left alone
  unsigned skipped = 0;   ///< functions that could not be compared; remarks say why
  unsigned different = 0; ///< functions of which a result changed; errors say how
};

/// Around each pass on a module or a function, the functions that the pass changes are run by the
/// interpreter on random arguments as they were before and as they are after. A pass after which a
/// result differs by more than rounding explains (see `roundingSpread`) fails, with an error at the
/// function.
///
/// Arguments and results of the two are matched by their names in the model, or else by position.
/// What cannot be compared, because the interpreter does not know an op, or because the pass took
/// it away, is said in a remark: once a function, where the pass makes it so. `report` has to live
/// as long as `manager` runs.
void enableValidation(mlir::PassManager &manager, ValidationReport &report,
                      ValidationOptions options = {});

} // namespace heddle::passes
