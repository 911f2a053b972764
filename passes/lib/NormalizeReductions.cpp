//===- NormalizeReductions.cpp - reductions over rows or columns ----------===//

#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Passes.h"
#include "heddle/passes/Remarks.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLENORMALIZEREDUCTIONS
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

namespace {

struct NormalizeReductions : passes::impl::HeddleNormalizeReductionsBase<NormalizeReductions> {
  using HeddleNormalizeReductionsBase::HeddleNormalizeReductionsBase;

  void runOnOperation() override {
    SmallVector<Operation *> reductions;
    getOperation().walk([&](Operation *op) {
      if (isReduction(op) && !op->getParentOfType<ir::FusionOp>())
        reductions.push_back(op);
    });
    for (Operation *op : reductions)
      rewrite(op);
  }

private:
  /// Erases the op, and what was only for it.
  static void eraseDead(Operation *op) {
    llvm::SetVector<Operation *> worklist;
    worklist.insert(op);
    while (!worklist.empty()) {
      Operation *dead = worklist.pop_back_val();
      if (dead != op && (!isOpTriviallyDead(dead) || isReduction(dead)))
        continue;
      for (Value operand : dead->getOperands())
        if (Operation *producer = operand.getDefiningOp())
          worklist.insert(producer);
      dead->erase();
    }
  }
  void rewrite(Operation *op) {
    auto type = cast<RankedTensorType>(op->getOperand(0).getType());
    if (!type.hasStaticShape() || type.getNumElements() == 0)
      return;
    OpBuilder builder(op);
    SmallVector<int64_t> dimensions(reducedDimensions(op));
    int64_t rank = type.getRank();
    Value result;
    if (static_cast<int64_t>(dimensions.size()) == rank)
      result = reduceAll(builder, op, type);
    else if (!reducesTrailing(op) && !reducesLeading(op))
      result = reduceMixed(builder, op, dimensions, rank);
    if (!result)
      return;
    op->getResult(0).replaceAllUsesWith(result);
    eraseDead(op);
  }

  /// A reshape is a view of memory: what is computed for `reader` alone is computed in the new
  /// shape instead, so that it need not be written first. `made` holds what has been reshaped.
  Value reshaped(OpBuilder &builder, Operation *reader, Value x, ArrayRef<int64_t> shape,
                 llvm::DenseMap<Value, Value> &made) {
    if (Value known = made.lookup(x))
      return known;
    Operation *op = x.getDefiningOp();
    auto onlyFor = [&](Operation *user) { return user == reader; };
    auto type = RankedTensorType::get(shape, cast<RankedTensorType>(x.getType()).getElementType());
    Value result;
    if (isSplatConstant(op)) {
      auto value = cast<SplatElementsAttr>(cast<ir::ConstantOp>(op).getValue());
      result = ir::ConstantOp::create(builder, op->getLoc(),
                                      cast<ElementsAttr>(value.resizeSplat(type)));
    } else if (auto broadcast = dyn_cast_if_present<ir::BroadcastOp>(op);
               broadcast && broadcast.getX().getType().getRank() == 0) {
      result = ir::BroadcastOp::create(builder, op->getLoc(), type, broadcast.getX(),
                                       ArrayRef<int64_t>());
    } else if (isa_and_present<ir::ElementwiseOpInterface>(op) &&
               llvm::all_of(op->getUsers(), onlyFor)) {
      IRMapping operands;
      for (Value operand : op->getOperands())
        operands.map(operand, reshaped(builder, op, operand, shape, made));
      Operation *copy = builder.clone(*op, operands);
      copy->getResult(0).setType(type);
      result = copy->getResult(0);
    } else {
      result = ir::TensorBuilder(builder, reader->getLoc()).reshape(x, shape);
    }
    return made[x] = result;
  }

  Value reduceAll(OpBuilder &builder, Operation *op, RankedTensorType type) {
    if (type.getNumElements() <= serialLimit)
      return {};
    Value x = op->getOperand(0);
    int64_t rank = type.getRank();
    // A vector becomes rows of the largest power of two that divides it.
    if (rank == 1) {
      int64_t size = type.getDimSize(0), columns = 1;
      while (size % (2 * columns) == 0 && columns < 1024)
        columns *= 2;
      if (columns < 16)
        return {};
      llvm::DenseMap<Value, Value> made;
      x = reshaped(builder, op, x, {size / columns, columns}, made);
      rank = 2;
    }
    // The fewest trailing dimensions that leave few enough rows for the last step, but never all.
    auto shape = cast<RankedTensorType>(x.getType()).getShape();
    int64_t first = rank - 1, rows = 1;
    for (int64_t size : shape.drop_back())
      rows *= size;
    while (first > 1 && rows > serialLimit)
      rows /= shape[--first];
    ++numSplit;
    Remarks(*this, getOperation()).passed(op->getLoc(), "Split")
        << remark::add("{0} of {1} elements is two kernels", nameForUser(op), type.getNumElements())
        << remark::reason("the first of them runs on all threads");
    Value partial =
        reduceLike(builder, op->getLoc(), op, x, llvm::to_vector(llvm::seq<int64_t>(first, rank)));
    return reduceLike(builder, op->getLoc(), op, partial,
                      llvm::to_vector(llvm::seq<int64_t>(0, first)));
  }

  Value reduceMixed(OpBuilder &builder, Operation *op, SmallVector<int64_t> dimensions,
                    int64_t rank) {
    Value x = op->getOperand(0);
    // First what can be done a row at a time: it leaves the least.
    SmallVector<int64_t> trailing;
    while (!dimensions.empty() && dimensions.back() == rank - 1) {
      trailing.insert(trailing.begin(), dimensions.pop_back_val());
      --rank;
    }
    if (!trailing.empty()) {
      x = reduceLike(builder, op->getLoc(), op, x, trailing);
      ++numSplit;
    }
    bool leading = true;
    for (auto [i, dimension] : llvm::enumerate(dimensions))
      leading = leading && dimension == static_cast<int64_t>(i);
    int64_t count = dimensions.size();
    if (!leading) {
      SmallVector<int64_t> permutation = dimensions;
      for (int64_t i = 0; i < rank; ++i)
        if (!llvm::is_contained(dimensions, i))
          permutation.push_back(i);
      Remarks(*this, getOperation()).missed(op->getLoc(), "Transposed")
          << remark::add("what {0} takes ({1}) is transposed first", nameForUser(op),
                         sizeForUser(x))
          << remark::reason("it reduces neither the first nor the last dimensions");
      x = ir::TensorBuilder(builder, op->getLoc()).transpose(x, permutation);
      ++numTransposed;
    }
    return reduceLike(builder, op->getLoc(), op, x, llvm::to_vector(llvm::seq<int64_t>(0, count)));
  }
};

} // namespace
