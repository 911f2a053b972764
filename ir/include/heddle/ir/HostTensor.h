//===- HostTensor.h - a tensor's values, in float64 -----------------------===//
//
// What the reference interpreter computes with. Integers are exact up to 2^53.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinTypes.h"

#include <vector>

namespace heddle::ir {

struct HostTensor {
  mlir::RankedTensorType type;
  std::vector<double> values; // row-major

  HostTensor() = default;
  explicit HostTensor(mlir::RankedTensorType type)
      : type(type), values(static_cast<size_t>(type.getNumElements()), 0.0) {}
  HostTensor(mlir::RankedTensorType type, std::vector<double> values)
      : type(type), values(std::move(values)) {}

  llvm::ArrayRef<int64_t> shape() const { return type.getShape(); }
};

} // namespace heddle::ir
