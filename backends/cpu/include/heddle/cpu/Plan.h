//===- Plan.h - the phase `plan`: buffers and launches ----------------------===//

#pragma once

#include <memory>

namespace mlir {
class Pass;
}

namespace heddle::cpu {

/// Turns every function of a fused module into a list of launches on planned buffers, and every fusion into a
/// task: see docs/design.md, "The planned form".
std::unique_ptr<mlir::Pass> createPlanPass();
void registerPlanPass();

} // namespace heddle::cpu
