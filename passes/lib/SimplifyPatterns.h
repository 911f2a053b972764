//===- SimplifyPatterns.h - the rewrites of heddle-simplify ---------------===//

#pragma once

#include "mlir/IR/PatternMatch.h"

namespace heddle::passes {

/// Broadcasts merged, folded, dropped, or moved behind elementwise ops.
void addBroadcastPatterns(mlir::RewritePatternSet &patterns);
/// Transposes, reshapes, reductions, pads and concatenations.
void addShapePatterns(mlir::RewritePatternSet &patterns);
/// Casts, products with constants, scatters.
void addAlgebraPatterns(mlir::RewritePatternSet &patterns);

} // namespace heddle::passes
