//===- Plan.cpp - the phase `plan`: buffers and launches --------------------===//

#include "heddle/cpu/Plan.h"
#include "MemoryPlan.h"
#include "Placement.h"
#include "Schedule.h"
#include "heddle/cpu/Passes.h"
#include "heddle/passes/Updates.h"

#include "mlir/IR/BuiltinDialect.h"

namespace heddle::cpu {
#define GEN_PASS_DEF_HEDDLECPUPLAN
#include "heddle/cpu/Passes.h.inc"
} // namespace heddle::cpu

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

namespace {

/// Launches `task` with `pointers`, for which the array `arguments` has room.
void callTask(OpBuilder &b, Location loc, Value run, const Task &task, Value arguments,
              ArrayRef<Value> pointers) {
  Type ptr = LLVM::LLVMPointerType::get(b.getContext());
  for (auto [i, pointer] : llvm::enumerate(pointers)) {
    Value slot = LLVM::GEPOp::create(b, loc, ptr, ptr, arguments,
                                     ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
    LLVM::StoreOp::create(b, loc, pointer, slot);
  }
  Value function = LLVM::AddressOfOp::create(b, loc, ptr, task.symbol);
  Value count = arith::ConstantIntOp::create(b, loc, task.count, 64);
  Value grain = arith::ConstantIntOp::create(b, loc, task.grain, 64);
  Value part = arith::ConstantIntOp::create(b, loc, task.part, 64);
  LLVM::CallOp::create(b, loc, TypeRange(), "hd_parallel_for",
                       ValueRange{run, function, arguments, count, grain, part});
}

/// Writes a schedule as a function that computes addresses and launches.
class PlannedFunction {
public:
  PlannedFunction(ModuleOp module, func::FuncOp traced, const Schedule &schedule,
                  const StoredPanels &stored, ArrayRef<PackedTensor> packed)
      : module(module), traced(traced), schedule(schedule), stored(stored), packed(packed),
        b(module.getContext()), loc(traced.getLoc()),
        ptr(LLVM::LLVMPointerType::get(module.getContext())) {}

  /// Returns the number of launches.
  size_t write() {
    int64_t arenaBytes = planBuffers();
    b.setInsertionPoint(traced);
    func::FuncOp planned = declare(arenaBytes);
    b.setInsertionPointToStart(planned.addEntryBlock());
    resolveBuffers(planned);
    // One array of pointers serves every launch: the pool is done with it when the launch returns.
    size_t most = 1;
    for (const Step &step : schedule.steps)
      most = std::max(most, step.arguments.size());
    Value size = arith::ConstantIntOp::create(b, loc, most, 64);
    arguments = LLVM::AllocaOp::create(b, loc, ptr, ptr, size, 8);
    SmallVector<Attribute> contractions;
    uses.resize(schedule.buffers.size());
    for (const Step &step : schedule.steps) {
      if (auto *task = std::get_if<Task>(&step.what))
        launch(step, *task);
      else
        contract(step, std::get<DictionaryAttr>(step.what), contractions);
    }
    func::ReturnOp::create(b, loc);
    planned->setAttr("heddle.contractions", b.getArrayAttr(contractions));
    planned->setAttr(kLaunchesAttr, b.getArrayAttr(launches));
    planned->setAttr(kBuffersAttr, b.getArrayAttr(describeBuffers()));
    return launches.size();
  }

private:
  int64_t planBuffers() {
    SmallVector<Lifetime> lifetimes(schedule.buffers.size());
    for (auto [i, buffer] : llvm::enumerate(schedule.buffers)) {
      lifetimes[i].bytes = buffer.kind == Buffer::Arena ? buffer.bytes : 0;
      lifetimes[i].first = schedule.steps.size();
      lifetimes[i].last = -1;
    }
    for (auto [i, step] : llvm::enumerate(schedule.steps))
      for (auto [buffer, offset] : step.arguments) {
        lifetimes[buffer].first = std::min<int64_t>(lifetimes[buffer].first, i);
        lifetimes[buffer].last = std::max<int64_t>(lifetimes[buffer].last, i);
      }
    for (Lifetime &lifetime : lifetimes)
      if (lifetime.last < 0) // a product whose kernel keeps it in scratch
        lifetime.bytes = 0;
    int64_t bytes = planArena(lifetimes);
    for (const Lifetime &lifetime : lifetimes)
      offsets.push_back(lifetime.offset);
    return bytes;
  }

  /// Inputs, outputs, state, packed tensors, arena.
  func::FuncOp declare(int64_t arenaBytes) {
    SmallVector<Type> types{ptr};
    SmallVector<DictionaryAttr> attributes{b.getDictionaryAttr({})};
    auto add = [&](Type tensor, DictionaryAttr dictionary) {
      auto type = cast<RankedTensorType>(tensor);
      if (type.getNumElements() > 0 || type.getRank() <= 1) {
        types.push_back(MemRefType::get(type.getShape(), type.getElementType()));
        attributes.push_back(dictionary);
        return;
      }
      // Upstream passes no bare pointer for an empty memref whose strides are 0; nobody reads
      // through it.
      NamedAttrList withShape(dictionary);
      withShape.set(kShapeAttr, b.getDenseI64ArrayAttr(type.getShape()));
      types.push_back(MemRefType::get({0}, type.getElementType()));
      attributes.push_back(withShape.getDictionary(b.getContext()));
    };
    auto isInput = [&](unsigned i) {
      auto kind = traced.getArgAttrOfType<StringAttr>(i, ir::HeddleDialect::kKindAttr);
      return kind && kind.getValue() == "input";
    };
    argumentPosition.resize(traced.getNumArguments());
    for (unsigned i = 0; i < traced.getNumArguments(); ++i)
      if (isInput(i)) {
        argumentPosition[i] = types.size();
        add(traced.getArgumentTypes()[i], traced.getArgAttrDict(i));
      }
    llvm::SmallDenseSet<unsigned> updated;
    for (unsigned i = 0; i < traced.getNumResults(); ++i)
      if (auto argument = passes::updatedArgument(traced, i)) {
        updated.insert(*argument);
      } else {
        resultPosition.push_back(types.size());
        NamedAttrList dictionary(traced.getResultAttrDict(i));
        dictionary.set(ir::HeddleDialect::kKindAttr, b.getStringAttr("output"));
        add(traced.getResultTypes()[i], dictionary.getDictionary(b.getContext()));
      }
    for (unsigned i = 0; i < traced.getNumArguments(); ++i)
      if (!isInput(i)) {
        argumentPosition[i] = types.size();
        NamedAttrList dictionary(traced.getArgAttrDict(i));
        if (updated.contains(i))
          dictionary.set(kUpdatedAttr, b.getUnitAttr());
        if (auto dimension = stored.dimension(traced.getArgument(i)))
          dictionary.set(kPanelsAttr, b.getDenseI64ArrayAttr({*dimension, stored.width()}));
        add(traced.getArgumentTypes()[i], dictionary.getDictionary(b.getContext()));
      }
    for (const Buffer &buffer : schedule.buffers)
      if (buffer.kind == Buffer::Packed) {
        packedPosition[buffer.index] = types.size();
        types.push_back(MemRefType::get({packed[buffer.index].form.elements()}, b.getF32Type()));
        attributes.push_back(
            b.getDictionaryAttr(b.getNamedAttr(kPackedAttr, b.getI64IntegerAttr(buffer.index))));
      }
    types.push_back(MemRefType::get({arenaBytes}, b.getI8Type()));
    attributes.push_back(b.getDictionaryAttr({}));
    auto planned = func::FuncOp::create(b, loc, entryFunctionName(traced.getSymName()),
                                        b.getFunctionType(types, {}));
    planned.setAllArgAttrs(attributes);
    planned->setAttr(kEntryAttr, traced.getSymNameAttr());
    planned->setAttr("heddle.arena_bytes", b.getI64IntegerAttr(arenaBytes));
    return planned;
  }

  Value pointerTo(Value memref) {
    Value index = memref::ExtractAlignedPointerAsIndexOp::create(b, loc, memref);
    Value address = arith::IndexCastOp::create(b, loc, b.getI64Type(), index);
    return LLVM::IntToPtrOp::create(b, loc, ptr, address);
  }
  Value advanced(Value base, int64_t bytes) {
    if (bytes == 0)
      return base;
    return LLVM::GEPOp::create(b, loc, ptr, b.getI8Type(), base,
                               ArrayRef<LLVM::GEPArg>{advancedIndex(bytes)});
  }
  LLVM::GEPArg advancedIndex(int64_t bytes) {
    return Value(arith::ConstantIntOp::create(b, loc, bytes, 64));
  }

  void resolveBuffers(func::FuncOp planned) {
    SmallVector<Value> arguments(planned.getNumArguments());
    for (unsigned i = 1; i < planned.getNumArguments(); ++i)
      arguments[i] = pointerTo(planned.getArgument(i));
    for (auto [i, buffer] : llvm::enumerate(schedule.buffers)) {
      switch (buffer.kind) {
      case Buffer::Argument:
        pointers.push_back(arguments[argumentPosition[buffer.index]]);
        break;
      case Buffer::Result:
        pointers.push_back(arguments[resultPosition[buffer.index]]);
        break;
      case Buffer::Packed:
        pointers.push_back(arguments[packedPosition[buffer.index]]);
        break;
      case Buffer::Arena:
        pointers.push_back(advanced(arguments.back(), offsets[i]));
        break;
      case Buffer::Constant:
        pointers.push_back(constant(buffer.contents));
        break;
      }
    }
    run = planned.getArgument(0);
  }

  Value constant(DenseElementsAttr contents) {
    auto flat = cast<DenseElementsAttr>(contents).reshape(
        RankedTensorType::get({contents.getNumElements()}, contents.getElementType()));
    if (contents.getElementType().isInteger(1)) { // one byte each
      SmallVector<int8_t> bytes;
      for (bool value : flat.getValues<bool>())
        bytes.push_back(value);
      flat = DenseElementsAttr::get(
          RankedTensorType::get({contents.getNumElements()}, b.getI8Type()), ArrayRef(bytes));
    }
    auto type = LLVM::LLVMArrayType::get(flat.getElementType(), flat.getNumElements());
    std::string name = ("constant_" + traced.getSymName() + "_" + Twine(constants++)).str();
    OpBuilder atModule(module.getBodyRegion());
    LLVM::GlobalOp::create(atModule, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal, name,
                           flat, 64);
    return LLVM::AddressOfOp::create(b, loc, ptr, name);
  }

  Value location(std::pair<size_t, int64_t> reference) {
    return advanced(pointers[reference.first], reference.second);
  }

  void describe(const Step &step, StringRef kernel) {
    std::string where;
    step.loc->walk([&](Location inner) {
      auto line = dyn_cast<FileLineColLoc>(inner);
      if (!line)
        return WalkResult::advance();
      where = (line.getFilename().getValue() + ":" + Twine(line.getLine())).str();
      return WalkResult::interrupt();
    });
    for (auto [buffer, offset] : step.arguments)
      if (uses[buffer].empty() || uses[buffer].back() != static_cast<int64_t>(launches.size()))
        uses[buffer].push_back(static_cast<int64_t>(launches.size()));
    launches.push_back(
        b.getDictionaryAttr({b.getNamedAttr("kernel", b.getStringAttr(kernel)),
                             b.getNamedAttr("where", b.getStringAttr(where)),
                             b.getNamedAttr("product", b.getStringAttr(step.product)),
                             b.getNamedAttr("bytes", b.getI64IntegerAttr(step.work.bytes)),
                             b.getNamedAttr("ops", b.getI64IntegerAttr(step.work.ops))}));
  }

  SmallVector<Attribute> describeBuffers() {
    SmallVector<Attribute> described;
    for (auto [i, buffer] : llvm::enumerate(schedule.buffers))
      if (buffer.kind == Buffer::Arena && buffer.bytes > 0 && !uses[i].empty())
        described.push_back(
            b.getDictionaryAttr({b.getNamedAttr("offset", b.getI64IntegerAttr(offsets[i])),
                                 b.getNamedAttr("bytes", b.getI64IntegerAttr(buffer.bytes)),
                                 b.getNamedAttr("launches", b.getDenseI64ArrayAttr(uses[i]))}));
    return described;
  }

  void launch(const Step &step, const Task &task) {
    if (task.count == 0)
      return;
    describe(step, task.symbol);
    SmallVector<Value> given;
    for (auto reference : step.arguments)
      given.push_back(location(reference));
    callTask(b, step.loc, run, task, arguments, given);
  }

  void contract(const Step &step, DictionaryAttr contraction,
                SmallVectorImpl<Attribute> &contractions) {
    Value index = arith::ConstantIntOp::create(b, step.loc, contractions.size(), 32);
    contractions.push_back(contraction);
    describe(step, "contraction");
    Value bias =
        step.hasBias ? location(step.arguments[2]) : Value(LLVM::ZeroOp::create(b, step.loc, ptr));
    LLVM::CallOp::create(b, step.loc, TypeRange(), "hd_contract",
                         ValueRange{run, index, location(step.arguments[0]),
                                    location(step.arguments[1]), bias,
                                    location(step.arguments.back())});
  }

  ModuleOp module;
  func::FuncOp traced;
  const Schedule &schedule;
  const StoredPanels &stored;
  ArrayRef<PackedTensor> packed;
  OpBuilder b;
  Location loc;
  Type ptr;
  SmallVector<int64_t> offsets;
  std::vector<SmallVector<int64_t>> uses; // of each buffer, the launches
  SmallVector<unsigned> argumentPosition, resultPosition;
  llvm::SmallDenseMap<size_t, unsigned> packedPosition;
  SmallVector<Value> pointers;
  Value run, arguments;
  SmallVector<Attribute> launches;
  unsigned constants = 0;
};

/// Writes the function that makes a packed tensor.
void writePacker(ModuleOp module, size_t number, const PackedTensor &tensor) {
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  Location loc = module.getLoc();
  Type ptr = LLVM::LLVMPointerType::get(b.getContext());
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()), {ptr, ptr, ptr});
  auto packer = LLVM::LLVMFuncOp::create(b, loc, packerFunctionName(number), type);
  packer->setAttr(kPackerAttr, tensor.name);
  packer->setAttr("heddle.bytes", b.getI64IntegerAttr(tensor.bytes()));
  b.setInsertionPointToStart(packer.addEntryBlock(b));
  auto i64 = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(b, loc, value, 64);
  };
  Value source = LLVM::GEPOp::create(b, loc, ptr, b.getF32Type(), packer.getArgument(1),
                                     LLVM::GEPArg(i64(tensor.offset)));
  Value arguments = LLVM::AllocaOp::create(b, loc, ptr, ptr, i64(2), 8);
  callTask(b, loc, packer.getArgument(0), tensor.task, arguments, {source, packer.getArgument(2)});
  LLVM::ReturnOp::create(b, loc, ValueRange());
}

struct Plan : cpu::impl::HeddleCpuPlanBase<Plan> {
  using HeddleCpuPlanBase::HeddleCpuPlanBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (!llvm::is_contained({128, 256, 512}, vectorBits) || vectorRegisters < 8) {
      module.emitError() << "options 'vector-bits' and 'vector-registers' are " << vectorBits
                         << " and " << vectorRegisters
                         << "; a vector has 128, 256 or 512 bits, and there are 8 or more of them";
      return signalPassFailure();
    }
    Tuning measured;
    if (!tuning.empty()) {
      llvm::Expected<Tuning> read = Tuning::read(tuning);
      if (!read) {
        module.emitError() << llvm::toString(read.takeError());
        return signalPassFailure();
      }
      measured = std::move(*read);
    }
    for (auto function : module.getOps<func::FuncOp>())
      if (failed(checkSignature(function)))
        return signalPassFailure();
    declareRuntime(module);
    KernelLibrary kernels(module, {vectorBits, vectorRegisters});
    const ProductProviders providers{contractions, measured};
    StoredPanels stored;
    if (packParameters)
      stored = StoredPanels(module, kernels.panelWidth(), providers);
    sayInRows(stored);
    PackedTensors packed(packParameters);
    for (auto function : llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
      auto scheduled = schedule(function, kernels, providers, stored, packed, fuseEpilogues,
                                passes::Remarks(*this, function));
      if (failed(scheduled))
        return signalPassFailure();
      numStateCopies += scheduled->stateCopies;
      numLaunches += PlannedFunction(module, function, *scheduled, stored, packed.all()).write();
      function.erase();
    }
    for (auto [i, tensor] : llvm::enumerate(packed.all()))
      writePacker(module, i, tensor);
    numPacked += packed.all().size();
    numInPanels += stored.count();
    numKernels += kernels.size();
    if (failed(checkPlanned(module)))
      signalPassFailure();
  }

  void sayInRows(const StoredPanels &stored) {
    for (const auto &[name, missed] : stored.missed()) {
      ir::ContractionOp product = missed.product;
      passes::Remarks(*this, product->getParentOfType<func::FuncOp>())
              .missed(product.getLoc(), "ParameterInRows")
          << remark::add("'{0}' does not lie in the order in which {1} reads it", name.getValue(),
                         passes::nameForUser(product))
          << remark::reason("{0}", missed.reason);
    }
  }

  static LogicalResult checkSignature(func::FuncOp function) {
    auto isFixed = [](Type type) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      return tensor && tensor.hasStaticShape();
    };
    if (function.isExternal())
      return function.emitOpError("has no body to plan");
    if (!llvm::all_of(function.getArgumentTypes(), isFixed) ||
        !llvm::all_of(function.getResultTypes(), isFixed))
      return function.emitOpError(
          "takes or returns something else than tensors with all their sizes known");
    return success();
  }

  // Functions are written above, and so are right; kernels come from what each op says is its
  // scalar form.
  static LogicalResult checkPlanned(ModuleOp module) {
    WalkResult result = module.walk([](Operation *op) {
      if (isa<BuiltinDialect, arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect,
              math::MathDialect, memref::MemRefDialect, scf::SCFDialect, vector::VectorDialect>(
              op->getDialect()))
        return WalkResult::advance();
      op->emitOpError()
          << "is left after phase plan, which makes launches and kernels of everything";
      return WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }

  static void declareRuntime(ModuleOp module) {
    OpBuilder b(module.getBodyRegion());
    Type ptr = LLVM::LLVMPointerType::get(b.getContext());
    Type none = LLVM::LLVMVoidType::get(b.getContext()), i64 = b.getI64Type(), i32 = b.getI32Type();
    auto declare = [&](StringRef name, ArrayRef<Type> types) {
      LLVM::LLVMFuncOp::create(b, module.getLoc(), name, LLVM::LLVMFunctionType::get(none, types));
    };
    declare("hd_parallel_for", {ptr, ptr, ptr, i64, i64, i64});
    declare("hd_contract", {ptr, i32, ptr, ptr, ptr, ptr});
  }
};
} // namespace
