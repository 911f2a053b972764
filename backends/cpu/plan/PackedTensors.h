//===- PackedTensors.h - parameters in the order in which kernels read them --===//

#pragma once

#include "heddle/cpu/ContractionLayout.h"
#include "heddle/cpu/KernelLibrary.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace heddle::cpu {

/// A tensor that the runtime keeps beside the one that it is made of, and makes anew when that
/// changes.
struct PackedTensor {
  mlir::StringAttr name; // of the parameter
  int64_t offset = 0;    // of its first element that is read, in elements
  PackedForm form;
  Task task; // makes it: KernelLibrary::pack

  int64_t bytes() const { return form.elements() * 4; }
};

/// Those of a module: functions that read the same parameter in the same form share it.
class PackedTensors {
public:
  /// No parameter is packed unless `isWanted`.
  explicit PackedTensors(bool isWanted) : isWanted(isWanted) {}

  /// The number of the tensor that serves as `product`'s b, whose place has `layout` in
  /// `argument`; none if b is better read as it lies.
  std::optional<size_t> find(mlir::BlockArgument argument, const Layout &layout,
                             const ContractionLayout &product, KernelLibrary &kernels);

  llvm::ArrayRef<PackedTensor> all() const { return tensors; }

private:
  bool isWanted;
  llvm::SmallVector<PackedTensor> tensors;
};

} // namespace heddle::cpu
