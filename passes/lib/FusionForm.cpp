//===- FusionForm.cpp - the three forms of a fusion -----------------------===//

#include "heddle/passes/FusionForm.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

int64_t passes::bytesOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getNumElements() * std::max(1U, type.getElementTypeBitWidth() / 8);
}

bool passes::isSingleKernel(Operation *op) {
  return isa<ir::TransposeOp, ir::SliceOp, ir::ReshapeOp, ir::BroadcastOp, ir::PadOp, ir::ConcatOp,
             ir::DynamicSliceOp, ir::DynamicUpdateSliceOp, ir::ScatterAddOp, ir::ArgMaxOp,
             ir::DotGeneralOp, ir::AttentionOp, ir::AttentionGradientOp>(op) ||
         isReduction(op);
}
bool passes::readsMemory(Operation *op) { return isa<ir::GatherOp, ir::RandomUniformOp>(op); }

bool passes::isElementwise(ir::FusionOp fusion) {
  if (fusion->getAttrOfType<StringAttr>(kFusionKindAttr).getValue() != "rows")
    return false;
  ArrayRef<int64_t> domain =
      fusion->getAttrOfType<DenseI64ArrayAttr>(kFusionDomainAttr).asArrayRef();
  auto isFull = [&](Value value) {
    return cast<RankedTensorType>(value.getType()).getShape() == domain;
  };
  Block &body = fusion.getBody().front();
  return llvm::all_of(body.without_terminator(),
                      [&](Operation &op) {
                        return !isReduction(&op) && llvm::all_of(op.getResults(), isFull);
                      }) &&
         llvm::all_of(body.getTerminator()->getOperands(), isFull);
}

bool passes::isReduction(Operation *op) {
  return isa<ir::ReduceSumOp, ir::ReduceMaxOp, ir::ReduceMinOp>(op);
}
ArrayRef<int64_t> passes::reducedDimensions(Operation *op) {
  return op->getAttrOfType<DenseI64ArrayAttr>("dimensions").asArrayRef();
}
Value passes::reduceLike(OpBuilder &builder, Location loc, Operation *reduction, Value x,
                         ArrayRef<int64_t> dimensions) {
  return llvm::TypeSwitch<Operation *, Value>(reduction)
      .Case<ir::ReduceSumOp, ir::ReduceMaxOp, ir::ReduceMinOp>([&](auto op) {
        auto properties = op.getProperties();
        properties.dimensions = builder.getDenseI64ArrayAttr(dimensions);
        return decltype(op)::create(builder, loc, ValueRange(x), properties);
      });
}
bool passes::reducesTrailing(Operation *op) {
  auto dimensions = reducedDimensions(op);
  int64_t rank = shapeOf(op->getOperand(0)).size(),
          first = rank - static_cast<int64_t>(dimensions.size());
  for (auto [i, dimension] : llvm::enumerate(dimensions))
    if (dimension != first + static_cast<int64_t>(i))
      return false;
  return true;
}
bool passes::reducesLeading(Operation *op) {
  for (auto [i, dimension] : llvm::enumerate(reducedDimensions(op)))
    if (dimension != static_cast<int64_t>(i))
      return false;
  return true;
}
bool passes::isSplatConstant(Operation *op) {
  auto constant = dyn_cast_if_present<ir::ConstantOp>(op);
  return constant && isa<SplatElementsAttr>(constant.getValue());
}

namespace {

/// Checks a body of kind rows or columns op by op.
struct BodyChecker {
  ir::FusionOp fusion;
  bool columns;
  ArrayRef<int64_t> domain;
  int64_t rowRank;
  bool hasRows = false; // a reduction or a row value occurs

  bool isFull(ArrayRef<int64_t> shape) const { return shape == domain; }
  bool isRow(ArrayRef<int64_t> shape) const {
    return !columns && shape == domain.take_front(rowRank);
  }

  LogicalResult checkShape(Operation *op, ArrayRef<int64_t> shape) {
    if (isFull(shape))
      return success();
    if (isRow(shape)) {
      hasRows = true;
      return success();
    }
    return op->emitError()
           << "has a shape that is neither the domain of its fusion nor a row of it";
  }
  LogicalResult checkArguments(Operation *op) {
    for (Value operand : op->getOperands())
      if (!isa<BlockArgument>(operand))
        return op->emitError() << "in a fusion takes only operands of the fusion";
    return success();
  }
  LogicalResult checkReduction(Operation *op) {
    if (!isFull(shapeOf(op->getOperand(0))))
      return op->emitError() << "does not reduce a value of the fusion's domain";
    int64_t count = reducedDimensions(op).size(), rank = domain.size();
    hasRows = true;
    if (columns) {
      if (!reducesLeading(op) || count != rowRank)
        return op->emitError() << "does not reduce the leading " << rowRank << " dimensions";
      for (Operation *user : op->getUsers())
        if (!isa<ir::YieldOp>(user))
          return op->emitError() << "in a fusion of kind columns may only be yielded";
      return success();
    }
    if (!reducesTrailing(op) || count != rank - rowRank)
      return op->emitError() << "does not reduce the trailing " << rank - rowRank << " dimensions";
    return success();
  }
  LogicalResult checkBroadcast(ir::BroadcastOp op) {
    if (failed(checkShape(op, op.getType().getShape())))
      return failure();
    if (isa<BlockArgument>(op.getX()))
      return success();
    bool leading = true;
    for (auto [i, dimension] : llvm::enumerate(op.getDimensions()))
      leading = leading && dimension == static_cast<int64_t>(i);
    if (columns || !leading || !isRow(shapeOf(op.getX())) || !isFull(op.getType().getShape()))
      return op.emitError()
             << "in a fusion broadcasts operands of the fusion, or rows to the domain";
    return success();
  }
  LogicalResult check(Operation *op) {
    if (isReduction(op))
      return checkReduction(op);
    if (auto broadcast = dyn_cast<ir::BroadcastOp>(op))
      return checkBroadcast(broadcast);
    if (!isa<ir::ElementwiseOpInterface, ir::ConstantOp, ir::IotaOp, ir::RandomUniformOp,
             ir::GatherOp>(op))
      return op->emitError() << "may not stand in a fusion of kind "
                             << (columns ? "columns" : "rows");
    if (isa<ir::ConstantOp>(op) && !isSplatConstant(op))
      return op->emitError() << "in a fusion has one value for all elements";
    auto shape = shapeOf(op->getResult(0));
    if (failed(checkShape(op, shape)))
      return failure();
    if (isa<ir::GatherOp>(op) && !isFull(shape))
      return op->emitError() << "in a fusion has the shape of the domain";
    if (readsMemory(op))
      return checkArguments(op);
    for (Value operand : op->getOperands())
      if (shapeOf(operand) != shape)
        return op->emitError() << "has operands of another shape than its result";
    return success();
  }
  LogicalResult run() {
    Block &block = fusion.getBody().front();
    for (Operation &op : block.without_terminator())
      if (failed(check(&op)))
        return failure();
    for (Value value : block.getTerminator()->getOperands()) {
      if (columns && !(value.getDefiningOp() && isReduction(value.getDefiningOp())))
        return fusion.emitError() << "of kind columns yields something else than a reduction";
      if (!columns && !isFull(shapeOf(value)) && !isRow(shapeOf(value)))
        return fusion.emitError()
               << "yields a value whose shape is neither the domain nor a row of it";
    }
    int64_t rank = domain.size();
    if (!columns && !hasRows && rowRank != std::max<int64_t>(rank - 1, 0))
      return fusion.emitError() << "without a reduction has row_rank " << rowRank
                                << " instead of rank - 1";
    return success();
  }
};

} // namespace

LogicalResult passes::verifyFusionForm(ir::FusionOp fusion) {
  Block &block = fusion.getBody().front();
  auto kind = fusion->getAttrOfType<StringAttr>(kFusionKindAttr);
  if (!kind || (kind != "rows" && kind != "columns" && kind != "single"))
    return fusion.emitError() << "needs the attribute kind, which is rows, columns or single";
  if (kind == "single") {
    if (!llvm::hasNItems(block.without_terminator(), 1))
      return fusion.emitError() << "of kind single holds " << block.getOperations().size() - 1
                                << " ops instead of one";
    Operation &op = block.front();
    if (!isSingleKernel(&op))
      return op.emitError()
             << "may not stand in a fusion of kind single, since it has no kernel of its own";
    if (block.getTerminator()->getOperands() != op.getResults())
      return fusion.emitError()
             << "of kind single yields something else than the results of its op";
    return success();
  }
  if (block.getNumArguments() + fusion->getNumResults() >= kFusionValueLimit)
    return fusion.emitError() << "has " << block.getNumArguments() << " operands and "
                              << fusion->getNumResults() << " results, together more than "
                              << kFusionValueLimit - 1;
  auto domain = fusion->getAttrOfType<DenseI64ArrayAttr>(kFusionDomainAttr);
  auto rowRank = fusion->getAttrOfType<IntegerAttr>(kFusionRowRankAttr);
  if (!domain || !rowRank)
    return fusion.emitError() << "of kind " << kind.getValue()
                              << " needs the attributes domain and row_rank";
  bool columns = kind == "columns";
  int64_t rank = domain.size();
  if (rowRank.getInt() < (columns ? 1 : 0) || rowRank.getInt() > rank ||
      (columns && rowRank.getInt() == rank))
    return fusion.emitError() << "has row_rank " << rowRank.getInt()
                              << " out of range for its domain";
  return BodyChecker{fusion, columns, domain.asArrayRef(), rowRank.getInt()}.run();
}
