// Modules: parts of a model that own parameters. Names follow PyTorch's state_dict: the parameter
// `weight` of the member `fc1` of the root module is "fc1.weight"; element 0 of a ModuleList `h` is
// "h.0".
//
//   struct Classifier : nn::Module {
//     nn::Linear fc1{*this, "fc1", 784, 512}, fc2{*this, "fc2", 512, 10};
//     Tensor operator()(Tensor x) { return fc2(relu(fc1(x))); }
//   };
//
// A module that is a part of another one takes its parent and its name first:
//
//   struct Block : nn::Module {
//     nn::LayerNorm norm;
//     Block(nn::Module &parent, std::string name, int width) : Module(parent, name), norm(*this,
//     "norm", width) {}
//   };
#pragma once

#include <heddle/init.h>
#include <heddle/ops.h>
#include <heddle/tensor.h>

#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace heddle {

class Access;
namespace nn {
class Module;
}

/// A name, with the user's line that gave it.
struct NameAt {
  NameAt(const char *name, std::source_location where = std::source_location::current())
      : name(name), where(where) {}
  NameAt(const std::string &name, std::source_location where = std::source_location::current())
      : name(name), where(where) {}
  std::string name;
  std::source_location where;
};

/// A named tensor that the functions of a model share: the base of Parameter and Buffer. Neither
/// copied nor moved.
class State {
public:
  State(const State &) = delete;
  State &operator=(const State &) = delete;

  /// The full name, such as "h.0.attn.c_attn.weight".
  std::string name() const;
  const Shape &shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  /// The value in the function being described. Throws Error outside of one.
  Tensor value(std::source_location where = std::source_location::current()) const;
  operator Tensor() const { return value(where_); }

protected:
  State(nn::Module &owner, std::string name, Shape shape, DType dtype, Init init, bool is_parameter,
        std::source_location where);
  ~State();

  friend class Access;
  friend class nn::Module;
  nn::Module &owner_;
  std::string name_;
  Shape shape_;
  DType dtype_;
  Init init_;
  bool is_parameter_;
  bool trainable_;
  std::source_location where_;
};

/// A tensor that training changes.
class Parameter : public State {
public:
  Parameter(nn::Module &owner, std::string name, Shape shape, Init init, DType dtype = f32,
            std::source_location where = std::source_location::current());
  /// Whether training steps described from now on change it. True at first; false freezes it.
  void set_trainable(bool trainable) { trainable_ = trainable; }
  bool trainable() const { return trainable_; }
};

/// A tensor that functions keep between calls and change by set(): a cache, running statistics. Not
/// trained.
class Buffer : public State {
public:
  Buffer(nn::Module &owner, std::string name, Shape shape, Init init = {}, DType dtype = f32,
         std::source_location where = std::source_location::current());
  /// The value from here on, in this function and in later calls. Shape and dtype must be the
  /// buffer's.
  void set(Operand value);
};

namespace nn {

using heddle::Buffer;
using heddle::Parameter;

/// Base of everything that owns parameters. Neither copied nor moved: members refer to their
/// parent.
class Module {
public:
  /// The root of a model; made by Model::add.
  Module() = default;
  /// A part of `parent`.
  Module(Module &parent, std::string name,
         std::source_location where = std::source_location::current());
  virtual ~Module();
  Module(const Module &) = delete;
  Module &operator=(const Module &) = delete;

  /// The full name, "" for the root.
  std::string name() const;
  /// Parameters of this module and its parts, in order of declaration.
  std::vector<Parameter *> parameters() const;
  std::vector<Buffer *> buffers() const;
  /// Freezes (or thaws) all parameters of this module and its parts.
  void set_trainable(bool trainable);

private:
  friend class heddle::State;
  friend class heddle::Access;
  void register_name(const std::string &name, std::source_location where);
  void collect(std::vector<State *> &states) const;
  Module *parent_ = nullptr;
  std::string name_;
  std::vector<std::pair<Module *, State *>> members_; // one of the two, in order of declaration
};

/// Modules of one type, named "0", "1", ....
template <class T> class ModuleList : public Module {
public:
  /// `count` modules, each made as T(list, name, args...).
  template <class... Args>
  ModuleList(Module &parent, NameAt name, std::int64_t count, const Args &...args)
      : Module(parent, std::move(name.name), name.where), where_(name.where) {
    for (std::int64_t i = 0; i < count; ++i)
      emplace(args...);
  }
  /// One more, made as T(list, name, args...).
  template <class... Args> T &emplace(const Args &...args) {
    items_.emplace_back(make(std::to_string(items_.size()), args...));
    return *items_.back();
  }
  std::size_t size() const { return items_.size(); }
  T &operator[](std::size_t index) { return *items_.at(index); }

  class Iterator {
  public:
    explicit Iterator(typename std::vector<std::unique_ptr<T>>::iterator at) : at_(at) {}
    T &operator*() const { return **at_; }
    Iterator &operator++() { return ++at_, *this; }
    bool operator==(const Iterator &) const = default;

  private:
    typename std::vector<std::unique_ptr<T>>::iterator at_;
  };
  Iterator begin() { return Iterator(items_.begin()); }
  Iterator end() { return Iterator(items_.end()); }

private:
  /// With the list's line, where T ends in one as the modules here do, with or without options
  /// before it: its own default would be a line of this file.
  template <class... Args> T *make(std::string name, const Args &...args) {
    Module &list = *this;
    if constexpr (requires { T(list, name, args..., where_); })
      return new T(list, std::move(name), args..., where_);
    else if constexpr (requires { T(list, name, args..., {}, where_); })
      return new T(list, std::move(name), args..., {}, where_);
    else
      return new T(list, std::move(name), args...);
  }
  std::source_location where_;
  std::vector<std::unique_ptr<T>> items_;
};

struct LinearOptions {
  bool bias = true;
  /// Default: uniform in +-1/sqrt(in), for the weight and the bias, as PyTorch's.
  std::optional<Init> weight_init = {};
  std::optional<Init> bias_init = {};
  DType dtype = f32;
};
/// y = x w^T + b. Parameters: weight [out, in], bias [out].
class Linear : public Module {
public:
  Linear(Module &parent, std::string name, std::int64_t in, std::int64_t out,
         LinearOptions options = {}, std::source_location where = std::source_location::current());
  /// x is [..., in]; the result is [..., out].
  Tensor operator()(Operand x);

  Parameter weight;
  std::unique_ptr<Parameter> bias; ///< null without one
};

struct EmbeddingOptions {
  Init weight_init = init::normal(0, 1);
  DType dtype = f32;
  /// The index of padding: its row starts as zeros and has no gradient, so that training leaves it
  /// as it is.
  std::optional<std::int64_t> padding_idx = {};
};
/// Rows of a table by index. Parameter: weight [count, width].
class Embedding : public Module {
public:
  Embedding(Module &parent, std::string name, std::int64_t count, std::int64_t width,
            EmbeddingOptions options = {},
            std::source_location where = std::source_location::current());
  /// indices are i32 or i64 of any shape; the result is [indices..., width].
  Tensor operator()(Operand indices);

  Parameter weight;

private:
  std::optional<std::int64_t> padding_idx_;
};

struct LayerNormOptions {
  double epsilon = 1e-5;
  bool bias = true;
  DType dtype = f32;
};
/// Normalisation over the last dimension. Parameters: weight [width] of ones, bias [width] of
/// zeros.
class LayerNorm : public Module {
public:
  LayerNorm(Module &parent, std::string name, std::int64_t width, LayerNormOptions options = {},
            std::source_location where = std::source_location::current());
  /// x is [..., width]; the result has its shape.
  Tensor operator()(Operand x);

  Parameter weight;
  std::unique_ptr<Parameter> bias; ///< null without one

private:
  double epsilon_;
};

/// Dropout in training steps, the identity elsewhere; see heddle::dropout.
class Dropout : public Module {
public:
  Dropout(Module &parent, std::string name, double p,
          std::source_location where = std::source_location::current());
  Tensor operator()(Operand x);

private:
  double p_;
};

} // namespace nn
} // namespace heddle
