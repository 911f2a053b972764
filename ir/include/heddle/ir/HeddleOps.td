//===- HeddleOps.td - every op of the dialect -----------------------------===//

#ifndef HEDDLE_OPS_TD
#define HEDDLE_OPS_TD

include "heddle/ir/Elementwise.td"
include "heddle/ir/Shape.td"
include "heddle/ir/Reduction.td"
include "heddle/ir/Contraction.td"
include "heddle/ir/Indexing.td"
include "heddle/ir/Random.td"
include "heddle/ir/Neural.td"
include "heddle/ir/Attention.td"
include "heddle/ir/Structure.td"

#endif
