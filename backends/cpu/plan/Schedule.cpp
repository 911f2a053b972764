//===- Schedule.cpp - a function as launches on buffers ---------------------===//

#include "Scheduler.h"
#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Updates.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

Scheduler::Scheduler(func::FuncOp function, KernelLibrary &kernels,
                     const ProductProviders &providers, const StoredPanels &stored,
                     PackedTensors &packed, bool fuseEpilogues, const passes::Remarks &remarks)
    : function(function), kernels(kernels), providers(providers), stored(stored), packed(packed),
      remarks(remarks), direct(directResults(function, remarks)) {
  if (fuseEpilogues)
    epilogues = findEpilogues(function);
}

FailureOr<Schedule> Scheduler::run() {
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

size_t Scheduler::addBuffer(Buffer buffer) {
  result.buffers.push_back(std::move(buffer));
  return result.buffers.size() - 1;
}

size_t Scheduler::addArena(const Layout &layout) {
  Buffer buffer;
  buffer.bytes = layout.count() * elementBytes(layout.element);
  return addBuffer(buffer);
}

LogicalResult Scheduler::visit(Operation *op) {
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

Place Scheduler::placeResult(Value value) {
  Layout layout = Layout::dense(typeOf(value));
  if (auto it = direct.find(value); it != direct.end()) {
    if (int64_t row = it->second.firstRow)
      layout.offset = row * layout.strides[0];
    return places[value] = {destinations[it->second.result], layout};
  }
  if (auto buffer = overwritten(cast<OpResult>(value)))
    return settle(value, {*buffer, layout});
  // Some launches may leave gaps between rows: if what happens next is a transposition of the
  // outer dimensions, write it transposed, so that the transposed value is dense.
  if (leavesGaps(value))
    if (auto transpose = transposed(value)) {
      ArrayRef<int64_t> permutation = transpose.getPermutation();
      if (!permutation.empty() &&
          permutation.back() == static_cast<int64_t>(permutation.size()) - 1) {
        SmallVector<int64_t> inverse(permutation.size());
        for (auto [i, p] : llvm::enumerate(permutation))
          inverse[p] = i;
        layout = Layout::dense(transpose.getType()).transposed(inverse);
      }
    }
  return settle(value, {addArena(layout), layout});
}

Place Scheduler::settle(Value value, const Place &place) {
  settled[place.buffer].push_back(value);
  return places[value] = place;
}

std::optional<size_t> Scheduler::overwritten(OpResult written) {
  Operation *writer = written.getOwner();
  auto isInOrder = [&](Value value) {
    const Layout &layout = places[value].layout;
    return layout.isDense() && layout.offset == 0;
  };
  for (Value operand : writer->getOperands()) {
    auto values = settled.find(places[operand].buffer);
    if (values == settled.end() || !isInOrder(operand) || operand.getType() != written.getType())
      continue;
    if (llvm::all_of(values->second, [&](Value old) {
          return isInOrder(old) && old.getDefiningOp() != writer &&
                 !lateReader(old, writer, written.getResultNumber());
        }))
      return values->first;
  }
  return std::nullopt;
}

ir::TransposeOp Scheduler::transposed(Value value) {
  if (value.hasOneUse())
    if (auto view = dyn_cast<ir::TransposeOp>(*value.user_begin()))
      return view;
  ir::TransposeOp copy;
  for (Operation *user : value.getUsers()) {
    if (passes::isView(user) && user->use_empty())
      continue;
    auto fusion = dyn_cast<ir::FusionOp>(user);
    if (!fusion)
      return {};
    if (auto transpose = dyn_cast<ir::TransposeOp>(fusion.getBody().front().front()))
      copy = transpose;
  }
  return copy;
}

bool Scheduler::leavesGaps(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto fusion = dyn_cast_or_null<ir::FusionOp>(op))
    return isa<ir::AttentionOp, ir::AttentionGradientOp>(fusion.getBody().front().front()) &&
           cast<RankedTensorType>(value.getType()).getRank() == 4;
  return isa_and_nonnull<ir::ContractionOp>(op);
}

Step &Scheduler::launch(Location loc, Task task, ArrayRef<Place> arguments) {
  Step step{loc, std::move(task), {}, false, {}};
  for (const Place &place : arguments) {
    step.arguments.push_back(reference(place));
    step.work.bytes += distinctBytes(place.layout);
  }
  result.steps.push_back(std::move(step));
  return result.steps.back();
}

void Scheduler::launchCopy(Location loc, const Place &from, const Place &to) {
  launch(loc, kernels.copy(loc, rebased(from.layout), rebased(to.layout)), {from, to});
}

Place Scheduler::copied(Location loc, const Place &from, RankedTensorType type) {
  Layout layout = Layout::dense(type);
  Place to{addArena(layout), layout};
  launchCopy(loc, from, to);
  return to;
}

LogicalResult Scheduler::visitFusion(ir::FusionOp fusion) {
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
  if (auto found = waiting.find(fusion); found != waiting.end()) {
    Product product = std::move(found->second);
    if (!overwritesOperand(product, ArrayRef(arguments).drop_front(inputs.size()))) {
      launchWithEpilogue(std::move(product), fusion, arguments, inputs, outputs);
      return success();
    }
    sayApart(fusion, product.op, "its result is written over what the product reads");
    launchProduct(std::move(product));
  }
  bool rows = fusion->getAttrOfType<StringAttr>("kind").getValue() == "rows";
  auto task =
      rows ? kernels.rows(fusion, inputs, outputs) : kernels.columns(fusion, inputs, outputs);
  if (failed(task))
    return failure();
  Work &work = launch(fusion.getLoc(), *task, arguments).work;
  work.ops = countOps(fusion);
  work.bytes = distinctBytes(fusion, inputs, outputs);
  return success();
}

LogicalResult Scheduler::visitReturn(func::ReturnOp terminator) {
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

FailureOr<Schedule> heddle::cpu::schedule(func::FuncOp function, KernelLibrary &kernels,
                                          const ProductProviders &providers,
                                          const StoredPanels &stored, PackedTensors &packed,
                                          bool fuseEpilogues, const passes::Remarks &remarks) {
  return Scheduler(function, kernels, providers, stored, packed, fuseEpilogues, remarks).run();
}
