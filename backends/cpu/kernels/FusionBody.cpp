//===- FusionBody.cpp - the values of a fusion, at a point of its loops ----===//

#include "FusionBody.h"
#include "Reductions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

//===----------------------------------------------------------------------===//
// Analysis
//===----------------------------------------------------------------------===//

static SmallVector<int64_t> firstDimensions(int64_t count) {
  return llvm::to_vector(llvm::seq<int64_t>(0, count));
}
static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

FusionBody::FusionBody(ir::FusionOp fusion, ArrayRef<Layout> inputs, ArrayRef<Layout> outputs)
    : fusion(fusion), inputs(inputs) {
  domain.assign(fusion->getAttrOfType<DenseI64ArrayAttr>("domain").asArrayRef().begin(),
                fusion->getAttrOfType<DenseI64ArrayAttr>("domain").asArrayRef().end());
  rowRank = fusion->getAttrOfType<IntegerAttr>("row_rank").getInt();
  nest.extents = domain;
  nest.rows = rowRank;
  Block &body = fusion.getBody().front();
  for (Operation &op : body.without_terminator())
    analyse(op);
  for (OpOperand &operand : body.getTerminator()->getOpOperands()) {
    Value value = operand.get();
    if (isa<BlockArgument>(value)) {
      addAccess(operand, firstDimensions(shapeOf(value).size()));
      info[value] = {shapeOf(value) == ArrayRef(domain), 0};
    }
    yields.push_back(value);
  }
  for (auto [value, layout] : llvm::zip(yields, outputs)) {
    // A reduction over the leading dimensions keeps the trailing ones.
    bool isColumn = isReduction(value.getDefiningOp()) && !info[value].full &&
                    fusion->getAttrOfType<StringAttr>("kind").getValue() == "columns";
    SmallVector<int64_t> dims;
    for (int64_t i = 0; i < layout.rank(); ++i)
      dims.push_back(i + (isColumn ? rowRank : 0));
    outputPatterns.push_back(addPattern(stridesOver(domain, layout, dims)));
  }
}

size_t FusionBody::addPattern(Strides strides) {
  // What an input is read by several times is one stream of memory.
  const size_t known = llvm::find(patterns, strides) - patterns.begin();
  if (known == patterns.size())
    patterns.push_back(std::move(strides));
  return known;
}
void FusionBody::addAccess(OpOperand &operand, ArrayRef<int64_t> dimensions) {
  const Layout &layout = inputs[cast<BlockArgument>(operand.get()).getArgNumber()];
  accesses[&operand] = addPattern(stridesOver(domain, layout, dimensions));
}

void FusionBody::analyse(Operation &op) {
  Value result = op.getResult(0);
  ArrayRef<int64_t> shape = shapeOf(result);
  Info entry;
  entry.full = shape == ArrayRef(domain) && !isReduction(&op);
  auto take = [&](Value operand, int extra) {
    entry.stage = std::max(entry.stage, info.lookup(operand).stage + extra);
  };
  if (isReduction(&op)) {
    OpOperand &x = op.getOpOperand(0);
    if (isa<BlockArgument>(x.get()))
      addAccess(x, firstDimensions(domain.size()));
    take(x.get(), 1);
    reductions.push_back(&op);
  } else if (auto broadcast = dyn_cast<ir::BroadcastOp>(op)) {
    if (isa<BlockArgument>(broadcast.getX()))
      addAccess(op.getOpOperand(0), broadcast.getDimensions());
    else
      take(broadcast.getX(), 0);
  } else if (auto gather = dyn_cast<ir::GatherOp>(op)) {
    size_t indexRank = shapeOf(gather.getIndices()).size();
    addAccess(op.getOpOperand(1), firstDimensions(indexRank));
    const Layout &table = inputs[cast<BlockArgument>(gather.getTable()).getArgNumber()];
    Strides trailing(domain.size(), 0);
    for (size_t i = 1; i < table.shape.size(); ++i)
      trailing[indexRank + i - 1] = table.shape[i] == 1 ? 0 : table.strides[i];
    positions[&op] = addPattern(trailing);
  } else if (auto iota = dyn_cast<ir::IotaOp>(op)) {
    Strides oneHot(domain.size(), 0);
    oneHot[iota.getDimension()] = 1;
    positions[&op] = addPattern(oneHot);
  } else if (isa<ir::RandomUniformOp>(op)) {
    Layout dense = Layout::dense(cast<RankedTensorType>(result.getType()));
    positions[&op] = addPattern(stridesOver(domain, dense, firstDimensions(shape.size())));
  } else {
    for (OpOperand &operand : op.getOpOperands()) {
      if (isa<BlockArgument>(operand.get()))
        addAccess(operand, firstDimensions(shape.size()));
      else
        take(operand.get(), 0);
    }
  }
  info[result] = entry;
}

void FusionBody::splitInner(int64_t chunk) {
  nest.extents = {(nest.extents[0] + chunk - 1) / chunk, chunk};
  nest.rows = 1;
  for (Strides &s : patterns)
    s.insert(s.begin(), s[0] * chunk);
}

/// Whether the op's scalar rule has a transcendental function, or the op has no scalar rule at all.
static bool isExpensiveOp(Operation *op) {
  if (isa<ir::BroadcastOp, ir::ConstantOp, ir::IotaOp>(op))
    return false;
  auto elementwise = dyn_cast<ir::ElementwiseOpInterface>(op);
  if (!elementwise)
    return true;
  Block aside;
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToStart(&aside);
  for (Value operand : op->getOperands())
    aside.addArgument(getElementTypeOrSelf(operand.getType()), op->getLoc());
  elementwise.buildScalar(builder, op->getLoc(), aside.getArguments());
  bool expensive = llvm::any_of(aside, [](Operation &inner) {
    return isa<math::MathDialect>(inner.getDialect()) && !isa<math::AbsFOp>(inner);
  });
  aside.dropAllReferences();
  while (!aside.empty())
    aside.back().erase();
  return expensive;
}

bool FusionBody::isExpensive(Value value, int belowStage) const {
  Operation *op = value.getDefiningOp();
  if (!op || !isFull(value))
    return false;
  if (isExpensiveOp(op))
    return true;
  return llvm::any_of(op->getOperands(),
                      [&](Value operand) { return isExpensive(operand, belowStage); });
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

Value FusionBody::offset(const Strides &pattern, const Point &point, size_t first) {
  ElementEmitter e(*b, fusion.getLoc());
  Value sum;
  for (size_t d = first; d < point.indices.size(); ++d) {
    if (pattern[d] == 0)
      continue;
    Value term = e.mul(point.indices[d], pattern[d]);
    sum = sum ? e.add(sum, term) : term;
  }
  return sum ? sum : e.i64(0);
}

Point FusionBody::pointOfRow(Value row) {
  ElementEmitter e(*b, fusion.getLoc());
  Point point;
  point.indices.assign(nest.rows, Value());
  for (size_t d = nest.rows; d-- > 0;) {
    Value extent = e.i64(nest.extents[d]);
    point.indices[d] =
        d == 0 ? row : Value(arith::RemUIOp::create(*b, fusion.getLoc(), row, extent));
    if (d > 0)
      row = arith::DivUIOp::create(*b, fusion.getLoc(), row, extent);
  }
  return point;
}

Value FusionBody::loadOperand(OpOperand &operand, Point &point) {
  ElementEmitter e(*b, fusion.getLoc());
  auto argument = cast<BlockArgument>(operand.get());
  const Strides &pattern = patterns[accesses.lookup(&operand)];
  Value pointer = pointers[argument.getArgNumber()];
  Type element = getElementTypeOrSelf(argument.getType());
  bool invariant =
      llvm::all_of(ArrayRef(pattern).drop_front(nest.rows), [](int64_t s) { return s == 0; });
  if (point.width > 1 && invariant && hoistBefore && rowPoint) {
    Value &splat = hoistedLoads[{&operand, point.width}];
    if (!splat) {
      OpBuilder::InsertionGuard guard(*b);
      b->setInsertionPoint(hoistBefore);
      ElementEmitter before(*b, fusion.getLoc());
      splat = before.load(pointer, element, offset(pattern, *rowPoint), 0, point.width, {});
    }
    return splat;
  }
  int64_t laneStride = point.indices.size() == pattern.size() ? pattern.back() : 0;
  const Stream stream{argument.getArgNumber(), accesses.lookup(&operand)};
  if (laneStride == 1 && !llvm::is_contained(streams, stream))
    streams.push_back(stream);
  return e.load(pointer, element, offset(pattern, point), laneStride, point.width, point.mask);
}

Value FusionBody::operandValue(OpOperand &operand, Point &point, DenseMap<Value, Value> &memo,
                               bool isRow) {
  Value value = operand.get();
  if (isa<BlockArgument>(value))
    return loadOperand(operand, point);
  return isRow ? row(value, point) : full(value, point, memo);
}

/// An i64 position as a value of `element`'s type.
static Value positionAs(OpBuilder &b, Location loc, Value position, Type element, int64_t width) {
  ElementEmitter e(b, loc);
  Type type = e.registerType(element, width);
  if (isa<FloatType>(element))
    return arith::SIToFPOp::create(b, loc, type, position);
  if (element.isInteger(64))
    return position;
  return arith::TruncIOp::create(b, loc, type, position);
}

Value FusionBody::compute(Operation *op, Point &point, DenseMap<Value, Value> &memo, bool isRow) {
  Location loc = op->getLoc();
  ElementEmitter e(*b, loc);
  Type element = getElementTypeOrSelf(op->getResult(0).getType());
  int64_t width = point.width;
  if (auto constant = dyn_cast<ir::ConstantOp>(op))
    return e.fill(
        cast<TypedAttr>(cast<SplatElementsAttr>(constant.getValue()).getSplatValue<Attribute>()),
        width);
  if (auto broadcast = dyn_cast<ir::BroadcastOp>(op)) {
    if (isa<BlockArgument>(broadcast.getX()))
      return loadOperand(op->getOpOperand(0), point);
    if (isRow || isFull(broadcast.getX()))
      return operandValue(op->getOpOperand(0), point, memo, isRow);
    OpBuilder::InsertionGuard guard(*b);
    if (hoistBefore)
      b->setInsertionPoint(hoistBefore);
    Value scalar = row(broadcast.getX(), *rowPoint);
    return ElementEmitter(*b, loc).splat(scalar, width);
  }
  auto lanePositions = [&]() {
    const Strides &pattern = patterns[positions.lookup(op)];
    int64_t laneStride = point.indices.size() == pattern.size() ? pattern.back() : 0;
    return e.lanes(offset(pattern, point), laneStride, width);
  };
  if (isa<ir::IotaOp>(op))
    return positionAs(*b, loc, lanePositions(), element, width);
  if (auto random = dyn_cast<ir::RandomUniformOp>(op)) {
    Value key = pointers[cast<BlockArgument>(random.getKey()).getArgNumber()];
    return e.uniform(key, random.getStream(), lanePositions(), width);
  }
  if (auto gather = dyn_cast<ir::GatherOp>(op)) {
    unsigned table = cast<BlockArgument>(gather.getTable()).getArgNumber();
    OpOperand &indices = op->getOpOperand(1);
    const Strides &indexPattern = patterns[accesses.lookup(&indices)];
    const Strides &trailing = patterns[positions.lookup(op)];
    if (inputs[table].shape[0] == 0)
      return e.fill(cast<TypedAttr>(b->getZeroAttr(element)), width);
    if (indexPattern.back() == 0) { // one row of the table for all lanes
      Point scalar{point.indices, 1, {}};
      Value index = e.clamp(loadOperand(indices, scalar), inputs[table].shape[0]);
      Value at = e.add(e.mul(index, inputs[table].strides[0]), offset(trailing, point));
      return e.load(pointers[table], element, at, trailing.back(), width, point.mask);
    }
    Value index = e.clamp(loadOperand(indices, point), inputs[table].shape[0]);
    Value scaled =
        arith::MulIOp::create(*b, loc, index, e.splat(e.i64(inputs[table].strides[0]), width));
    Value at = arith::AddIOp::create(*b, loc, scaled,
                                     e.lanes(offset(trailing, point), trailing.back(), width));
    return e.gather(pointers[table], element, at, width, point.mask);
  }
  SmallVector<Value> operands;
  for (OpOperand &operand : op->getOpOperands())
    operands.push_back(operandValue(operand, point, memo, isRow));
  return e.apply(cast<ir::ElementwiseOpInterface>(op), operands, width);
}

Value FusionBody::full(Value value, Point &point, DenseMap<Value, Value> &memo) {
  if (Value known = memo.lookup(value))
    return known;
  Value result;
  if (auto it = stored.find(value); it != stored.end()) {
    ElementEmitter e(*b, fusion.getLoc());
    Strides pattern = it->second.pattern;
    result = e.load(it->second.pointer, getElementTypeOrSelf(value.getType()),
                    offset(pattern, point), pattern.back(), point.width, point.mask);
  } else if (auto argument = dyn_cast<BlockArgument>(value)) { // yielded or reduced as it is
    for (OpOperand &use : argument.getUses())
      if (accesses.count(&use) &&
          (isReduction(use.getOwner()) || isa<ir::YieldOp>(use.getOwner()))) {
        result = loadOperand(use, point);
        break;
      }
  } else {
    result = compute(value.getDefiningOp(), point, memo, /*isRow=*/false);
  }
  memo[value] = result;
  return result;
}

Value FusionBody::row(Value value, Point &point) {
  if (Value known = rowValues.lookup(value))
    return known;
  Value result;
  if (isa<BlockArgument>(value)) {
    for (OpOperand &use : value.getUses())
      if (isa<ir::YieldOp>(use.getOwner()))
        result = loadOperand(use, point);
  } else {
    DenseMap<Value, Value> none;
    result = compute(value.getDefiningOp(), point, none, /*isRow=*/true);
  }
  rowValues[value] = result;
  return result;
}

int64_t heddle::cpu::vectorWidth(ir::FusionOp fusion) {
  unsigned widest = 32;
  fusion.getBody().walk([&](Operation *op) {
    for (Type type : op->getResultTypes())
      widest = std::max(widest, getElementTypeOrSelf(type).getIntOrFloatBitWidth());
  });
  return widest > 32 ? 8 : 16;
}
