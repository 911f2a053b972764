//===- FuseContractions.cpp - library contractions with their bias --------===//

#include "heddle/ir/Ops.h"
#include "heddle/passes/Passes.h"
#include "heddle/passes/Remarks.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLEFUSECONTRACTIONS
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

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

/// What a contraction may take along.
struct Bias {
  Value vector;
  ir::AddOp addition;
};

struct FuseContractions : passes::impl::HeddleFuseContractionsBase<FuseContractions> {
  void runOnOperation() override {
    const Remarks remarks(*this, getOperation());
    SmallVector<ir::DotGeneralOp> dots;
    getOperation().walk([&](ir::DotGeneralOp op) {
      if (op.getType().getElementType().isF32())
        dots.push_back(op);
      else
        sayNotF32(remarks, op);
    });
    for (ir::DotGeneralOp dot : dots) {
      const Bias bias = findBias(remarks, dot);
      // The contraction takes the place of the addition: the bias may be computed after the
      // product.
      Operation *root = bias.addition ? bias.addition : dot;
      OpBuilder builder(root);
      auto contraction = ir::ContractionOp::create(
          builder, root == dot ? dot.getLoc() : builder.getFusedLoc({dot.getLoc(), root->getLoc()}),
          dot.getType(), dot.getX(), dot.getY(), bias.vector, dot.getXBatchAttr(),
          dot.getYBatchAttr(), dot.getXContractAttr(), dot.getYContractAttr());
      root->getResult(0).replaceAllUsesWith(contraction.getResult());
      root->erase();
      if (bias.addition)
        dot.erase();
      ++numContractions;
      numBiases += bias.vector ? 1 : 0;
    }
  }

private:
  static Bias findBias(const Remarks &remarks, ir::DotGeneralOp dot) {
    for (Operation *user : dot->getUsers()) {
      auto addition = dyn_cast<ir::AddOp>(user);
      if (!addition)
        continue;
      Value other = addition.getX() == dot.getResult() ? addition.getY() : addition.getX();
      const Value vector = biasOf(other);
      if (vector && dot->hasOneUse()) {
        remarks.passed(dot.getLoc(), "BiasFused")
            << remark::add("{0} and the {1} of its bias are one kernel", nameForUser(dot),
                           nameSeenFrom(dot.getLoc(), addition));
        return {vector, addition};
      }
      if (vector)
        remarks.missed(addition.getLoc(), "BiasNotFused")
            << remark::add("this bias is not added by the {0}",
                           nameSeenFrom(addition.getLoc(), dot))
            << remark::reason("the product is {0} too", otherUse(dot, addition));
      else if (other.getDefiningOp<ir::BroadcastOp>())
        remarks.missed(addition.getLoc(), "BiasNotFused")
            << remark::add("what is added here is not added by the {0}",
                           nameSeenFrom(addition.getLoc(), dot))
            << remark::reason("a product takes along a vector over its last dimension only");
    }
    return {};
  }

  /// "used by gelu (model.cpp:12)" or "a result of the function".
  static std::string otherUse(ir::DotGeneralOp dot, Operation *but) {
    for (Operation *user : dot->getUsers())
      if (user != but)
        return user->hasTrait<OpTrait::IsTerminator>()
                   ? "a result of the function"
                   : "used by " + nameSeenFrom(but->getLoc(), user);
    llvm_unreachable("has another use");
  }

  static void sayNotF32(const Remarks &remarks, ir::DotGeneralOp dot) {
    remarks.missed(dot.getLoc(), "NotF32")
        << remark::add("{0} of {1} is a plain loop", nameForUser(dot),
                       dot.getType().getElementType())
        << remark::reason("fast kernels and oneDNN are used for f32 only")
        << remark::suggest("cast its operands to f32");
  }
};

} // namespace
