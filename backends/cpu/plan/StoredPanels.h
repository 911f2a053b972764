//===- StoredPanels.h - state that lies in panels at all times ---------------===//
//
// A parameter [r, c] that products read as their second operand lies in memory, between the calls
// too, in the order in which those products read it: in panels along one of its dimensions. With
// panels of w along the first, element (i, j) is at
//
//   i / w * (c * w) + j * w + i % w
//
// along the second at `j / w * (r * w) + i * w + j % w`. So nothing is packed in a call, and there
// is no second copy. Where an optimiser changes the parameter, its moments lie in the same order,
// and so does the gradient: what is elementwise is the same in any order.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "heddle/ir/Ops.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"

#include <optional>
#include <string>

namespace heddle::cpu {
struct ProductProviders;

/// A product's second operand, without the transpositions it is seen through.
struct SecondOperand {
  mlir::Value value;
  int64_t free = 0; // the dimension that is not contracted
};
/// None, if it is no plain matrix.
std::optional<SecondOperand> secondOperand(ir::ContractionOp product);

class StoredPanels {
public:
  /// None.
  StoredPanels() = default;
  /// The state of `module`, fused, that can lie in panels of `width` in all of its functions, and
  /// is worth it in one. Products that the library runs read rows.
  StoredPanels(mlir::ModuleOp module, int64_t width, const ProductProviders &providers);

  int64_t width() const { return panelWidth; }
  /// The dimension along which the panels of `value` run: an argument, its new value or its
  /// gradient. None: it lies in row-major order.
  std::optional<int64_t> dimension(mlir::Value value) const;
  /// How many tensors of state lie in panels.
  size_t count() const { return names.size(); }

  /// A parameter that lies in rows although a product of two rows or more reads it.
  struct Missed {
    ir::ContractionOp product;
    std::string reason;
  };
  const llvm::MapVector<mlir::StringAttr, Missed> &missed() const { return inRows; }

private:
  int64_t panelWidth = 0;
  llvm::DenseMap<mlir::Value, int64_t> dimensions;
  llvm::DenseSet<mlir::Attribute> names;
  llvm::MapVector<mlir::StringAttr, Missed> inRows;
};

} // namespace heddle::cpu
