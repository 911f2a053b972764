#include "OpBuilding.h"
#include "Plugin.h"

#include "mlir/IR/Verifier.h"

#include <filesystem>
#include <fstream>

using namespace mlir;

namespace heddle {

namespace detail {

ModelImpl::ModelImpl(std::string givenName, std::source_location where)
    : name(std::move(givenName)) {
  checkIdentifier(name, "a model", where);
  context = std::make_unique<MLIRContext>(pluginDialects());
  context->loadDialect<ir::HeddleDialect, func::FuncDialect>();
  // Users are told what is wrong and where, not shown the IR at that point.
  context->printOpOnDiagnostic(false);
  where = blame(where);
  module = ModuleOp::create(
      FileLineColLoc::get(context.get(), where.file_name(), where.line(), where.column()));
  (*module)->setAttr(ir::HeddleDialect::kModelAttr, StringAttr::get(context.get(), name));
}

Named to_named(const std::vector<Tensor> &tensors) {
  Named named;
  for (const Tensor &tensor : tensors)
    named.push_back({fmt::format("output{}", named.size()), tensor});
  return named;
}

Named to_named(const Tensor &tensor) { return {{"output", tensor}}; }

void wrong_arity(std::size_t inputs, std::size_t takes, std::source_location where) {
  auto plural = [](std::size_t n, const char *what) {
    return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
  };
  fail(where, "the function has {}, but its callable takes {}; they must match in number and order",
       plural(inputs, "input"), plural(takes, "Tensor"));
}

} // namespace detail

Input::Input(std::string name, DType dtype, Shape shape, std::source_location where)
    : name(std::move(name)), dtype(dtype), shape(std::move(shape)), where(where) {
  for (std::int64_t size : this->shape)
    if (size < 0)
      fail(where, "input '{}' has shape {}; sizes are at least 0", this->name, this->shape.str());
}

namespace {

Named runBody(Trace &trace, const std::vector<Input> &inputs, const detail::Body &body) {
  std::vector<Tensor> arguments;
  for (const Input &input : inputs)
    arguments.push_back(trace.addInput(input));
  return body(arguments);
}

/// A single result without a name of its own is the loss.
void nameLoss(Named &outputs) {
  if (outputs.size() == 1 && outputs[0].name == "output")
    outputs[0].name = "loss";
}

Tensor findLoss(Trace &trace, const std::string &function, const Named &outputs,
                std::source_location where) {
  for (const NamedTensor &output : outputs)
    if (output.name == "loss") {
      trace.unwrap(output.tensor, fmt::format("train step '{}'", function), where);
      if (output.tensor.rank() != 0 || !is_float(output.tensor.dtype()))
        fail(where,
             "train step '{}' expects a loss that is a float scalar, got {}; reduce it with mean() "
             "or sum()",
             function, describe(output.tensor));
      return output.tensor;
    }
  fail(where, "train step '{}' returns no loss; return a Tensor, or a Named with an entry \"loss\"",
       function);
}

class TracedStep : public optim::Step {
public:
  TracedStep(Trace &trace, std::string name, std::vector<Slot> found,
             std::vector<const State *> states, std::source_location where)
      : trace(trace), name(std::move(name)), found(std::move(found)), states(std::move(states)),
        where(where) {}

  std::vector<Slot> &slots() override { return found; }

  Tensor count() override {
    usesCount = true;
    return cast(trace.readHidden(stepName(), "step", i64, {}), f64);
  }

  Tensor state(const std::string &kind, const Slot &slot) override {
    return trace.readHidden(stateName(kind, slot), "optimizer",
                            slot.value.dtype() == f64 ? f64 : f32, slot.value.shape());
  }
  void set_state(const std::string &kind, const Slot &slot, Tensor value) override {
    const Tensor now = state(kind, slot);
    if (value.shape() != now.shape() || value.dtype() != now.dtype())
      fail(where, "optimiser state '{}' is {}, but is set to {}", stateName(kind, slot),
           describe(now), describe(value));
    trace.writeHidden(stateName(kind, slot), value);
  }
  void update(const Slot &slot, Tensor value) override {
    for (std::size_t i = 0; i < found.size(); ++i)
      if (found[i].name == slot.name)
        trace.writeState(*states[i], value, where);
  }

  void finish() {
    if (usesCount)
      trace.writeHidden(stepName(), trace.readHidden(stepName(), "step", i64, {}) + 1);
  }

private:
  std::string stepName() const { return fmt::format("{}.step", name); }
  std::string stateName(const std::string &kind, const Slot &slot) const {
    return fmt::format("{}.{}.{}", name, kind, slot.name);
  }
  Trace &trace;
  std::string name;
  std::vector<Slot> found;
  std::vector<const State *> states;
  std::source_location where;
  bool usesCount = false;
};

} // namespace

Model::Model(std::string name, std::source_location where)
    : impl_(std::make_unique<detail::ModelImpl>(std::move(name), where)) {}
Model::~Model() = default;
Model::Model(Model &&) noexcept = default;
Model &Model::operator=(Model &&) noexcept = default;

void Model::own(std::shared_ptr<nn::Module> module) {
  for (const State *state : Access::states(*module)) {
    auto [known, isNew] = impl_->states.try_emplace(state->name(), state);
    if (!isNew)
      fail(Access::where(*state),
           "model '{}' already has a tensor named '{}' (from {}:{}); make one of the modules a "
           "part of a larger one, under a name of its own",
           impl_->name, state->name(), Access::where(*known->second).file_name(),
           Access::where(*known->second).line());
  }
  impl_->roots.push_back(std::move(module));
}

void Model::trace_function(std::string name, std::vector<Input> inputs, const detail::Body &body,
                           std::source_location where) {
  Trace trace(*impl_, std::move(name), false, where);
  trace.finish(runBody(trace, inputs, body));
}

void Model::trace_evaluate(std::string name, std::vector<Input> inputs, const detail::Body &body,
                           std::source_location where) {
  Trace trace(*impl_, std::move(name), false, where);
  Named outputs = runBody(trace, inputs, body);
  nameLoss(outputs);
  trace.finish(outputs);
}

void Model::trace_train_step(std::string name, std::vector<Input> inputs, const detail::Body &body,
                             optim::Optimizer optimizer, std::source_location where) {
  Trace trace(*impl_, name, true, where);
  Named outputs = runBody(trace, inputs, body);
  At at(where);
  nameLoss(outputs);
  const Tensor loss = findLoss(trace, name, outputs, where);

  std::vector<optim::Step::Slot> slots;
  std::vector<const State *> states;
  SmallVector<Value> wrt;
  SmallVector<Type> types;
  for (const auto &[state, value] : trace.trainable()) {
    states.push_back(state);
    wrt.push_back(Access::value(value));
    types.push_back(wrt.back().getType());
    slots.push_back({state->name(), value, {}});
  }
  if (wrt.empty())
    fail(where,
         "train step '{}' uses no trainable parameter; make the module with Model::add, call it in "
         "the loss, and "
         "thaw it if it is frozen",
         name);
  auto gradient =
      ir::GradientOp::create(trace.builder, trace.loc(where), types, Access::value(loss), wrt);
  for (std::size_t i = 0; i < slots.size(); ++i)
    slots[i].gradient = trace.wrap(gradient.getGradients()[i]);

  TracedStep step(trace, optimizer.name(), std::move(slots), std::move(states), where);
  optimizer.apply(step);
  step.finish();
  trace.finish(outputs);
}

const std::string &Model::name() const { return impl_->name; }

std::vector<std::string> Model::functions() const {
  std::vector<std::string> names;
  for (auto function : impl_->module->getOps<func::FuncOp>())
    names.push_back(function.getName().str());
  return names;
}

std::int64_t Model::parameter_count() const {
  std::int64_t count = 0;
  for (const auto &root : impl_->roots)
    for (const Parameter *parameter : root->parameters())
      count += parameter->shape().elements();
  if (!impl_->roots.empty())
    return count;
  std::set<StringRef> seen;
  for (auto function : impl_->module->getOps<func::FuncOp>())
    for (unsigned i = 0; i < function.getNumArguments(); ++i) {
      auto kind = function.getArgAttrOfType<StringAttr>(i, ir::HeddleDialect::kKindAttr);
      auto name = function.getArgAttrOfType<StringAttr>(i, ir::HeddleDialect::kNameAttr);
      if (kind && kind == "parameter" && name && seen.insert(name.getValue()).second)
        count += cast<RankedTensorType>(function.getArgumentTypes()[i]).getNumElements();
    }
  return count;
}

std::string Model::str(bool locations) const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  OpPrintingFlags flags;
  if (locations)
    flags.enableDebugInfo(true);
  impl_->module->print(stream, flags);
  return text;
}

void Model::write_mlir(const std::string &path, std::source_location where) const {
  // Whole or not at all: a temporary name beside it, then a rename.
  const std::string temporary = fmt::format("{}.partial", path);
  {
    std::ofstream file(temporary);
    file << str(true) << '\n';
    file.close();
    if (!file) {
      std::error_code ignored;
      std::filesystem::remove(temporary, ignored);
      fail(where, "cannot write '{}'; check that its folder exists, is writable and has room",
           path);
    }
  }
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (error) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    fail(where, "cannot write '{}': {}", path, error.message());
  }
}

} // namespace heddle
