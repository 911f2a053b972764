// Optimisers and schedules, a few steps of each, against PyTorch's formulas in plain C++.
#include "Testing.h"

#include <cmath>
#include <numbers>

namespace heddle::testing {
namespace {

struct Two : nn::Module {
  Parameter w{*this, "w", {2, 1}, init::zeros()}, b{*this, "b", {2}, init::zeros()};
};

using Rule =
    std::function<void(int t, double lr, bool isMatrix, double &p, double g, double &m, double &v)>;

/// Four steps of the compiled optimiser, held against `rule` on every element.
void expectSteps(optim::Optimizer optimizer, const Schedule &lr, const Rule &rule,
                 std::vector<std::string> kinds, double maxNorm = 0) {
  Model model("m");
  auto net = model.add<Two>();
  model.train_step(
      "train", {}, [&] { return sum(net->w) + sum(net->b); }, std::move(optimizer));
  std::vector<double> p{1, -2, 0.5, 3}, m(4), v(4);
  ByName state{{"w", {1, -2}}, {"b", {0.5, 3}}};
  for (int step = 0; step < 4; ++step) {
    std::vector<double> g;
    double norm = 0;
    for (int i = 0; i < 4; ++i) {
      g.push_back(std::sin(3.0 * step + i) * (step + 1));
      norm += g.back() * g.back();
    }
    state["gradient.w"] = {g[0], g[1]};
    state["gradient.b"] = {g[2], g[3]};
    if (maxNorm > 0)
      for (double &each : g)
        each *= std::min(1.0, maxNorm / (std::sqrt(norm) + 1e-6));
    for (std::size_t i = 0; i < 4; ++i)
      rule(step + 1, lr.value(step), i < 2, p[i], g[i], m[i], v[i]);

    auto results = interpret(model, "train", state);
    expectValues(results.at("w"), {2, 1}, {p[0], p[1]});
    expectValues(results.at("b"), {2}, {p[2], p[3]});
    results.erase("loss");
    for (const auto &[name, value] : results)
      state[name] = value.values;
    for (const std::string &kind : kinds)
      EXPECT_EQ(results.count("optimizer." + kind + ".w"), 1u) << kind;
    if (!kinds.empty() && kinds[0] == "exp_avg")
      expectValues(results.at("optimizer.step"), {}, {step + 1.0});
  }
}

Rule adam(double beta1, double beta2, double eps, double decay, bool isDecoupled,
          bool matricesOnly = false) {
  return [=](int t, double lr, bool isMatrix, double &p, double g, double &m, double &v) {
    const double wd = matricesOnly && !isMatrix ? 0 : decay;
    if (isDecoupled)
      p *= 1 - lr * wd;
    else
      g += wd * p;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const double c1 = 1 - std::pow(beta1, t), c2 = 1 - std::pow(beta2, t);
    p -= lr / c1 * m / (std::sqrt(v) / std::sqrt(c2) + eps);
  };
}

TEST(Optim, Sgd) {
  expectSteps(optim::SGD{.lr = 0.1}, 0.1,
              [](int, double lr, bool, double &p, double g, double &, double &) { p -= lr * g; },
              {});
}

TEST(Optim, SgdWithMomentumAndDecay) {
  for (bool nesterov : {false, true})
    expectSteps(optim::SGD{.lr = 0.1, .momentum = 0.9, .weight_decay = 0.2, .nesterov = nesterov},
                0.1,
                [=](int, double lr, bool, double &p, double g, double &m, double &) {
                  g += 0.2 * p;
                  m = 0.9 * m + g;
                  p -= lr * (nesterov ? g + 0.9 * m : m);
                },
                {"momentum"});
}

TEST(Optim, Adam) {
  expectSteps(optim::Adam{.lr = 0.05, .beta1 = 0.8, .beta2 = 0.9, .eps = 1e-3, .weight_decay = 0.1},
              0.05, adam(0.8, 0.9, 1e-3, 0.1, false), {"exp_avg", "exp_avg_sq"});
}

TEST(Optim, AdamWUnderASchedule) {
  const Schedule lr = schedule::warmup(2, schedule::cosine(0.1, 3, 0.01));
  expectSteps(optim::AdamW{.lr = lr, .weight_decay = 0.3}, lr, adam(0.9, 0.999, 1e-8, 0.3, true),
              {"exp_avg", "exp_avg_sq"});
}

TEST(Optim, AdamWMayDecayMatricesOnly) {
  expectSteps(optim::AdamW{.lr = 0.1, .weight_decay = 0.3, .decay_matrices_only = true}, 0.1,
              adam(0.9, 0.999, 1e-8, 0.3, true, true), {"exp_avg"});
}

TEST(Optim, GradientsAreClippedByTheirNormOverAll) {
  expectSteps(
      optim::SGD{.lr = 0.1, .max_grad_norm = 2}, 0.1,
      [](int, double lr, bool, double &p, double g, double &, double &) { p -= lr * g; }, {}, 2);
}

TEST(Optim, FrozenParametersStay) {
  Model model("m");
  auto net = model.add<Two>();
  net->b.set_trainable(false);
  model.train_step(
      "train", {}, [&] { return sum(net->w) + sum(net->b); }, optim::SGD{});
  const auto results = interpret(model, "train", {{"gradient.w", {1, 1}}});
  EXPECT_EQ(results.count("w"), 1u);
  EXPECT_EQ(results.count("b"), 0u);
}

TEST(Optim, AUsersOwnOptimiser) {
  struct SignDescent {
    double rate = 0.1;
    std::string name = "sign";
    void apply(optim::Step &step) const {
      for (const auto &slot : step.slots())
        step.update(slot, slot.value - where(gt(slot.gradient, 0), rate, -rate));
    }
  };
  Model model("m");
  auto net = model.add<Two>();
  model.train_step(
      "train", {}, [&] { return sum(net->w); }, SignDescent{});
  expectValues(interpret(model, "train", {{"gradient.w", {5, -5}}}).at("w"), {2, 1}, {-0.1, 0.1});
}

TEST(Schedules, TheFormulaOnTheHostAndCompiledAreOne) {
  const Schedule cases[] = {0.5, schedule::constant(0.5), schedule::step(1, 3, 0.5),
                            schedule::cosine(1, 4, 0.2),
                            schedule::warmup(3, schedule::step(1, 2, 0.1))};
  for (const Schedule &lr : cases)
    for (int s = 0; s < 9; ++s)
      expectValues(
          eval({Given{{}, {double(s)}, f64}}, [&](Tensor t) { return lr.trace(t) + 0 * t; }), {},
          {lr.value(s)}, 1e-12);
}

TEST(Schedules, KnownValues) {
  const Schedule cosine = schedule::cosine(1, 4, 0.2);
  EXPECT_DOUBLE_EQ(cosine.value(0), 1);
  EXPECT_DOUBLE_EQ(cosine.value(2), 0.6);
  EXPECT_NEAR(cosine.value(100), 0.2, 1e-12);
  const Schedule step = schedule::step(1, 3, 0.5);
  EXPECT_DOUBLE_EQ(step.value(2), 1);
  EXPECT_DOUBLE_EQ(step.value(3), 0.5);
  const Schedule warm = schedule::warmup(4, 1.0);
  EXPECT_DOUBLE_EQ(warm.value(0), 0.25);
  EXPECT_DOUBLE_EQ(warm.value(3), 1);
  EXPECT_DOUBLE_EQ(warm.value(50), 1);
}

} // namespace
} // namespace heddle::testing
