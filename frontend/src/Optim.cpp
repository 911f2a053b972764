// The formulas are PyTorch's. Scalars (rates, bias corrections) are f64, as there; tensors f32, or
// f64 where the parameter is.
#include "heddle/optim.h"

#include "OpBuilding.h"

#include <cmath>

namespace heddle::optim {
namespace {

DType computeType(const Tensor &parameter) { return parameter.dtype() == f64 ? f64 : f32; }

void checkRange(bool isGood, const char *optimiser, const char *field, double value,
                const char *range) {
  if (!isGood)
    fail(std::source_location::current(), "optim::{} is given {} = {}; expected {}", optimiser,
         field, value, range);
}

/// Gradients in the type to compute in, clipped by their norm over all parameters.
std::vector<Tensor> clipped(Step &step, const char *optimiser, double maxNorm) {
  checkRange(maxNorm >= 0, optimiser, "max_grad_norm", maxNorm, "at least 0");
  std::vector<Tensor> gradients;
  for (const Step::Slot &slot : step.slots())
    gradients.push_back(cast(slot.gradient, computeType(slot.value)));
  if (maxNorm == 0)
    return gradients;
  Tensor squares;
  for (const Tensor &g : gradients) {
    const Tensor square = cast(sum(g * g), f32);
    squares = squares ? squares + square : square;
  }
  const Tensor factor = minimum(maxNorm / (sqrt(squares) + 1e-6), 1.0);
  for (Tensor &g : gradients)
    g = g * cast(factor, g.dtype());
  return gradients;
}

struct AdamNumbers {
  const char *name;
  const Schedule &lr;
  double beta1, beta2, eps, weightDecay, maxGradNorm;
  bool isDecoupled, decayMatricesOnly;
};

void applyAdam(Step &step, const AdamNumbers &a) {
  checkRange(a.beta1 >= 0 && a.beta1 < 1, a.name, "beta1", a.beta1, "0 <= beta1 < 1");
  checkRange(a.beta2 >= 0 && a.beta2 < 1, a.name, "beta2", a.beta2, "0 <= beta2 < 1");
  checkRange(a.eps >= 0, a.name, "eps", a.eps, "at least 0");
  checkRange(a.weightDecay >= 0, a.name, "weight_decay", a.weightDecay, "at least 0");
  const Tensor count = step.count(), t = count + 1.0;
  const Tensor lr = a.lr.trace(count);
  const Tensor stepSize = lr / (1.0 - pow(a.beta1, t));
  const Tensor rootCorrection = rsqrt(1.0 - pow(a.beta2, t));
  const Tensor keep = 1.0 - lr * a.weightDecay;

  const std::vector<Tensor> gradients = clipped(step, a.name, a.maxGradNorm);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const Step::Slot &slot = step.slots()[i];
    const DType type = computeType(slot.value);
    const bool decays = a.weightDecay > 0 && (!a.decayMatricesOnly || slot.value.rank() > 1);
    Tensor g = gradients[i], p = cast(slot.value, type);
    if (decays && a.isDecoupled)
      p = p * cast(keep, type);
    else if (decays)
      g = g + p * a.weightDecay;
    const Tensor m = step.state("exp_avg", slot) * a.beta1 + g * (1 - a.beta1);
    const Tensor v = step.state("exp_avg_sq", slot) * a.beta2 + g * g * (1 - a.beta2);
    step.set_state("exp_avg", slot, m);
    step.set_state("exp_avg_sq", slot, v);
    p = p - m * cast(stepSize, type) / (sqrt(v) * cast(rootCorrection, type) + a.eps);
    step.update(slot, cast(p, slot.value.dtype()));
  }
}

} // namespace

void SGD::apply(Step &step) const {
  checkRange(momentum >= 0, "SGD", "momentum", momentum, "at least 0");
  checkRange(weight_decay >= 0, "SGD", "weight_decay", weight_decay, "at least 0");
  if (nesterov && momentum == 0)
    fail(std::source_location::current(),
         "optim::SGD is given nesterov without momentum; set momentum above 0");
  const Tensor rate = lr.is_constant() ? lr.trace({}) : lr.trace(step.count());
  const std::vector<Tensor> gradients = clipped(step, "SGD", max_grad_norm);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const Step::Slot &slot = step.slots()[i];
    const DType type = computeType(slot.value);
    const Tensor p = cast(slot.value, type);
    Tensor g = gradients[i];
    if (weight_decay > 0)
      g = g + p * weight_decay;
    if (momentum > 0) {
      const Tensor m = step.state("momentum", slot) * momentum + g;
      step.set_state("momentum", slot, m);
      g = nesterov ? g + m * momentum : m;
    }
    step.update(slot, cast(p - g * cast(rate, type), slot.value.dtype()));
  }
}

void Adam::apply(Step &step) const {
  applyAdam(step, {"Adam", lr, beta1, beta2, eps, weight_decay, max_grad_norm, false, false});
}

void AdamW::apply(Step &step) const {
  applyAdam(step, {"AdamW", lr, beta1, beta2, eps, weight_decay, max_grad_norm, true,
                   decay_matrices_only});
}

} // namespace heddle::optim
