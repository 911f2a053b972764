//===- Schedule.cpp - a function as launches on buffers ---------------------===//

#include "Schedule.h"
#include "Placement.h"
#include "heddle/cpu/AttentionShape.h"
#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Updates.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"

#include <limits>

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

namespace {
class Scheduler {
public:
  Scheduler(func::FuncOp function, KernelLibrary &kernels, const ProductProviders &providers,
            const passes::Remarks &remarks)
      : function(function), kernels(kernels), providers(providers), remarks(remarks),
        direct(directResults(function, remarks)) {}

  FailureOr<Schedule> run() {
    for (BlockArgument argument : function.getArguments()) {
      Buffer buffer;
      buffer.kind = Buffer::Argument;
      buffer.index = argument.getArgNumber();
      places[argument] = {addBuffer(buffer), Layout::dense(typeOf(argument))};
    }
    unsigned outputs = 0;
    for (unsigned i = 0; i < function.getNumResults(); ++i) {
      if (auto argument = passes::updatedArgument(function, i)) {
        destinations.push_back(places[function.getArgument(*argument)].buffer);
        continue;
      }
      Buffer buffer;
      buffer.kind = Buffer::Result;
      buffer.index = outputs++;
      destinations.push_back(addBuffer(buffer));
    }
    for (Operation &op : function.getBody().front())
      if (failed(visit(&op)))
        return failure();
    return std::move(result);
  }

private:
  static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

  size_t addBuffer(Buffer buffer) {
    result.buffers.push_back(std::move(buffer));
    return result.buffers.size() - 1;
  }
  size_t addArena(const Layout &layout) {
    Buffer buffer;
    buffer.bytes = layout.count() * elementBytes(layout.element);
    return addBuffer(buffer);
  }

  LogicalResult visit(Operation *op) {
    return llvm::TypeSwitch<Operation *, LogicalResult>(op)
        .Case<ir::ReshapeOp>([&](ir::ReshapeOp reshape) {
          Place from = places[reshape.getX()];
          auto viewed = from.layout.reshaped(reshape.getType().getShape());
          if (!viewed) {
            from = copied(op->getLoc(), from, from.layout.type());
            viewed = from.layout.reshaped(reshape.getType().getShape());
          }
          places[reshape] = {from.buffer, *viewed};
          return success();
        })
        .Case<ir::TransposeOp>([&](ir::TransposeOp transpose) {
          Place from = places[transpose.getX()];
          places[transpose] = {from.buffer, from.layout.transposed(transpose.getPermutation())};
          return success();
        })
        .Case<ir::SliceOp>([&](ir::SliceOp slice) {
          Place from = places[slice.getX()];
          places[slice] = {from.buffer, from.layout.sliced(slice.getStarts(), slice.getLimits(),
                                                           slice.getStrides())};
          return success();
        })
        .Case<ir::ConstantOp>([&](ir::ConstantOp constant) {
          auto contents = dyn_cast<DenseElementsAttr>(constant.getValue());
          if (!contents)
            return LogicalResult(op->emitError("the CPU backend takes dense constants only"));
          Buffer buffer;
          buffer.kind = Buffer::Constant;
          buffer.contents = contents;
          places[constant] = {addBuffer(buffer), Layout::dense(typeOf(constant))};
          return success();
        })
        .Case<ir::ContractionOp>(
            [&](ir::ContractionOp contraction) { return visitContraction(contraction); })
        .Case<ir::FusionOp>([&](ir::FusionOp fusion) { return visitFusion(fusion); })
        .Case<func::ReturnOp>([&](func::ReturnOp terminator) { return visitReturn(terminator); })
        .Default([&](Operation *other) {
          return other->emitError("'")
                 << other->getName() << "' is still here after the phase 'fuse'";
        });
  }

  /// The place of a launch's result: its destination if it can be written directly, else the arena.
  Place placeResult(Value value) {
    Layout layout = Layout::dense(typeOf(value));
    if (auto it = direct.find(value); it != direct.end())
      return places[value] = {destinations[it->second], layout};
    // Some launches may leave gaps between rows: if all that happens next is a transposition of the
    // outer dimensions, write it transposed, so that the transposed value is dense.
    if (leavesGaps(value) && value.hasOneUse())
      if (auto transpose = dyn_cast<ir::TransposeOp>(*value.user_begin())) {
        ArrayRef<int64_t> permutation = transpose.getPermutation();
        if (!permutation.empty() &&
            permutation.back() == static_cast<int64_t>(permutation.size()) - 1) {
          SmallVector<int64_t> inverse(permutation.size());
          for (auto [i, p] : llvm::enumerate(permutation))
            inverse[p] = i;
          layout = Layout::dense(transpose.getType()).transposed(inverse);
        }
      }
    return places[value] = {addArena(layout), layout};
  }

  /// Whether the launch that writes the value may write rows that are not next to each other.
  static bool leavesGaps(Value value) {
    Operation *op = value.getDefiningOp();
    if (auto fusion = dyn_cast_or_null<ir::FusionOp>(op))
      return isa<ir::AttentionOp, ir::AttentionGradientOp>(fusion.getBody().front().front()) &&
             cast<RankedTensorType>(value.getType()).getRank() == 4;
    return isa_and_nonnull<ir::ContractionOp>(op);
  }

  std::pair<size_t, int64_t> reference(const Place &place) {
    return {place.buffer, place.layout.offset * elementBytes(place.layout.element)};
  }
  /// The layout as a kernel sees it: its pointer is already at the first element.
  static Layout rebased(Layout layout) {
    layout.offset = 0;
    return layout;
  }
  Step &launch(Location loc, Task task, ArrayRef<Place> arguments) {
    Step step{loc, std::move(task), {}, false, {}};
    for (const Place &place : arguments) {
      step.arguments.push_back(reference(place));
      step.work.bytes += distinctBytes(place.layout);
    }
    result.steps.push_back(std::move(step));
    return result.steps.back();
  }
  void launchCopy(Location loc, const Place &from, const Place &to) {
    launch(loc, kernels.copy(loc, rebased(from.layout), rebased(to.layout)), {from, to});
  }
  /// A dense copy of a place.
  Place copied(Location loc, const Place &from, RankedTensorType type) {
    Layout layout = Layout::dense(type);
    Place to{addArena(layout), layout};
    launchCopy(loc, from, to);
    return to;
  }

  LogicalResult visitContraction(ir::ContractionOp op) {
    Place x = places[op.getX()], y = places[op.getY()];
    Place out = placeResult(op.getResult());
    ContractionNeeds needs;
    auto layout = layoutContraction(op, x.layout, y.layout, out.layout, needs);
    if (!layout) {
      if (needs.copyX)
        x = ordered(op, op.getX(), op.getXBatch(), op.getXContract());
      if (needs.copyY)
        y = ordered(op, op.getY(), op.getYBatch(), op.getYContract());
      layout = layoutContraction(op, x.layout, y.layout, out.layout, needs);
      if (!layout)
        return op.emitError(
            "the CPU backend cannot bring this contraction's operands into matrix form");
    }
    Step step{op.getLoc(), {}, {}, bool(op.getBias()), {}, layout->key(bool(op.getBias()))};
    step.arguments = {reference(x), reference(y)};
    step.work.bytes = distinctBytes(x.layout) + distinctBytes(y.layout) + distinctBytes(out.layout);
    step.work.ops = 2 * out.layout.count();
    for (int64_t d : op.getXContract())
      step.work.ops *= x.layout.shape[d];
    if (op.getBias()) {
      Place bias = places[op.getBias()];
      if (!bias.layout.isDense())
        bias = copied(op.getLoc(), bias, bias.layout.type());
      step.arguments.push_back(reference(bias));
    }
    step.arguments.push_back(reference(out));
    const DictionaryAttr product = layout->attribute(op.getContext(), bool(op.getBias()));
    if (const char *reason = providers.reasonForLibrary(*layout, step.product)) {
      step.what = product;
      remarks.analysis(op.getLoc(), "Library")
          << remark::add("{0} is done by oneDNN", passes::detailedName(op))
          << remark::reason("{0}", reason);
    } else {
      step.what = *kernels.known(product, [&] {
        return isVectorProduct(*layout)
                   ? kernels.vectorProduct(op.getLoc(), *layout, bool(op.getBias()))
                   : kernels.matmul(op.getLoc(), *layout, bool(op.getBias()));
      });
    }
    result.steps.push_back(std::move(step));
    return success();
  }

  /// A copy whose memory runs in the order batch, free, contracting dimensions; seen as the same
  /// tensor.
  Place ordered(ir::ContractionOp op, Value operand, ArrayRef<int64_t> batch,
                ArrayRef<int64_t> contract) {
    const Place from = places[operand];
    remarks.missed(op.getLoc(), "OperandCopied")
        << remark::add("an operand ({0}) of {1} is copied first", passes::sizeForUser(operand),
                       passes::nameForUser(op))
        << remark::reason("its dimensions lie in memory in an order that no product reads");
    SmallVector<int64_t> order(batch);
    for (int64_t d = 0; d < from.layout.rank(); ++d)
      if (!llvm::is_contained(batch, d) && !llvm::is_contained(contract, d))
        order.push_back(d);
    llvm::append_range(order, contract);
    Place permuted{from.buffer, from.layout.transposed(order)};
    Place dense = copied(op.getLoc(), permuted, permuted.layout.type());
    SmallVector<int64_t> inverse(order.size());
    for (auto [i, d] : llvm::enumerate(order))
      inverse[d] = i;
    return {dense.buffer, dense.layout.transposed(inverse)};
  }

  LogicalResult visitFusion(ir::FusionOp fusion) {
    SmallVector<Place> arguments;
    SmallVector<Layout> inputs, outputs;
    for (Value input : fusion.getInputs()) {
      arguments.push_back(places[input]);
      inputs.push_back(rebased(places[input].layout));
    }
    if (fusion->getAttrOfType<StringAttr>("kind").getValue() == "single") {
      Operation &op = fusion.getBody().front().front();
      if (isa<ir::AttentionOp, ir::AttentionGradientOp>(op))
        return visitAttention(fusion, &op, arguments, inputs);
      return visitSingle(fusion, arguments);
    }
    for (Value output : fusion.getOutputs()) {
      arguments.push_back(placeResult(output));
      outputs.push_back(rebased(arguments.back().layout));
    }
    bool rows = fusion->getAttrOfType<StringAttr>("kind").getValue() == "rows";
    auto task =
        rows ? kernels.rows(fusion, inputs, outputs) : kernels.columns(fusion, inputs, outputs);
    if (failed(task))
      return failure();
    launch(fusion.getLoc(), *task, arguments).work.ops = countOps(fusion);
    return success();
  }

  LogicalResult visitAttention(ir::FusionOp fusion, Operation *op, ArrayRef<Place> inputs,
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

  /// Adds into the table itself where nobody else needs it: that of a large vocabulary costs more
  /// to copy than all that is added.
  LogicalResult visitScatterAdd(ir::FusionOp fusion, ir::ScatterAddOp scatter,
                                ArrayRef<Place> arguments) {
    Location loc = fusion.getLoc();
    auto operand = [&](Value value) { return cast<BlockArgument>(value).getArgNumber(); };
    auto dense = [&](Value value) {
      Place p = arguments[operand(value)];
      return p.layout.isDense() ? p : copied(loc, p, p.layout.type());
    };
    Place indices = dense(scatter.getIndices()), updates = dense(scatter.getUpdates());
    Place table = arguments[operand(scatter.getTable())], out = table;
    if (!isOnlyHere(fusion.getInputs()[operand(scatter.getTable())]) || !table.layout.isDense() ||
        direct.contains(fusion.getResult(0))) {
      out = placeResult(fusion.getResult(0));
      launchCopy(loc, table, out);
    } else {
      places[fusion.getResult(0)] = table;
    }
    launch(loc,
           kernels.scatterAdd(loc, rebased(indices.layout), rebased(updates.layout),
                              rebased(out.layout)),
           {indices, updates, out});
    return success();
  }

  /// Whether the value's memory is the arena's, and has one reader.
  bool isOnlyHere(Value value) {
    if (result.buffers[places[value].buffer].kind != Buffer::Arena)
      return false;
    for (; value.hasOneUse(); value = value.getDefiningOp()->getOperand(0))
      if (!passes::isView(value.getDefiningOp()))
        return true;
    return false;
  }

  /// A fusion of one op that has a kernel, or copies, of its own.
  LogicalResult visitSingle(ir::FusionOp fusion, ArrayRef<Place> arguments) {
    Block &body = fusion.getBody().front();
    Operation *op = &body.front();
    Location loc = fusion.getLoc();
    auto place = [&](Value value) { return arguments[cast<BlockArgument>(value).getArgNumber()]; };
    if (auto scatter = dyn_cast<ir::ScatterAddOp>(op))
      return visitScatterAdd(fusion, scatter, arguments);
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
          from.layout =
              from.layout.sliced(slice.getStarts(), slice.getLimits(), slice.getStrides());
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

  static DynamicStart dynamicStart(ValueRange starts, const Layout &whole, ArrayRef<int64_t> box) {
    DynamicStart start;
    for (auto [d, scalar] : llvm::enumerate(starts)) {
      start.scalars.push_back(getElementTypeOrSelf(scalar.getType()));
      start.strides.push_back(whole.strides[d]);
      start.last.push_back(whole.shape[d] - box[d]);
    }
    return start;
  }

  LogicalResult visitReturn(func::ReturnOp terminator) {
    // State that another result still reads must be saved before any of it is overwritten.
    SmallVector<Place> sources;
    for (auto [i, value] : llvm::enumerate(terminator.getOperands())) {
      Place from = places[value];
      bool overwritten = from.buffer != destinations[i] &&
                         llvm::is_contained(destinations, from.buffer) &&
                         result.buffers[from.buffer].kind == Buffer::Argument;
      bool inPlace =
          from.buffer == destinations[i] && from.layout.isDense() && from.layout.offset == 0;
      if (overwritten || (from.buffer == destinations[i] && !inPlace))
        from = copied(function.getArgument(0).getLoc(), from, from.layout.type());
      sources.push_back(from);
    }
    for (auto [i, from] : llvm::enumerate(sources)) {
      if (from.buffer == destinations[i])
        continue;
      Location loc = terminator.getOperand(i).getLoc();
      if (passes::updatedArgument(function, i))
        ++result.stateCopies;
      launchCopy(loc, from, {destinations[i], Layout::dense(from.layout.type())});
    }
    return success();
  }

  func::FuncOp function;
  KernelLibrary &kernels;
  const ProductProviders &providers;
  const passes::Remarks &remarks;
  DenseMap<Value, unsigned> direct;
  DenseMap<Value, Place> places;
  SmallVector<size_t> destinations; // a buffer for each of the function's results
  Schedule result;
};
} // namespace

FailureOr<Schedule> heddle::cpu::schedule(func::FuncOp function, KernelLibrary &kernels,
                                          const ProductProviders &providers,
                                          const passes::Remarks &remarks) {
  return Scheduler(function, kernels, providers, remarks).run();
}
