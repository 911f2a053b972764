//===- Schedule.h - a function as launches on buffers -----------------------===//

#pragma once

#include "PackedTensors.h"
#include "ProductProviders.h"
#include "StoredPanels.h"
#include "Work.h"
#include "heddle/cpu/ContractionLayout.h"
#include "heddle/cpu/KernelLibrary.h"
#include "heddle/cpu/Passes.h"
#include "heddle/passes/Remarks.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <variant>

namespace heddle::cpu {

/// Memory that values live in.
struct Buffer {
  enum Kind { Argument, Result, Packed, Arena, Constant } kind = Arena;
  unsigned index = 0;               // of the argument, (non-update) result or packed tensor
  int64_t bytes = 0;                // Arena
  mlir::DenseElementsAttr contents; // Constant
};

/// Where a value lies.
struct Place {
  size_t buffer = 0;
  Layout layout;
};

/// One launch: a task, or a contraction of the library.
struct Step {
  mlir::Location loc;
  std::variant<Task, mlir::DictionaryAttr> what;
  llvm::SmallVector<std::pair<size_t, int64_t>>
      arguments; // buffer and byte offset; contraction: a, b, bias or none, c
  bool hasBias = false;
  Work work;
  std::string product = {}; // ContractionLayout::key; empty: none
};

/// The launches of one function, in order, and the buffers they work on.
struct Schedule {
  llvm::SmallVector<Buffer> buffers;
  std::vector<Step> steps;
  /// Tensors of state that could not be updated in place.
  unsigned stateCopies = 0;
};

/// Schedules a fused function; makes its kernels.
mlir::FailureOr<Schedule> schedule(mlir::func::FuncOp function, KernelLibrary &kernels,
                                   const ProductProviders &providers, const StoredPanels &stored,
                                   PackedTensors &packed, bool fuseEpilogues,
                                   const passes::Remarks &remarks);

} // namespace heddle::cpu
