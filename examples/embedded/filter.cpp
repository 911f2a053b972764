// An adaptive filter: learns, sample by sample, to predict a signal from its last eight values.
// heddle_add_model() compiles it while this project is built; main.c trains and runs it without any
// C++ of ours.
#include <heddle/heddle.h>

using namespace heddle;

static Model filter() {
  struct Net : nn::Module {
    nn::Linear taps{*this, "taps", 8, 1, {.bias = false}};
  };
  Model m("filter");
  auto net = m.add<Net>();
  Input recent{"recent", f32, {1, 8}}, next{"next", f32, {1, 1}};
  m.function("predict", {recent}, [=](Tensor x) { return Named{{"next", net->taps(x)}}; });
  m.train_step(
      "adapt", {recent, next}, [=](Tensor x, Tensor y) { return mse_loss(net->taps(x), y); },
      optim::SGD{.lr = 0.05});
  return m;
}

HEDDLE_MODEL(filter)
