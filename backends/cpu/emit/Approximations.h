//===- Approximations.h - functions of f32 as arithmetic ---------------------===//
//
// On scalars and vectors. What is no number stays none. They go before upstream's patterns for the
// same ops.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/PatternMatch.h"

namespace heddle::cpu {

/// Upstream's patterns have 1.
inline constexpr unsigned kApproximationBenefit = 2;

/// math.exp as 14 ops: within 1 ulp where multiply-adds are fused, and 1.2 where not. Beyond the
/// largest float it is infinite; below 1.7e-38 it is 0. (Upstream's takes ten ops more, and has no
/// infinity.)
void populateExpApproximation(mlir::RewritePatternSet &patterns);

/// math.erf as 17 ops: within 3.7e-7, relative, whether or not multiply-adds are fused. From 4 on
/// it is 1, and nowhere more. (Upstream's takes 56, most of them to choose coefficients.)
void populateErfApproximation(mlir::RewritePatternSet &patterns);

} // namespace heddle::cpu
