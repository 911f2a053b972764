// Optimisers: how a training step changes the parameters. They are compiled into the step.
//
// State is named after the parameter: "optimizer.exp_avg.fc1.weight"; the count of updates is
// "optimizer.step". In the formulas: g gradient, p parameter, t the number of this update from 1,
// lr the rate of update t - 1.
#pragma once

#include <heddle/schedule.h>

#include <memory>
#include <string>
#include <vector>

namespace heddle::optim {

/// What an optimiser works with while a training step is described: see SGD::apply in Optim.cpp for
/// its use.
class Step {
public:
  struct Slot {
    std::string name; ///< the parameter's
    Tensor value, gradient;
  };
  virtual ~Step() = default;
  /// One entry for each trainable parameter that the loss uses.
  virtual std::vector<Slot> &slots() = 0;
  /// Number of updates before this one, an f64 scalar. Reading it makes the function keep the
  /// count.
  virtual Tensor count() = 0;
  /// State of a slot, zero at first: "<optimiser>.<kind>.<parameter>", of the parameter's shape,
  /// and f32, or f64 where the parameter is.
  virtual Tensor state(const std::string &kind, const Slot &slot) = 0;
  virtual void set_state(const std::string &kind, const Slot &slot, Tensor value) = 0;
  /// The parameter's new value.
  virtual void update(const Slot &slot, Tensor value) = 0;
};

/// g += weight_decay p; with momentum m: m = momentum m + g, g = m (nesterov: g = g + momentum m);
/// p -= lr g. State: "momentum", if any. As PyTorch's, with dampening 0.
struct SGD {
  Schedule lr = 1e-2;
  double momentum = 0;
  double weight_decay = 0;
  bool nesterov = false;
  /// Scales all gradients by min(1, max_grad_norm / (norm + 1e-6)), norm over all of them together;
  /// 0: off.
  double max_grad_norm = 0;
  /// First part of the state's names; give it where a model has two optimisers.
  std::string name = "optimizer";
  void apply(Step &step) const;
};

/// Adam (Kingma and Ba, 2015), with weight_decay in the gradient: g += weight_decay p; m = beta1 m
/// + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; p -= lr / (1 - beta1^t) m / (sqrt(v) / sqrt(1 -
/// beta2^t) + eps). State: "exp_avg" (m) and "exp_avg_sq" (v).
struct Adam {
  Schedule lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
  double max_grad_norm = 0; ///< as SGD's
  std::string name = "optimizer";
  void apply(Step &step) const;
};

/// AdamW (Loshchilov and Hutter, 2019): p *= 1 - lr weight_decay, then Adam's update without decay.
struct AdamW {
  Schedule lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 1e-2;
  double max_grad_norm = 0; ///< as SGD's
  /// Whether weight_decay is for tensors of rank 2 and more only (weights, but neither biases nor
  /// norms), as is the habit for GPTs. PyTorch's default is all.
  bool decay_matrices_only = false;
  std::string name = "optimizer";
  void apply(Step &step) const;
};

/// Any of the above, or a type of the user's own with `std::string name` and `void
/// apply(optim::Step &) const`.
class Optimizer {
public:
  template <class T>
  requires requires(const T &t, Step &s) {
    t.apply(s);
    t.name;
  }
  Optimizer(T optimizer)
      : name_(optimizer.name), apply_([o = std::move(optimizer)](Step &s) { o.apply(s); }) {}
  const std::string &name() const { return name_; }
  void apply(Step &step) const { apply_(step); }

private:
  std::string name_;
  std::function<void(Step &)> apply_;
};

} // namespace heddle::optim
