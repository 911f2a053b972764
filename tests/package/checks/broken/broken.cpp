#include <heddle/heddle.h>

using namespace heddle;

static Model broken() {
  struct Net : nn::Module {
    nn::Linear fc{*this, "fc", 3, 1};
  };
  Model m("broken");
  auto net = m.add<Net>();
  m.function("predict", {{"x", f32, {1, 2}}}, [=](Tensor x) { return net->fc(x); });
  return m;
}

HEDDLE_MODEL(broken)
