#include "Description.h"
#include "heddle/cpu/Plan.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace heddle::cpu {
namespace {

std::string dtypeName(Type type) {
  std::string name;
  llvm::raw_string_ostream stream(name);
  type.print(stream);
  static const char *const known[] = {"f32", "f64", "f16", "bf16", "i8", "i32", "i64", "i1"};
  return llvm::is_contained(known, name) ? name : "";
}

class EntryReader {
public:
  EntryReader(FunctionOpInterface entry, ModelDescription &model) : entry(entry), model(model) {}

  LogicalResult read() {
    function.name = entry->getAttrOfType<StringAttr>(kEntryAttr).str();
    auto bytes = entry->getAttrOfType<IntegerAttr>("heddle.arena_bytes");
    if (!bytes)
      return entry.emitError("entry '") << function.name << "' has no heddle.arena_bytes";
    function.arenaBytes = bytes.getInt();
    function.contractions = entry->getAttrOfType<ArrayAttr>("heddle.contractions");
    function.launches = entry->getAttrOfType<ArrayAttr>(kLaunchesAttr);
    const unsigned count = entry.getNumArguments();
    if (count < 2)
      return entry.emitError("entry '")
             << function.name << "' must have at least its run and its arena as arguments";
    for (unsigned i = 1; i + 1 < count; ++i)
      if (failed(readArgument(i)))
        return failure();
    model.functions.push_back(std::move(function));
    return success();
  }

private:
  LogicalResult readArgument(unsigned index) {
    if (auto packed = entry.getArgAttrOfType<IntegerAttr>(index, kPackedAttr)) {
      function.packed.push_back(static_cast<size_t>(packed.getInt()));
      return success();
    }
    auto name = entry.getArgAttrOfType<StringAttr>(index, "heddle.name");
    auto kind = entry.getArgAttrOfType<StringAttr>(index, "heddle.kind");
    auto type = dyn_cast<MemRefType>(entry.getArgumentTypes()[index]);
    if (!name || !kind || !type || !type.hasStaticShape())
      return entry.emitError("entry '")
             << function.name << "': argument " << index
             << " needs heddle.name, heddle.kind and a static memref type";
    TensorDescription tensor;
    tensor.name = name.str();
    tensor.dtype = dtypeName(type.getElementType());
    auto emptyShape = entry.getArgAttrOfType<DenseI64ArrayAttr>(index, kShapeAttr);
    ArrayRef<int64_t> shape = emptyShape ? emptyShape.asArrayRef() : type.getShape();
    tensor.shape.assign(shape.begin(), shape.end());
    if (tensor.dtype.empty())
      return entry.emitError("entry '")
             << function.name << "': '" << tensor.name << "' has element type "
             << type.getElementType() << ", which the runtime does not know";
    if (kind == "input" || kind == "output") {
      // The wrapper passes buffers by position: inputs, outputs, state.
      const bool late = !function.state.empty() || !function.packed.empty() ||
                        (kind == "input" && !function.outputs.empty());
      if (late)
        return entry.emitError("entry '")
               << function.name << "': argument " << index << " '" << tensor.name
               << "' is out of order: inputs, outputs, then state";
      (kind == "input" ? function.inputs : function.outputs).push_back(std::move(tensor));
      return success();
    }
    return readState(index, kind, std::move(tensor));
  }

  LogicalResult readState(unsigned index, StringRef role, TensorDescription tensor) {
    if (!function.packed.empty())
      return entry.emitError("entry '")
             << function.name << "': argument " << index << " '" << tensor.name
             << "' is out of order: state, then packed tensors";
    StateDescription state;
    static_cast<TensorDescription &>(state) = std::move(tensor);
    state.role = role.str();
    state.init = entry.getArgAttrOfType<DictionaryAttr>(index, "heddle.init");
    if (auto trainable = entry.getArgAttr(index, "heddle.trainable"))
      state.trainable = !isa<BoolAttr>(trainable) || cast<BoolAttr>(trainable).getValue();
    else
      state.trainable = role == "parameter";
    if (auto panels = entry.getArgAttrOfType<DenseI64ArrayAttr>(index, kPanelsAttr))
      state.panels = {panels[0], panels[1]};
    for (size_t i = 0; i < model.tensors.size(); ++i) {
      StateDescription &known = model.tensors[i];
      if (known.name != state.name)
        continue;
      if (known.panels != state.panels)
        return entry.emitError("entry '") << function.name << "' and an earlier function have '"
                                          << state.name << "' in different orders in memory";
      if (known.dtype != state.dtype || known.shape != state.shape || known.role != state.role)
        return entry.emitError("entry '")
               << function.name << "' declares '" << state.name << "' as " << state.role << ' '
               << state.dtype << ' ' << state.shapeText() << ", an earlier function as "
               << known.role << ' ' << known.dtype << ' ' << known.shapeText()
               << "; the same name is the same tensor";
      addState(index, i);
      return success();
    }
    addState(index, model.tensors.size());
    model.tensors.push_back(std::move(state));
    return success();
  }

  void addState(unsigned index, size_t tensor) {
    function.state.push_back(tensor);
    if (entry.getArgAttr(index, kUpdatedAttr))
      function.updates.push_back(tensor);
  }

  FunctionOpInterface entry;
  ModelDescription &model;
  FunctionDescription function;
};

LogicalResult readPackers(ModuleOp planned, ModelDescription &model) {
  while (auto packer =
             planned.lookupSymbol<FunctionOpInterface>(packerFunctionName(model.packed.size()))) {
    auto name = packer->getAttrOfType<StringAttr>(kPackerAttr);
    auto bytes = packer->getAttrOfType<IntegerAttr>("heddle.bytes");
    const auto tensor = llvm::find_if(
        model.tensors, [&](const auto &known) { return name && known.name == name.getValue(); });
    if (!bytes || tensor == model.tensors.end())
      return packer.emitError("needs heddle.bytes, and heddle.packer with the name of a tensor");
    model.packed.push_back({static_cast<size_t>(tensor - model.tensors.begin()), bytes.getInt()});
  }
  for (const FunctionDescription &function : model.functions)
    for (size_t packed : function.packed)
      if (packed >= model.packed.size())
        return planned.emitError("entry '") << function.name << "' needs "
                                            << packerFunctionName(packed) << ", which is not there";
  return success();
}

} // namespace

int64_t TensorDescription::elements() const {
  int64_t count = 1;
  for (int64_t dimension : shape)
    count *= dimension;
  return count;
}

std::string TensorDescription::shapeText() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << '[';
  llvm::interleaveComma(shape, stream);
  stream << ']';
  return text;
}

FailureOr<ModelDescription> describeModel(ModuleOp planned) {
  ModelDescription model;
  auto name = planned->getAttrOfType<StringAttr>("heddle.model");
  if (!name || name.empty())
    return planned.emitError("the module has no heddle.model attribute, which names the model");
  model.name = name.str();
  for (auto entry : planned.getOps<FunctionOpInterface>())
    if (entry->hasAttrOfType<StringAttr>(kEntryAttr) && failed(EntryReader(entry, model).read()))
      return failure();
  if (failed(readPackers(planned, model)))
    return failure();
  if (model.functions.empty())
    return planned.emitError("model '") << model.name << "' has no function to compile";
  return model;
}

void describeOrigin(ModelDescription &model, ModuleOp traced) {
  for (FunctionDescription &function : model.functions)
    if (auto original = traced.lookupSymbol<FunctionOpInterface>(function.name))
      function.indexChecks = findIndexChecks(original);
  std::string text;
  llvm::raw_string_ostream stream(text);
  traced->print(stream);
  auto hash = llvm::SHA256::hash({reinterpret_cast<const uint8_t *>(text.data()), text.size()});
  model.irHash = llvm::toHex(hash, /*LowerCase=*/true);
}

} // namespace heddle::cpu
