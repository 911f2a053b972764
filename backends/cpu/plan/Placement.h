//===- Placement.h - results that can be written where they must end -------===//

#pragma once

#include "heddle/passes/Remarks.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace heddle::cpu {

/// The op that still needs what is in the memory of `old` when `writer` writes its result `result`
/// there, or null. `old` is no view, and lies there in row-major order, as the result will.
mlir::Operation *lateReader(mlir::Value old, mlir::Operation *writer, unsigned result);

/// Where a value must end: in result `result` of the function (or, for an update, the argument's
/// own buffer), from row `firstRow` on.
struct Destination {
  unsigned result;
  int64_t firstRow = 0;
};

/// Values that may be written straight into their destination, because nobody needs what is there
/// any more: results, and the parts that one is put together of. Of updates, remarks say which are
/// and why the others are not.
llvm::DenseMap<mlir::Value, Destination> directResults(mlir::func::FuncOp function,
                                                       const passes::Remarks &remarks);

} // namespace heddle::cpu
