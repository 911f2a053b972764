//===- Plan.h - the phase `plan`: buffers and launches ----------------------===//

#pragma once

#include <memory>

namespace mlir {
class Pass;
}

namespace heddle::cpu {

/// On a planned argument of type memref<0xT>: the shape of the empty tensor that it stands for.
inline constexpr char kShapeAttr[] = "heddle.shape";

/// Turns every function of a fused module into a list of launches on planned buffers, and every fusion into a
/// task: see docs/design.md, "The planned form".
std::unique_ptr<mlir::Pass> createPlanPass();
void registerPlanPass();

} // namespace heddle::cpu
