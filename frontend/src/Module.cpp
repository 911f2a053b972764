#include "Trace.h"

#include <algorithm>
#include <cmath>

namespace heddle {

State::State(nn::Module &owner, std::string name, Shape shape, DType dtype, Init init,
             bool is_parameter, std::source_location where)
    : owner_(owner), name_(std::move(name)), shape_(std::move(shape)), dtype_(dtype),
      init_(init.resolve(shape_)), is_parameter_(is_parameter), trainable_(is_parameter),
      where_(blame(where)) {
  const char *what = is_parameter ? "parameter" : "buffer";
  for (std::int64_t size : shape_)
    if (size < 0)
      fail(where, "{} '{}' has shape {}; sizes are at least 0", what, name_, shape_.str());
  if ((init_.kind == Init::Kind::uniform || init_.kind == Init::Kind::normal) && !is_float(dtype_))
    fail(where, "{} '{}' is {} and cannot be drawn at random; use init::zeros, ones or constant",
         what, name_, heddle::name(dtype_));
  if ((init_.kind == Init::Kind::uniform &&
       !(init_.first <= init_.second && std::isfinite(init_.second - init_.first))) ||
      (init_.kind == Init::Kind::normal &&
       !(init_.second >= 0 && std::isfinite(init_.first) && std::isfinite(init_.second))))
    fail(where, "{} '{}' cannot be drawn from {}({}, {})", what, name_,
         init_.kind == Init::Kind::uniform ? "uniform" : "normal", init_.first, init_.second);
  if (init_.zero_row && (shape_.rank() == 0 || *init_.zero_row < 0 || *init_.zero_row >= shape_[0]))
    fail(where, "{} '{}' {} has no row {} that could be zeros", what, name_, shape_.str(),
         *init_.zero_row);
  if (is_parameter && !is_float(dtype_))
    fail(where, "parameter '{}' is {}; parameters are float, other state goes into a Buffer", name_,
         heddle::name(dtype_));
  owner_.register_name(name_, where);
  owner_.members_.emplace_back(nullptr, this);
}

State::~State() {
  std::erase_if(owner_.members_, [&](const auto &member) { return member.second == this; });
}

std::string State::name() const {
  const std::string prefix = owner_.name();
  return prefix.empty() ? name_ : fmt::format("{}.{}", prefix, name_);
}

Tensor State::value(std::source_location where) const {
  return Trace::current(fmt::format("{} '{}'", is_parameter_ ? "parameter" : "buffer", name()),
                        where)
      .readState(*this, where);
}

Parameter::Parameter(nn::Module &owner, std::string name, Shape shape, Init init, DType dtype,
                     std::source_location where)
    : State(owner, std::move(name), std::move(shape), dtype, init, true, where) {}

Buffer::Buffer(nn::Module &owner, std::string name, Shape shape, Init init, DType dtype,
               std::source_location where)
    : State(owner, std::move(name), std::move(shape), dtype, init, false, where) {}

void Buffer::set(Operand value) {
  const std::string op = fmt::format("buffer '{}'", name());
  Trace &trace = Trace::current(op, value.where);
  trace.writeState(*this, value, value.where);
}

namespace nn {

Module::Module(Module &parent, std::string name, std::source_location where)
    : parent_(&parent), name_(std::move(name)) {
  parent.register_name(name_, where);
  parent.members_.emplace_back(this, nullptr);
}

Module::~Module() {
  if (parent_)
    std::erase_if(parent_->members_, [&](const auto &member) { return member.first == this; });
}

void Module::register_name(const std::string &name, std::source_location where) {
  if (name.empty() || name.find('.') != std::string::npos)
    fail(where,
         "'{}' cannot name a part of a module: names are not empty and have no dot, which joins "
         "them",
         name);
  for (const auto &[module, state] : members_)
    if ((module ? module->name_ : state->name_) == name)
      fail(where, "{} already has a part named '{}'; choose another name",
           this->name().empty() ? "the model's module" : fmt::format("module '{}'", this->name()),
           name);
}

std::string Module::name() const {
  if (!parent_)
    return "";
  const std::string prefix = parent_->name();
  return prefix.empty() ? name_ : fmt::format("{}.{}", prefix, name_);
}

void Module::collect(std::vector<State *> &states) const {
  for (const auto &[module, state] : members_) {
    if (module)
      module->collect(states);
    else
      states.push_back(state);
  }
}

std::vector<Parameter *> Module::parameters() const {
  std::vector<Parameter *> found;
  for (State *state : Access::states(*this))
    if (Access::isParameter(*state))
      found.push_back(static_cast<Parameter *>(state));
  return found;
}

std::vector<Buffer *> Module::buffers() const {
  std::vector<Buffer *> found;
  for (State *state : Access::states(*this))
    if (!Access::isParameter(*state))
      found.push_back(static_cast<Buffer *>(state));
  return found;
}

void Module::set_trainable(bool trainable) {
  for (Parameter *parameter : parameters())
    parameter->set_trainable(trainable);
}

} // namespace nn
} // namespace heddle
