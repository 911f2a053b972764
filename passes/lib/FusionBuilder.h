//===- FusionBuilder.h - groups to fusion ops -----------------------------===//

#pragma once

#include "FusionGraph.h"

namespace heddle::passes {

/// The body of one fusion before it is placed: built on its own, so that its operands are known
/// first.
struct FusionBody {
  FusionKind kind = FusionKind::rows;
  llvm::SmallVector<int64_t> domain;
  int64_t rowRank = 0;
  std::unique_ptr<mlir::Block> block = std::make_unique<mlir::Block>();
  llvm::SmallVector<mlir::Value> inputs;  // values of the function, one a block argument
  llvm::SmallVector<mlir::Value> outputs; // values of the function that the fusion computes
  llvm::SmallVector<mlir::Location> locations;
};

/// Builds the body that computes what the group's other users read; has no outputs when they read
/// nothing.
FusionBody buildGroupBody(FusionGraph &graph, const FusionGroup &group);
/// The body that holds `op` alone.
FusionBody buildSingleBody(mlir::Operation *op);
/// Places the fusion with `inputs` as operands.
ir::FusionOp createFusion(mlir::OpBuilder &builder, FusionBody body, mlir::ValueRange inputs);

} // namespace heddle::passes
