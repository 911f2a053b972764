//===- ScheduleSingles.cpp - fusions of one op as launches -------------------===//

#include "Scheduler.h"
#include "heddle/cpu/AttentionShape.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"

#include <limits>

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

static DynamicStart dynamicStart(ValueRange starts, const Layout &whole, ArrayRef<int64_t> box) {
  DynamicStart start;
  for (auto [d, scalar] : llvm::enumerate(starts)) {
    start.scalars.push_back(getElementTypeOrSelf(scalar.getType()));
    start.strides.push_back(whole.strides[d]);
    start.last.push_back(whole.shape[d] - box[d]);
  }
  return start;
}

LogicalResult Scheduler::visitScatterAdd(ir::FusionOp fusion, ir::ScatterAddOp scatter,
                                         ArrayRef<Place> arguments) {
  Location loc = fusion.getLoc();
  auto operand = [&](Value value) { return cast<BlockArgument>(value).getArgNumber(); };
  auto dense = [&](Value value) {
    Place p = arguments[operand(value)];
    return p.layout.isDense() ? p : copied(loc, p, p.layout.type());
  };
  Place indices = dense(scatter.getIndices()), updates = dense(scatter.getUpdates());
  Place table = arguments[operand(scatter.getTable())];
  Place out = placeResult(fusion.getResult(0));
  if (table.buffer != out.buffer)
    launchCopy(loc, table, out);
  launch(loc,
         kernels.scatterAdd(loc, rebased(indices.layout), rebased(updates.layout),
                            rebased(out.layout)),
         {indices, updates, out});
  return success();
}

LogicalResult Scheduler::visitSingle(ir::FusionOp fusion, ArrayRef<Place> arguments) {
  Block &body = fusion.getBody().front();
  Operation *op = &body.front();
  Location loc = fusion.getLoc();
  auto place = [&](Value value) { return arguments[cast<BlockArgument>(value).getArgNumber()]; };
  if (auto scatter = dyn_cast<ir::ScatterAddOp>(op))
    return visitScatterAdd(fusion, scatter, arguments);
  if (auto transpose = dyn_cast<ir::TransposeOp>(op)) {
    Place from = place(transpose.getX());
    from.layout = from.layout.transposed(transpose.getPermutation());
    // Its operand was written transposed for it.
    if (settled.contains(from.buffer) && from.layout.isDense() &&
        !direct.contains(fusion.getResult(0))) {
      settle(fusion.getResult(0), from);
      return success();
    }
  }
  Place out = placeResult(fusion.getResult(0));
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<ir::TransposeOp>([&](ir::TransposeOp transpose) {
        Place from = place(transpose.getX());
        from.layout = from.layout.transposed(transpose.getPermutation());
        launchCopy(loc, from, out);
        return success();
      })
      .Case<ir::SliceOp>([&](ir::SliceOp slice) {
        Place from = place(slice.getX());
        from.layout = from.layout.sliced(slice.getStarts(), slice.getLimits(), slice.getStrides());
        launchCopy(loc, from, out);
        return success();
      })
      .Case<ir::ReshapeOp>([&](ir::ReshapeOp reshape) {
        // Every element keeps its row-major position: view the dense side as the other.
        Place to = out;
        to.layout = *out.layout.reshaped(reshape.getX().getType().getShape());
        launchCopy(loc, place(reshape.getX()), to);
        return success();
      })
      .Case<ir::BroadcastOp>([&](ir::BroadcastOp broadcast) {
        Place from = place(broadcast.getX());
        Layout spread = out.layout;
        spread.offset = from.layout.offset;
        spread.strides.assign(spread.shape.size(), 0);
        for (auto [i, d] : llvm::enumerate(broadcast.getDimensions()))
          spread.strides[d] = from.layout.shape[i] == 1 ? 0 : from.layout.strides[i];
        from.layout = spread;
        launchCopy(loc, from, out);
        return success();
      })
      .Case<ir::PadOp>([&](ir::PadOp pad) {
        auto zero = cast<TypedAttr>(Builder(pad.getContext()).getZeroAttr(out.layout.element));
        launch(loc, kernels.fill(loc, rebased(out.layout), zero), {out});
        Place from = place(pad.getX());
        Place box = out;
        for (int64_t d = 0; d < from.layout.rank(); ++d) {
          box.layout.offset += pad.getLow()[d] * out.layout.strides[d];
          box.layout.strides[d] = out.layout.strides[d] * (pad.getInterior()[d] + 1);
        }
        box.layout.shape = from.layout.shape;
        if (llvm::any_of(pad.getLow(), [](int64_t n) { return n < 0; }) ||
            llvm::any_of(pad.getHigh(), [](int64_t n) { return n < 0; }))
          return LogicalResult(pad.emitError("the CPU backend does not take negative padding"));
        launchCopy(loc, from, box);
        return success();
      })
      .Case<ir::ConcatOp>([&](ir::ConcatOp concat) {
        int64_t at = 0, dimension = concat.getDimension();
        for (Value input : concat.getInputs()) {
          Place from = place(input), box = out;
          box.layout.shape = from.layout.shape;
          box.layout.offset += at * out.layout.strides[dimension];
          at += from.layout.shape[dimension];
          if (from.buffer != box.buffer || from.layout.offset != box.layout.offset)
            launchCopy(loc, from, box);
        }
        return success();
      })
      .Case<ir::DynamicSliceOp>([&](ir::DynamicSliceOp slice) {
        Place from = place(slice.getX());
        DynamicStart start = dynamicStart(slice.getStarts(), from.layout, out.layout.shape);
        Place box = from;
        box.layout.shape = out.layout.shape;
        SmallVector<Place> launched{box};
        for (Value scalar : slice.getStarts())
          launched.push_back(place(scalar));
        launched.push_back(out);
        launch(loc, kernels.copy(loc, rebased(box.layout), rebased(out.layout), start, {}),
               launched);
        return success();
      })
      .Case<ir::DynamicUpdateSliceOp>([&](ir::DynamicUpdateSliceOp update) {
        Place whole = place(update.getX()), from = place(update.getUpdate());
        if (whole.buffer != out.buffer)
          launchCopy(loc, whole, out);
        DynamicStart start = dynamicStart(update.getStarts(), out.layout, from.layout.shape);
        Place box = out;
        box.layout.shape = from.layout.shape;
        SmallVector<Place> launched{from, box};
        for (Value scalar : update.getStarts())
          launched.push_back(place(scalar));
        launch(loc, kernels.copy(loc, rebased(from.layout), rebased(box.layout), {}, start),
               launched);
        return success();
      })
      .Default([&](Operation *other) -> LogicalResult {
        SmallVector<Place> launched;
        SmallVector<Layout> layouts;
        for (Value operand : other->getOperands()) {
          launched.push_back(place(operand));
          layouts.push_back(rebased(launched.back().layout));
        }
        auto task = kernels.scalar(other, layouts, rebased(out.layout));
        if (failed(task))
          return failure();
        launched.push_back(out);
        launch(loc, *task, launched);
        return success();
      });
}

LogicalResult Scheduler::visitAttention(ir::FusionOp fusion, Operation *op, ArrayRef<Place> inputs,
                                        ArrayRef<Layout> given) {
  // The body may name the operands in any order.
  SmallVector<Place> arguments;
  SmallVector<Layout> layouts, outputs;
  for (Value operand : op->getOperands()) {
    const unsigned index = cast<BlockArgument>(operand).getArgNumber();
    arguments.push_back(inputs[index]);
    layouts.push_back(given[index]);
  }
  for (Value output : fusion.getOutputs()) {
    arguments.push_back(placeResult(output));
    outputs.push_back(rebased(arguments.back().layout));
  }
  AttentionShape shape;
  ArrayRef<int64_t> q = layouts[0].shape, v = layouts[2].shape;
  shape.batch = q[0], shape.heads = q[1], shape.queries = q[2], shape.depth = q[3];
  shape.keys = v[2], shape.width = v[3];
  shape.causal = op->hasAttr("causal");
  for (Value operand : op->getOperands()) {
    shape.masked |= getElementTypeOrSelf(operand.getType()).isInteger(1);
    shape.positioned |= typeOf(operand).getRank() == 0;
  }
  shape.scale = op->getAttrOfType<FloatAttr>("scale").getValueAsDouble();
  const bool isGradient = isa<ir::AttentionGradientOp>(op);
  if (shape.queries == 0 || shape.keys == 0) {
    // All results are sums over nothing: zeros, and the logarithm of zero.
    for (auto [i, place] : llvm::enumerate(llvm::drop_begin(arguments, layouts.size()))) {
      const bool isLog = !isGradient && i == 1;
      const double sum = isLog ? -std::numeric_limits<double>::infinity() : 0.0;
      auto value = Builder(op->getContext()).getF32FloatAttr(static_cast<float>(sum));
      launch(op->getLoc(), kernels.fill(op->getLoc(), rebased(place.layout), value), {place});
    }
    return success();
  }
  Builder builder(op->getContext());
  // The types tell apart positions of i32 and i64.
  SmallVector<Attribute> key{op->getName().getIdentifier(), op->getAttrDictionary()};
  for (Type type : op->getOperandTypes())
    key.push_back(TypeAttr::get(type));
  for (ArrayRef<Layout> group : {ArrayRef(layouts), ArrayRef(outputs)})
    for (const Layout &layout : group) {
      key.push_back(builder.getDenseI64ArrayAttr(layout.shape));
      key.push_back(builder.getDenseI64ArrayAttr(layout.strides));
    }
  FailureOr<Task> task = kernels.known(builder.getArrayAttr(key), [&] {
    return isGradient ? kernels.attentionGradient(op->getLoc(), shape, layouts, outputs)
                      : kernels.attention(op->getLoc(), shape, layouts, outputs);
  });
  if (failed(task))
    return failure();
  // The products of scores and of sums with them; half of each where causal. A position may be 0:
  // at least as many keys as queries are read.
  const int64_t keys = shape.positioned ? shape.queries : shape.keys;
  arguments[1].layout.shape[2] = arguments[2].layout.shape[2] = keys;
  const int64_t scores = shape.batch * shape.heads * shape.queries * keys;
  const int64_t each = isGradient ? 3 * shape.depth + 2 * shape.width : shape.depth + shape.width;
  launch(op->getLoc(), *task, arguments).work.ops = 2 * scores * each / (shape.causal ? 2 : 1);
  return success();
}
