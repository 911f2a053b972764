//===- PackedPanels.h - the operands of a matrix product, packed -------------===//

#pragma once

#include "mlir/IR/Builders.h"

namespace heddle::cpu {

/// One operand of a product, seen from the contracted dimension k: at every k it has lanes, which
/// are rows of a or columns of b. Element (lane, k) is at `pointer[lane * laneStride + k *
/// depthStride]`.
struct PanelSource {
  mlir::Value pointer;
  int64_t laneStride = 1, depthStride = 1;
};

/// Panels of `width` lanes each: element (lane, k) of a panel is at `k * width + lane`, and the
/// next panel begins `width * depth` further on.
struct PanelShape {
  int64_t width = 0, depth = 0;
};

/// Packs the first `lanes` lanes and the first `length` positions k of `source`. A last panel with
/// fewer lanes is filled up with zeros. What is known of these run-time values: `lanes` is a
/// multiple of the width unless `anyLanes`, and `length` one of `lengthUnit`.
void packPanels(mlir::OpBuilder &b, mlir::Location loc, const PanelSource &source,
                const PanelShape &shape, mlir::Value lanes, bool anyLanes, mlir::Value length,
                int64_t lengthUnit, mlir::Value target);

/// What all parts of `extent` are multiples of, if each but the last is one of 16: 16, 8 or 1.
int64_t lengthUnitOf(int64_t extent);

} // namespace heddle::cpu
