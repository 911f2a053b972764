// How far a ball flies, from its speed and the angle of the throw.
#include <heddle/heddle.h>

using namespace heddle;

struct Net : nn::Module {
  nn::Linear fc1{*this, "fc1", 2, 32}, fc2{*this, "fc2", 32, 32}, fc3{*this, "fc3", 32, 1};
  Tensor operator()(Tensor x) { return fc3(tanh(fc2(tanh(fc1(x))))); }
};

static Model flight() {
  Model m("flight");
  auto net = m.add<Net>();
  Input one{"thrown", f32, {1, 2}}, many{"thrown", f32, {64, 2}},
      distance{"distance", f32, {64, 1}};
  m.function("predict", {one}, [=](Tensor x) { return Named{{"distance", net(x)}}; });
  auto loss = [=](Tensor x, Tensor y) { return mse_loss(net(x), y); };
  m.train_step("train", {many, distance}, loss, optim::Adam{.lr = schedule::cosine(1e-2, 3000)});
  return m;
}

HEDDLE_MODEL(flight)
