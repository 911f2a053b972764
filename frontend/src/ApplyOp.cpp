// Any op by its name.
#include "heddle/plugin.h"

#include "Diagnostics.h"
#include "OpBuilding.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

using namespace mlir;

namespace heddle {
namespace {

Attribute attributeOf(Builder &b, const OpAttribute &given) {
  struct Visitor {
    Builder &b;
    Attribute operator()(bool value) const { return b.getBoolAttr(value); }
    Attribute operator()(std::int64_t value) const { return b.getI64IntegerAttr(value); }
    Attribute operator()(double value) const { return b.getF64FloatAttr(value); }
    Attribute operator()(const std::string &value) const { return b.getStringAttr(value); }
    Attribute operator()(const std::vector<std::int64_t> &value) const {
      return b.getDenseI64ArrayAttr(value);
    }
  };
  return std::visit(Visitor{b}, given.second);
}

/// The attributes in the form that an op keeps them in, while its types are inferred from them.
class Properties {
public:
  explicit Properties(RegisteredOperationName name)
      : name(name), storage(static_cast<std::size_t>(name.getOpPropertyByteSize())) {
    if (!storage.empty())
      name.initOpProperties(get(), nullptr);
  }
  ~Properties() {
    if (!storage.empty())
      name.destroyOpProperties(get());
  }
  Properties(const Properties &) = delete;
  Properties &operator=(const Properties &) = delete;

  OpaqueProperties get() { return storage.empty() ? nullptr : storage.data(); }
  LogicalResult set(DictionaryAttr attributes, Location loc) {
    return storage.empty() ? success()
                           : name.setOpPropertiesFromAttribute(name, get(), attributes,
                                                               [&] { return emitError(loc); });
  }

private:
  RegisteredOperationName name;
  std::vector<char> storage;
};

LogicalResult inferTypes(RegisteredOperationName name, OperationState &state) {
  MLIRContext *context = state.getContext();
  const DictionaryAttr attributes = state.attributes.getDictionary(context);
  auto *inference = name.getInterface<InferTypeOpInterface>();
  if (!inference)
    return emitError(state.location)
           << "'" << name
           << "' cannot be applied by name: its result types do not follow from its operands";
  Properties properties(name);
  return failure(
      failed(properties.set(attributes, state.location)) ||
      failed(inference->inferReturnTypes(context, state.location, state.operands, attributes,
                                         properties.get(), {}, state.types)));
}

} // namespace

std::vector<Tensor> apply_op(std::string_view name, const std::vector<Operand> &operands,
                             const std::vector<OpAttribute> &attributes,
                             std::source_location where) {
  OpMaker m(name, where);
  MLIRContext *context = m.b.getContext();
  context->getOrLoadDialect(StringRef(name).split('.').first);
  const auto known = RegisteredOperationName::lookup(StringRef(name), context);
  if (!known)
    fail(where, "there is no op '{}'; load its plugin with load_plugin() before the model is made",
         name);
  OperationState state(m.loc, *known);
  for (const Operand &operand : operands)
    state.operands.push_back(m.value(m.tensor(operand)));
  for (const OpAttribute &attribute : attributes)
    state.addAttribute(attribute.first, attributeOf(m.b, attribute));

  DiagnosticCollector diagnostics(context);
  const std::string otherwise = fmt::format("'{}' cannot be applied", name);
  if (failed(inferTypes(*known, state)))
    diagnostics.raise(where, otherwise);
  Operation *op = m.b.create(state);
  if (failed(verify(op))) {
    op->erase();
    diagnostics.raise(where, otherwise);
  }
  std::vector<Tensor> results;
  for (Value result : op->getResults()) {
    if (!isa<RankedTensorType>(result.getType()))
      m.fail("gives something else than tensors; it cannot be used in a model");
    results.push_back(m.wrap(result));
  }
  return results;
}

} // namespace heddle
