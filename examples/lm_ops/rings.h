// Which of three rings a point of the plane lies in: a model that uses lm.swiglu and lm.softcap.
#pragma once

#include "lm.h"

struct Net : heddle::nn::Module {
  heddle::nn::Linear in{*this, "in", 2, 64}, out{*this, "out", 32, 3};
  heddle::Tensor operator()(heddle::Tensor x) { return lm::softcap(out(lm::swiglu(in(x))), 30); }
};

inline heddle::Model rings() {
  using namespace heddle;
  Model m("rings");
  auto net = m.add<Net>();
  Input points{"points", f32, {96, 2}}, ring{"ring", i32, {96}};
  m.function("predict", {points}, [=](Tensor x) { return argmax(net(x), -1); });
  auto loss = [=](Tensor x, Tensor y) { return cross_entropy(net(x), y); };
  m.train_step("train", {points, ring}, loss, optim::Adam{.lr = 3e-3});
  return m;
}
