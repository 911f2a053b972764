#include "Trace.h"

#include "Diagnostics.h"

#include "mlir/IR/Verifier.h"

#include <atomic>
#include <cctype>

using namespace mlir;

namespace heddle {
namespace {

// Ops find the function that they belong to here, as arange() has no operand that could tell.
thread_local Trace *currentTrace = nullptr;
thread_local const std::source_location *forcedLine = nullptr;
thread_local std::source_location forcedStorage;

std::atomic<std::uint64_t> traceCount{0};

DType dtypeOf(Type type) {
  if (type.isF32())
    return DType::f32;
  if (type.isF64())
    return DType::f64;
  if (type.isF16())
    return DType::f16;
  if (type.isBF16())
    return DType::bf16;
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return DType::i1;
  case 8:
    return DType::i8;
  case 32:
    return DType::i32;
  default:
    return DType::i64;
  }
}

} // namespace

Tensor Access::tensor(Value value, std::uint64_t trace) {
  auto type = cast<RankedTensorType>(value.getType());
  Tensor tensor;
  tensor.shape_ = Shape(std::vector<std::int64_t>(type.getShape().begin(), type.getShape().end()));
  tensor.dtype_ = dtypeOf(type.getElementType());
  tensor.value_ = value.getAsOpaquePointer();
  tensor.trace_ = trace;
  return tensor;
}

const nn::Module *Access::root(const State &state) {
  const nn::Module *module = &state.owner_;
  while (module->parent_)
    module = module->parent_;
  return module;
}

std::vector<State *> Access::states(const nn::Module &module) {
  std::vector<State *> states;
  module.collect(states);
  return states;
}

At::At(std::source_location where) : isOutermost(!forcedLine) {
  if (isOutermost) {
    forcedStorage = where;
    forcedLine = &forcedStorage;
  }
}
At::~At() {
  if (isOutermost)
    forcedLine = nullptr;
}

std::source_location blame(std::source_location where) { return forcedLine ? *forcedLine : where; }

void failAt(std::source_location where, const std::string &message) {
  throw Error(blame(where), message);
}

std::string describe(const Tensor &tensor) {
  return fmt::format("{} {}", heddle::name(tensor.dtype()), tensor.shape().str());
}

void checkIdentifier(const std::string &name, const std::string &what, std::source_location where) {
  bool isGood = !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0]));
  for (char c : name)
    isGood &= std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  if (!isGood)
    fail(where,
         "'{}' cannot name {}: it becomes part of a C name, so use letters, digits and _, and no "
         "digit first",
         name, what);
}

Type elementType(MLIRContext *context, DType dtype) {
  Builder b(context);
  switch (dtype) {
  case DType::f32:
    return b.getF32Type();
  case DType::f64:
    return b.getF64Type();
  case DType::f16:
    return b.getF16Type();
  case DType::bf16:
    return b.getBF16Type();
  case DType::i8:
    return b.getIntegerType(8);
  case DType::i32:
    return b.getI32Type();
  case DType::i64:
    return b.getI64Type();
  case DType::i1:
    return b.getI1Type();
  }
  llvm_unreachable("no such dtype");
}

RankedTensorType tensorType(MLIRContext *context, DType dtype, const Shape &shape) {
  return RankedTensorType::get(shape.sizes(), elementType(context, dtype));
}

Trace::Trace(detail::ModelImpl &model, std::string function, bool isTraining,
             std::source_location where)
    : builder(model.context.get()), isTraining(isTraining), model(model), name(std::move(function)),
      where(where), id(++traceCount), outer(currentTrace) {
  checkIdentifier(name, "a function", where);
  if (model.module->lookupSymbol(name))
    fail(where, "model '{}' already has a function '{}'; give this one another name", model.name,
         name);
  if (outer)
    fail(where, "function '{}' is described inside function '{}'; describe one after the other",
         name, outer->name);
  this->function = func::FuncOp::create(loc(where), name, builder.getFunctionType({}, {}));
  builder.setInsertionPointToEnd(this->function.addEntryBlock());
  currentTrace = this;
}

Trace::~Trace() {
  currentTrace = outer;
  if (function && !function->getBlock())
    function->erase();
}

Trace *Trace::currentOrNull() { return currentTrace; }

Trace &Trace::current(std::string_view op, std::source_location where) {
  if (!currentTrace)
    fail(where,
         "{} is used outside of a model's function; use it inside the callable given to "
         "Model::function, evaluate "
         "or train_step",
         op);
  return *currentTrace;
}

Location Trace::loc(std::source_location at) {
  at = blame(at);
  return FileLineColLoc::get(builder.getContext(), at.file_name(), at.line(), at.column());
}

Value Trace::unwrap(const Tensor &tensor, std::string_view op, std::source_location at) const {
  if (!tensor)
    fail(at, "{} is given a Tensor without a value; assign it the result of an op first", op);
  if (Access::trace(tensor) != id)
    fail(at,
         "{} is given a Tensor {} of another function, while '{}' is described; pass values "
         "between functions as "
         "inputs or keep them in a Buffer",
         op, describe(tensor), name);
  return Access::value(tensor);
}

Tensor Trace::addInput(const Input &input) {
  checkIdentifier(input.name, "an input", input.where);
  if (llvm::is_contained(inputNames, input.name))
    fail(input.where, "function '{}' has two inputs named '{}'; rename one", name, input.name);
  inputNames.push_back(input.name);
  Value argument = function.front().addArgument(
      tensorType(builder.getContext(), input.dtype, input.shape), loc(input.where));
  return wrap(argument);
}

Attribute Trace::initAttr(const Init &init) {
  auto number = [&](StringRef key, double value) {
    return builder.getNamedAttr(key, builder.getF64FloatAttr(value));
  };
  SmallVector<NamedAttribute> fields;
  auto kind = [&](StringRef name) {
    fields.push_back(builder.getNamedAttr("kind", builder.getStringAttr(name)));
  };
  switch (init.kind) {
  case Init::Kind::zeros:
    kind("zeros");
    break;
  case Init::Kind::ones:
    kind("ones");
    break;
  case Init::Kind::constant:
    kind("constant");
    fields.push_back(number("value", init.first));
    break;
  case Init::Kind::uniform:
    kind("uniform");
    fields.push_back(number("low", init.first));
    fields.push_back(number("high", init.second));
    break;
  case Init::Kind::normal:
    kind("normal");
    fields.push_back(number("mean", init.first));
    fields.push_back(number("std", init.second));
    break;
  default:
    llvm_unreachable("resolved at declaration");
  }
  if (init.zero_row)
    fields.push_back(builder.getNamedAttr("zero_row", builder.getI64IntegerAttr(*init.zero_row)));
  return builder.getDictionaryAttr(fields);
}

Trace::Entry &Trace::entry(const std::string &stateName, const std::string &kind,
                           RankedTensorType type, Attribute init, const State *state, Location at) {
  if (auto found = byName.find(stateName); found != byName.end())
    return entries[found->second];
  auto [known, isNew] = model.used.try_emplace(stateName, type, kind);
  if (!isNew && known->second != std::pair<Type, std::string>(type, kind))
    fail(where,
         "function '{}' uses '{}' for two different tensors of model '{}'; give modules other "
         "names, or an "
         "optimiser another `name`",
         name, stateName, model.name);
  byName[stateName] = entries.size();
  BlockArgument argument = function.front().addArgument(type, at);
  return entries.emplace_back(Entry{stateName, kind, argument, argument, init, state});
}

Tensor Trace::readState(const State &state, std::source_location at) {
  const nn::Module *root = Access::root(state);
  const std::string full = state.name();
  if (llvm::none_of(model.roots, [&](const auto &owned) { return owned.get() == root; }))
    fail(at, "'{}' belongs to no module of model '{}'; make its module with Model::add", full,
         model.name);
  // A module may have grown since Model::add looked at its names.
  auto known = model.states.try_emplace(full, &state).first;
  if (known->second != &state)
    fail(at, "model '{}' has two tensors named '{}'; rename one of the modules", model.name, full);
  const bool isParameter = Access::isParameter(state);
  Entry &found =
      entry(full, isParameter ? "parameter" : "buffer",
            tensorType(builder.getContext(), state.dtype(), state.shape()),
            initAttr(Access::init(state)), &state,
            FileLineColLoc::get(builder.getContext(), Access::where(state).file_name(),
                                Access::where(state).line(), Access::where(state).column()));
  return wrap(found.current);
}

void Trace::writeState(const State &state, const Tensor &value, std::source_location at) {
  if (value.shape() != state.shape() || value.dtype() != state.dtype())
    fail(at, "buffer '{}' is {} {}, but is set to {}; reshape or cast the value", state.name(),
         heddle::name(state.dtype()), state.shape().str(), describe(value));
  readState(state, at);
  entries[byName.at(state.name())].current = unwrap(value, "set", at);
}

Tensor Trace::readHidden(const std::string &stateName, const std::string &kind, DType dtype,
                         const Shape &shape) {
  return wrap(entry(stateName, kind, tensorType(builder.getContext(), dtype, shape),
                    initAttr(init::zeros()), nullptr, loc(where))
                  .current);
}

void Trace::writeHidden(const std::string &stateName, const Tensor &value) {
  entries[byName.at(stateName)].current = unwrap(value, stateName, where);
}

Tensor Trace::randomKey() { return readHidden("rng", "rng", DType::i64, Shape{2}); }

std::vector<std::pair<const State *, Tensor>> Trace::trainable() const {
  std::vector<std::pair<const State *, Tensor>> found;
  for (const Entry &e : entries)
    if (e.state && Access::isParameter(*e.state) && Access::isTrainable(*e.state))
      found.emplace_back(e.state, wrap(e.argument));
  return found;
}

void Trace::checkOutputs(const Named &outputs) const {
  std::set<std::string> seen;
  for (const NamedTensor &output : outputs) {
    checkIdentifier(output.name, "a result", where);
    if (!seen.insert(output.name).second)
      fail(where, "function '{}' has two results named '{}'; rename one", name, output.name);
    unwrap(output.tensor, fmt::format("result '{}' of function '{}'", output.name, name), where);
  }
  for (const std::string &input : inputNames)
    if (byName.count(input))
      fail(where, "function '{}' has an input and a state tensor named '{}'; rename the input",
           name, input);
}

void Trace::finish(const Named &outputs) {
  checkOutputs(outputs);
  if (isTraining && byName.count("rng")) {
    // iota is [0, 1]: (seed, step) becomes (seed, step + 1).
    Entry &rng = entries[byName["rng"]];
    Value advance =
        ir::IotaOp::create(builder, loc(where), cast<RankedTensorType>(rng.argument.getType()), 0);
    rng.current = ir::AddOp::create(builder, loc(where), rng.argument, advance);
  }
  SmallVector<Value> results;
  for (const NamedTensor &output : outputs)
    results.push_back(Access::value(output.tensor));
  SmallVector<const Entry *> updated;
  for (const Entry &e : entries)
    if (e.current != e.argument) {
      updated.push_back(&e);
      results.push_back(e.current);
    }
  if (results.empty())
    fail(where,
         "function '{}' has no result and changes no state; return a Tensor from its callable",
         name);
  func::ReturnOp::create(builder, loc(where), results);
  function.setFunctionType(
      builder.getFunctionType(function.front().getArgumentTypes(), ValueRange(results).getTypes()));

  using D = ir::HeddleDialect;
  for (auto [i, input] : llvm::enumerate(inputNames)) {
    function.setArgAttr(i, D::kNameAttr, builder.getStringAttr(input));
    function.setArgAttr(i, D::kKindAttr, builder.getStringAttr("input"));
  }
  for (const Entry &e : entries) {
    const unsigned i = e.argument.getArgNumber();
    function.setArgAttr(i, D::kNameAttr, builder.getStringAttr(e.name));
    function.setArgAttr(i, D::kKindAttr, builder.getStringAttr(e.kind));
    function.setArgAttr(i, D::kInitAttr, e.init);
    if (e.kind == "parameter")
      function.setArgAttr(i, D::kTrainableAttr, builder.getBoolAttr(Access::isTrainable(*e.state)));
  }
  for (auto [i, output] : llvm::enumerate(outputs))
    function.setResultAttr(i, D::kNameAttr, builder.getStringAttr(output.name));
  for (auto [i, e] : llvm::enumerate(updated))
    function.setResultAttr(outputs.size() + i, D::kUpdatesAttr, builder.getStringAttr(e->name));

  DiagnosticCollector diagnostics(builder.getContext());
  if (failed(verify(function)))
    diagnostics.raise(where, fmt::format("function '{}' is not valid", name));
  model.module->push_back(function);
}

} // namespace heddle
