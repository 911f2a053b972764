//===- SplitUpdates.cpp - large gradients and their updates in parts -------===//
//
// The gradient of an embedding is as large as the embedding, and is there for one update alone. A
// part of its rows at a time takes a part of its memory, and the update finds it in the cache.
//
//===----------------------------------------------------------------------===//

#include "FusionBuilder.h"
#include "heddle/ir/TensorBuilder.h"
#include "heddle/passes/Passes.h"
#include "heddle/passes/Remarks.h"
#include "heddle/passes/Updates.h"

#include "mlir/IR/IRMapping.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLESPLITUPDATES
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static RankedTensorType withRows(Value value, int64_t rows) {
  SmallVector<int64_t> shape(typeOf(value).getShape());
  shape[0] = rows;
  return RankedTensorType::get(shape, typeOf(value).getElementType());
}

static Value sliced(OpBuilder &b, Value value, int64_t dimension, int64_t first, int64_t count) {
  ArrayRef<int64_t> shape = typeOf(value).getShape();
  SmallVector<int64_t> starts(shape.size(), 0), limits(shape), strides(shape.size(), 1);
  starts[dimension] = first;
  limits[dimension] = first + count;
  return ir::SliceOp::create(b, value.getLoc(), value, starts, limits, strides);
}

namespace {

/// A gradient on the way to its one reader: a product, rows that are added to it, the update.
struct Chain {
  ir::ContractionOp product;
  ir::FusionOp scatter; // or null
  ir::FusionOp update;
  unsigned operand = 0;         // of the update: the gradient
  llvm::BitVector hasRows = {}; // of the update's operands: those that have a row for each of its
};

struct SplitUpdates : passes::impl::HeddleSplitUpdatesBase<SplitUpdates> {
  using HeddleSplitUpdatesBase::HeddleSplitUpdatesBase;

  void runOnOperation() override {
    if (getOperation().isDeclaration())
      return;
    for (Operation &op : llvm::make_early_inc_range(getOperation().getBody().front()))
      if (auto fusion = dyn_cast<ir::FusionOp>(op); fusion && isUpdate(fusion))
        if (std::optional<Chain> chain = chainTo(fusion))
          split(*chain);
  }

private:
  /// Whether all results are new state, and nobody else reads them.
  bool isUpdate(ir::FusionOp fusion) {
    return fusion->getNumResults() > 0 && llvm::all_of(fusion->getResults(), [&](Value result) {
             return result.hasOneUse() && isa<func::ReturnOp>(*result.user_begin()) &&
                    updatedArgument(getOperation(), result.use_begin()->getOperandNumber());
           });
  }

  std::optional<Chain> chainTo(ir::FusionOp update) {
    for (auto [i, input] : llvm::enumerate(update.getInputs())) {
      if (bytesOf(input) <= maxBytes || !input.hasOneUse())
        continue;
      Chain chain{{}, {}, update, static_cast<unsigned>(i)};
      Value gradient = input;
      if (auto fusion = gradient.getDefiningOp<ir::FusionOp>())
        if (auto scatter = dyn_cast<ir::ScatterAddOp>(fusion.getBody().front().front())) {
          chain.scatter = fusion;
          gradient = fusion.getInputs()[cast<BlockArgument>(scatter.getTable()).getArgNumber()];
        }
      chain.product = gradient.getDefiningOp<ir::ContractionOp>();
      if (chain.product && gradient.hasOneUse() && canSplit(chain.product) && findRows(chain))
        return chain;
    }
    return std::nullopt;
  }

  /// Whether the first dimension of the product is one of x alone, and x and y are there as long as
  /// the update: new state may be written over arguments.
  static bool canSplit(ir::ContractionOp product) {
    auto isComputed = [](Value value) { return withoutViews(value).getDefiningOp() != nullptr; };
    return product.getXBatch().empty() && !product.getBias() && isComputed(product.getX()) &&
           isComputed(product.getY()) &&
           product.getXContract().size() < static_cast<size_t>(typeOf(product.getX()).getRank());
  }

  /// Which operands of the update have rows; false if its rows cannot be computed by themselves.
  static bool findRows(Chain &chain) {
    ir::FusionOp update = chain.update;
    auto domain = update->getAttrOfType<DenseI64ArrayAttr>(kFusionDomainAttr);
    auto rowRank = update->getAttrOfType<IntegerAttr>(kFusionRowRankAttr);
    if (update->getAttrOfType<StringAttr>(kFusionKindAttr) != "rows" || rowRank.getInt() == 0 ||
        typeOf(update.getInputs()[chain.operand]).getShape() != domain.asArrayRef())
      return false;
    Block &body = update.getBody().front();
    for (Operation &op : body)
      if (readsMemory(&op) || isa<ir::IotaOp>(op))
        return false;
    chain.hasRows.resize(body.getNumArguments());
    for (BlockArgument argument : body.getArguments()) {
      auto readsRows = [](Operation *user) {
        auto broadcast = dyn_cast<ir::BroadcastOp>(user);
        return !broadcast || (llvm::is_contained(broadcast.getDimensions(), 0) &&
                              broadcast.getX().getType().getDimSize(0) != 1);
      };
      const bool some = llvm::any_of(argument.getUsers(), readsRows);
      if (some && !llvm::all_of(argument.getUsers(), readsRows))
        return false;
      chain.hasRows[argument.getArgNumber()] = some;
    }
    return true;
  }

  void split(const Chain &chain) {
    ir::FusionOp update = chain.update;
    Value whole = update.getInputs()[chain.operand];
    const int64_t rows = typeOf(whole).getDimSize(0);
    const int64_t count = std::min((bytesOf(whole) + maxBytes - 1) / maxBytes, rows);
    const int64_t rowsEach = (rows + count - 1) / count;
    OpBuilder b(update);
    SmallVector<SmallVector<Value>> parts(update->getNumResults());
    for (int64_t first = 0; first < rows; first += rowsEach) {
      const int64_t n = std::min(rowsEach, rows - first);
      Value gradient = productOf(b, chain.product, first, n);
      if (chain.scatter)
        gradient = scatterInto(b, chain.scatter, gradient, first, rows);
      SmallVector<Value> inputs;
      for (auto [i, input] : llvm::enumerate(update.getInputs()))
        inputs.push_back(i == chain.operand ? gradient
                         : chain.hasRows[i] ? sliced(b, input, 0, first, n)
                                            : input);
      ir::FusionOp part = updateOf(b, update, inputs, n);
      for (auto [i, result] : llvm::enumerate(part->getResults()))
        parts[i].push_back(result);
    }
    Remarks(*this, getOperation()).passed(update.getLoc(), "Split")
        << remark::add("a gradient ({0}) is computed and used in {1} parts", sizeForUser(whole),
                       parts.front().size());
    for (auto [i, values] : llvm::enumerate(parts))
      update->getResult(i).replaceAllUsesWith(concatenated(b, update.getLoc(), values));
    update.erase();
    if (chain.scatter)
      chain.scatter->erase();
    chain.product->erase();
    ++numSplit;
  }

  static Value productOf(OpBuilder &b, ir::ContractionOp product, int64_t first, int64_t rows) {
    int64_t free = 0;
    while (llvm::is_contained(product.getXContract(), free))
      ++free;
    Value x = sliced(b, product.getX(), free, first, rows);
    return ir::ContractionOp::create(b, product.getLoc(), TypeRange{withRows(product, rows)},
                                     ValueRange{x, product.getY()}, product->getAttrs())
        .getResult();
  }

  /// Adds the rows that are in this part of the table. Others are added as zeros to its first or
  /// last row.
  static Value scatterInto(OpBuilder &b, ir::FusionOp fusion, Value table, int64_t first,
                           int64_t allRows) {
    auto scatter = cast<ir::ScatterAddOp>(fusion.getBody().front().front());
    auto outside = [&](Value inside) {
      return fusion.getInputs()[cast<BlockArgument>(inside).getArgNumber()];
    };
    Value indices = outside(scatter.getIndices()), updates = outside(scatter.getUpdates());
    RankedTensorType indexType = typeOf(indices), type = typeOf(updates);
    FusionBody body;
    body.domain.assign(type.getShape().begin(), type.getShape().end());
    body.rowRank = indexType.getRank();
    body.inputs = {indices, updates};
    body.locations = {fusion.getLoc()};
    Location loc = fusion.getLoc();
    Value index = body.block->addArgument(indexType, loc);
    Value added = body.block->addArgument(type, loc);
    OpBuilder inner(b.getContext());
    inner.setInsertionPointToEnd(body.block.get());
    ir::TensorBuilder t(inner, loc);
    auto clamped = [&](Value value, int64_t count) {
      return t.minimum(t.maximum(value, t.constant(0, indexType)),
                       t.constant(static_cast<double>(count - 1), indexType));
    };
    Value local = t.sub(clamped(index, allRows), t.constant(static_cast<double>(first), indexType));
    Value row = clamped(local, typeOf(table).getDimSize(0));
    Value isHere = t.compare(ir::ComparePredicate::eq, local, row);
    SmallVector<int64_t> leading = llvm::to_vector(llvm::seq<int64_t>(0, indexType.getRank()));
    Value here =
        t.select(t.broadcast(isHere, leading, type.getShape()), added, t.constant(0, type));
    ir::YieldOp::create(inner, loc, ValueRange{row, here});
    body.outputs = {row, here};
    SmallVector<Value> inputs = body.inputs;
    ir::FusionOp masked = createFusion(b, std::move(body), inputs);

    Operation *sum =
        ir::ScatterAddOp::create(b, loc, table, masked.getResult(0), masked.getResult(1));
    return alone(b, sum);
  }

  static ir::FusionOp updateOf(OpBuilder &b, ir::FusionOp update, ValueRange inputs, int64_t rows) {
    SmallVector<Type> types;
    for (Value result : update->getResults())
      types.push_back(withRows(result, rows));
    auto part = ir::FusionOp::create(b, update.getLoc(), types, inputs, update->getAttrs());
    SmallVector<int64_t> domain(
        update->getAttrOfType<DenseI64ArrayAttr>(kFusionDomainAttr).asArrayRef());
    domain[0] = rows;
    part->setAttr(kFusionDomainAttr, b.getDenseI64ArrayAttr(domain));
    Block &from = update.getBody().front(), &to = part.getBody().emplaceBlock();
    IRMapping mapping;
    for (auto [argument, input] : llvm::zip_equal(from.getArguments(), inputs))
      mapping.map(argument, to.addArgument(input.getType(), argument.getLoc()));
    OpBuilder inner = OpBuilder::atBlockEnd(&to);
    for (Operation &op : from) {
      Operation *copy = inner.clone(op, mapping);
      for (Value result : copy->getResults())
        result.setType(withRows(result, rows));
      if (auto constant = dyn_cast<ir::ConstantOp>(copy))
        constant.setValueAttr(cast<SplatElementsAttr>(constant.getValue())
                                  .resizeSplat(cast<ShapedType>(constant.getType())));
    }
    return part;
  }

  /// The op in a fusion of its own.
  static Value alone(OpBuilder &b, Operation *op) {
    FusionBody body = buildSingleBody(op);
    SmallVector<Value> inputs = body.inputs;
    Value result = createFusion(b, std::move(body), inputs)->getResult(0);
    op->erase();
    return result;
  }
  static Value concatenated(OpBuilder &b, Location loc, ValueRange parts) {
    return alone(b, ir::ConcatOp::create(b, loc, parts, 0));
  }
};

} // namespace
