//===- ExpApproximation.h - e^x on f32 ---------------------------------------===//

#pragma once

#include "mlir/IR/PatternMatch.h"

namespace heddle::cpu {

/// math.exp on f32, scalar or vector, as 14 ops of arithmetic: within 1 ulp where multiply-adds are
/// fused, and 1.2 where not. Beyond the largest float it is infinite; below 1.7e-38 it is 0.
/// (Upstream's takes ten ops more, and has no infinity.)
void populateExpApproximation(mlir::RewritePatternSet &patterns);

} // namespace heddle::cpu
