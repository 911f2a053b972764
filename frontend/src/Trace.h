// A function of a model while it is being described: the bridge between the DSL's handles and the
// dialect.
#pragma once

#include "heddle/error.h"
#include "heddle/ir/Ops.h"
#include "heddle/model.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <set>

namespace heddle {

class Trace;

namespace detail {

struct ModelImpl {
  ModelImpl(std::string name, std::source_location where);

  std::string name;
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<std::shared_ptr<nn::Module>> roots;
  std::map<std::string, const State *> states; // of all roots, by full name
  /// Type and kind of every state tensor that a function has used, so that two functions agree on
  /// it.
  std::map<std::string, std::pair<mlir::Type, std::string>> used;
};

} // namespace detail

/// The one way into the private parts of the DSL's handles.
class Access {
public:
  static Tensor tensor(mlir::Value value, std::uint64_t trace);
  static mlir::Value value(const Tensor &tensor) {
    return mlir::Value::getFromOpaquePointer(tensor.value_);
  }
  static std::uint64_t trace(const Tensor &tensor) { return tensor.trace_; }

  static bool isNumber(const Operand &operand) { return operand.kind_ != Operand::Kind::Tensor; }
  static bool isReal(const Operand &operand) { return operand.kind_ == Operand::Kind::Real; }
  static double number(const Operand &operand) { return operand.number_; }
  static const Tensor &tensor(const Operand &operand) { return operand.tensor_; }

  static const nn::Module *root(const State &state);
  static const Init &init(const State &state) { return state.init_; }
  static bool isParameter(const State &state) { return state.is_parameter_; }
  static bool isTrainable(const State &state) { return state.trainable_; }
  static std::source_location where(const State &state) { return state.where_; }
  static std::vector<State *> states(const nn::Module &module);
};

/// While one lives, ops and errors carry this line: the user's, not that of the library's own code.
/// The outermost wins.
class At {
public:
  explicit At(std::source_location where);
  ~At();
  At(const At &) = delete;
  At &operator=(const At &) = delete;

private:
  bool isOutermost;
};

/// The line to blame, given the line at hand.
std::source_location blame(std::source_location where);

/// Throws Error at the user's line.
[[noreturn]] void failAt(std::source_location where, const std::string &message);
template <class... Args>
[[noreturn]] void fail(std::source_location where, fmt::format_string<Args...> format,
                       Args &&...args) {
  failAt(where, fmt::format(format, std::forward<Args>(args)...));
}
/// "f32 [64, 784]".
std::string describe(const Tensor &tensor);
/// Throws Error unless the name is a C identifier; `what` is "model", "function", ....
void checkIdentifier(const std::string &name, const std::string &what, std::source_location where);

mlir::Type elementType(mlir::MLIRContext *context, DType dtype);
mlir::RankedTensorType tensorType(mlir::MLIRContext *context, DType dtype, const Shape &shape);

class Trace {
public:
  Trace(detail::ModelImpl &model, std::string function, bool isTraining,
        std::source_location where);
  ~Trace();
  Trace(const Trace &) = delete;
  Trace &operator=(const Trace &) = delete;

  /// The function being described on this thread. Throws Error, naming `op`, if there is none.
  static Trace &current(std::string_view op, std::source_location where);
  static Trace *currentOrNull();

  mlir::OpBuilder builder;
  const bool isTraining;

  mlir::Location loc(std::source_location where);
  Tensor wrap(mlir::Value value) const { return Access::tensor(value, id); }
  /// Throws Error if the tensor is none, or of another function.
  mlir::Value unwrap(const Tensor &tensor, std::string_view op, std::source_location where) const;

  Tensor addInput(const Input &input);
  Tensor readState(const State &state, std::source_location where);
  void writeState(const State &state, const Tensor &value, std::source_location where);
  /// State that no module owns: kind "optimizer", "step" or "rng". Zero at first.
  Tensor readHidden(const std::string &name, const std::string &kind, DType dtype,
                    const Shape &shape);
  void writeHidden(const std::string &name, const Tensor &value);
  /// The random state; a stream number that no other op of the function has.
  Tensor randomKey();
  std::int64_t nextStream() { return stream++; }

  /// Names and arguments of the trainable parameters read so far.
  std::vector<std::pair<const State *, Tensor>> trainable() const;

  /// Advances the random state if a training step has used it, makes the function of it and checks
  /// it.
  void finish(const Named &outputs);

private:
  struct Entry {
    std::string name, kind;
    mlir::BlockArgument argument;
    mlir::Value current;
    mlir::Attribute init;
    const State *state; // null for hidden state
  };
  Entry &entry(const std::string &name, const std::string &kind, mlir::RankedTensorType type,
               mlir::Attribute init, const State *state, mlir::Location where);
  mlir::Attribute initAttr(const Init &init);
  void checkOutputs(const Named &outputs) const;

  detail::ModelImpl &model;
  std::string name;
  std::source_location where;
  std::uint64_t id;
  std::int64_t stream = 0;
  mlir::func::FuncOp function;
  std::vector<std::string> inputNames;
  std::vector<Entry> entries;
  std::map<std::string, std::size_t> byName;
  Trace *outer;
};

} // namespace heddle
