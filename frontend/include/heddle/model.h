// A model: modules, and named functions that share their parameters and state.
#pragma once

#include <heddle/error.h>
#include <heddle/nn.h>
#include <heddle/optim.h>

#include <concepts>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// An input of a function. The name is its argument name in the generated C header: a C identifier.
struct Input {
  Input(std::string name, DType dtype, Shape shape,
        std::source_location where = std::source_location::current());
  std::string name;
  DType dtype;
  Shape shape;
  std::source_location where;
};

/// Several results of a function, by name: `return Named{{"loss", l}, {"accuracy", a}};`.
struct NamedTensor {
  std::string name;
  Tensor tensor;
};
using Named = std::vector<NamedTensor>;

/// A module inside a model: call it as the module, or reach its members with `->`. Cheap to copy;
/// valid as long as the Model.
template <class M> class Handle {
  template <class... Args>
  static constexpr bool kPlain = [] {
    if constexpr (sizeof...(Args) == 1 && (std::convertible_to<Args, Operand> && ...))
      return std::invocable<M &, Operand>;
    else if constexpr (sizeof...(Args) == 2 && (std::convertible_to<Args, Operand> && ...))
      return std::invocable<M &, Operand, Operand>;
    else
      return false;
  }();

public:
  explicit Handle(M *module) : module_(module) {}
  M *operator->() const { return module_; }
  M &operator*() const { return *module_; }
  // Taken as Operands where the module allows it: these carry the caller's line on to the ops.
  decltype(auto) operator()(Operand x) const requires std::invocable<M &, Operand> {
    return (*module_)(x);
  }
  decltype(auto) operator()(Operand x,
                            Operand y) const requires std::invocable<M &, Operand, Operand> {
    return (*module_)(x, y);
  }
  template <class... Args>
  requires(!kPlain<Args...>) decltype(auto) operator()(Args &&...args) const {
    return (*module_)(std::forward<Args>(args)...);
  }

private:
  M *module_;
};

namespace detail {

using Body = std::function<Named(std::span<const Tensor>)>;

inline Named to_named(Named named) { return named; }
Named to_named(const std::vector<Tensor> &tensors);
Named to_named(const Tensor &tensor);

template <class F, std::size_t... I> constexpr bool takes(std::index_sequence<I...>) {
  return std::is_invocable_v<F &, decltype((void)I, std::declval<const Tensor &>())...>;
}
template <class F, std::size_t... I>
Named call(F &f, std::span<const Tensor> inputs, std::index_sequence<I...>) {
  using Result = std::invoke_result_t<F &, decltype((void)I, std::declval<const Tensor &>())...>;
  if constexpr (std::is_void_v<Result>) {
    f(inputs[I]...);
    return {};
  } else {
    return to_named(f(inputs[I]...));
  }
}
constexpr std::size_t kMaxInputs = 16;

/// The number of tensors a callable takes, kMaxInputs + 1 if none up to kMaxInputs will do.
template <class F, std::size_t N = 0> constexpr std::size_t arity() {
  if constexpr (N > kMaxInputs || takes<F>(std::make_index_sequence<N>()))
    return N;
  else
    return arity<F, N + 1>();
}
[[noreturn]] void wrong_arity(std::size_t inputs, std::size_t takes, std::source_location where);

template <class F, std::size_t N = 0>
Named dispatch(F &f, std::span<const Tensor> inputs, std::source_location where) {
  if constexpr (N > kMaxInputs) {
    wrong_arity(inputs.size(), arity<F>(), where);
  } else {
    if (inputs.size() != N)
      return dispatch<F, N + 1>(f, inputs, where);
    if constexpr (takes<F>(std::make_index_sequence<N>()))
      return call(f, inputs, std::make_index_sequence<N>());
    else
      wrong_arity(inputs.size(), arity<F>(), where);
  }
}

template <class F> Body make_body(F f, std::source_location where) {
  if constexpr (std::is_invocable_v<F &, std::vector<Tensor>>)
    return [f](std::span<const Tensor> inputs) mutable {
      return to_named(f(std::vector<Tensor>(inputs.begin(), inputs.end())));
    };
  else {
    static_assert(arity<F>() <= kMaxInputs,
                  "the callable must take one Tensor for each input (16 at most), or one "
                  "std::vector<Tensor>, and return a Tensor, std::vector<Tensor> or Named");
    return
        [f, where](std::span<const Tensor> inputs) mutable { return dispatch(f, inputs, where); };
  }
}

struct ModelImpl;

} // namespace detail

/// A model being described. Moves, but does not copy.
///
/// Functions are described at once: the callable runs inside the call, with a Tensor for each
/// input, and what it computes becomes the function. It may return a Tensor (a result named
/// "output"), a std::vector<Tensor> ("output0", "output1", ...), a Named, or nothing. Only
/// parameters and buffers that it touches are its arguments.
class Model {
public:
  /// The name is the prefix of the C library's symbols: a C identifier.
  explicit Model(std::string name, std::source_location where = std::source_location::current());
  /// A model that write_mlir wrote, or that was written by hand in the heddle dialect. Throws
  /// Error, with the line of the file, if it is not one.
  static Model read_mlir(const std::string &path,
                         std::source_location where = std::source_location::current());
  ~Model();
  Model(Model &&) noexcept;
  Model &operator=(Model &&) noexcept;

  /// Makes a module M(args...) that the model owns. Its parameters' names have no prefix. Throws
  /// Error if a name is taken by an earlier module.
  template <std::derived_from<nn::Module> M, class... Args> Handle<M> add(Args &&...args) {
    auto module = std::make_shared<M>(std::forward<Args>(args)...);
    M *raw = module.get();
    own(std::move(module));
    return Handle<M>(raw);
  }

  /// A function without dropout: predict, prefill, decode, ....
  template <class F>
  void function(std::string name, std::vector<Input> inputs, F body,
                std::source_location where = std::source_location::current()) {
    trace_function(std::move(name), std::move(inputs), detail::make_body(std::move(body), where),
                   where);
  }

  /// A function without dropout whose single result is named "loss".
  template <class F>
  void evaluate(std::string name, std::vector<Input> inputs, F loss,
                std::source_location where = std::source_location::current()) {
    trace_evaluate(std::move(name), std::move(inputs), detail::make_body(std::move(loss), where),
                   where);
  }

  /// A training step: computes the loss with dropout on, its gradient with respect to every
  /// trainable parameter that it uses, and the optimiser's update. The body returns a float scalar,
  /// or a Named of which one is "loss"; results are what the body returns, with the single Tensor
  /// named "loss".
  template <class F>
  void train_step(std::string name, std::vector<Input> inputs, F loss, optim::Optimizer optimizer,
                  std::source_location where = std::source_location::current()) {
    trace_train_step(std::move(name), std::move(inputs), detail::make_body(std::move(loss), where),
                     std::move(optimizer), where);
  }

  const std::string &name() const;
  /// Names of the functions, in order of description.
  std::vector<std::string> functions() const;
  /// Number of elements of all parameters of all modules; of a model from read_mlir, those that its
  /// functions use.
  std::int64_t parameter_count() const;
  /// The model in the heddle dialect, with the user's source lines if `locations`.
  std::string str(bool locations = false) const;
  /// str(true) to a file. Throws Error if it cannot be written.
  void write_mlir(const std::string &path,
                  std::source_location where = std::source_location::current()) const;

  /// For the compiler behind the DSL; nothing in it is for users.
  detail::ModelImpl &impl() const { return *impl_; }

private:
  void own(std::shared_ptr<nn::Module> module);
  void trace_function(std::string name, std::vector<Input> inputs, const detail::Body &body,
                      std::source_location where);
  void trace_evaluate(std::string name, std::vector<Input> inputs, const detail::Body &body,
                      std::source_location where);
  void trace_train_step(std::string name, std::vector<Input> inputs, const detail::Body &body,
                        optim::Optimizer optimizer, std::source_location where);
  std::unique_ptr<detail::ModelImpl> impl_;
};

} // namespace heddle
