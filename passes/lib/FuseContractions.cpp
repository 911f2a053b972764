//===- FuseContractions.cpp - library contractions with their bias --------===//

#include "heddle/ir/Ops.h"
#include "heddle/passes/Passes.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLEFUSECONTRACTIONS
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;

/// The vector that `value` repeats over all but the last dimension, or null.
static Value biasOf(Value value) {
  auto broadcast = value.getDefiningOp<ir::BroadcastOp>();
  if (!broadcast)
    return {};
  int64_t rank = broadcast.getType().getRank();
  auto bias = cast<RankedTensorType>(broadcast.getX().getType());
  if (rank == 0 || bias.getRank() != 1 ||
      broadcast.getDimensions() != ArrayRef<int64_t>{rank - 1} ||
      bias.getDimSize(0) != broadcast.getType().getDimSize(rank - 1))
    return {};
  return broadcast.getX();
}

namespace {

struct FuseContractions : passes::impl::HeddleFuseContractionsBase<FuseContractions> {
  void runOnOperation() override {
    SmallVector<ir::DotGeneralOp> dots;
    getOperation().walk([&](ir::DotGeneralOp op) {
      if (op.getType().getElementType().isF32())
        dots.push_back(op);
    });
    for (ir::DotGeneralOp dot : dots) {
      // The contraction takes the place of the addition: the bias may be computed after the
      // product.
      Operation *root = dot;
      Value bias;
      if (dot->hasOneUse())
        if (auto add = dyn_cast<ir::AddOp>(*dot->user_begin())) {
          bias = biasOf(add.getX() == dot.getResult() ? add.getY() : add.getX());
          if (bias)
            root = add;
        }
      OpBuilder builder(root);
      auto contraction = ir::ContractionOp::create(
          builder, root == dot ? dot.getLoc() : builder.getFusedLoc({dot.getLoc(), root->getLoc()}),
          dot.getType(), dot.getX(), dot.getY(), bias, dot.getXBatchAttr(), dot.getYBatchAttr(),
          dot.getXContractAttr(), dot.getYContractAttr());
      root->getResult(0).replaceAllUsesWith(contraction.getResult());
      bool hasAddition = root != dot;
      root->erase();
      if (hasAddition)
        dot.erase();
      ++numContractions;
      numBiases += bias ? 1 : 0;
    }
  }
};

} // namespace
