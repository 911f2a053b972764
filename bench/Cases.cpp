#include "Cases.h"

#include <model.h>

using namespace heddle;

namespace bench {
namespace {

struct Mlp : nn::Module {
  nn::Linear fc1{*this, "fc1", 784, 512}, fc2{*this, "fc2", 512, 512}, fc3{*this, "fc3", 512, 10};
  Tensor operator()(Tensor x) { return fc3(relu(fc2(relu(fc1(x))))); }
};

Model mlp_infer(std::int64_t batch) {
  Model m("mlp");
  auto net = m.add<Mlp>();
  m.function("predict", {{"image", f32, {batch, 784}}}, [=](Tensor x) { return net(x); });
  return m;
}

Model mlp_train() {
  Model m("mlp");
  auto net = m.add<Mlp>();
  m.train_step(
      "train", {{"image", f32, {64, 784}}, {"label", i32, {64}}},
      [=](Tensor x, Tensor y) { return cross_entropy(net(x), y); }, optim::Adam{});
  return m;
}

Model gpt_small_train() {
  return gpt::make_trainer(
      {.layers = 6, .heads = 6, .width = 384, .context = 256, .vocabulary = 65}, 16,
      optim::AdamW{.lr = 3e-4});
}

} // namespace

const std::vector<Case> &cases() {
  static const std::vector<Case> all{
      {"mlp_infer_b1", "us", "predict", [] { return mlp_infer(1); }, 20, 6},
      {"mlp_infer_b64", "us", "predict", [] { return mlp_infer(64); }, 20, 6},
      {"mlp_train_b64", "us", "train", mlp_train, 10, 6},
      {"gpt_small_train_b16_t256", "ms", "train", gpt_small_train, 2, 20},
  };
  return all;
}

} // namespace bench
