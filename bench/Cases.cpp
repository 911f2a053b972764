#include "Cases.h"

#include "Bert.h"

#include <model.h>

#include <fmt/format.h>

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

// The small GPT-2 (Radford et al., 2019).
gpt::Config gpt2(std::int64_t context) {
  return {.layers = 12, .heads = 12, .width = 768, .context = context, .vocabulary = 50257};
}

Model gpt2_train() {
  return gpt::make_trainer(gpt2(1024), 4, optim::AdamW{.lr = 3e-4}, /*length=*/64);
}
Model gpt2_prefill() { return gpt::make_generator(gpt2(512)); }
Model gpt2_decode() { return gpt::make_generator(gpt2(1024)); }

Model bert_base(std::int64_t batch) { return bert({}, batch, 128); }

Model kernel(std::vector<Shape> shapes, Tensor (*f)(const std::vector<Tensor> &)) {
  Model m("kernel");
  std::vector<Input> inputs;
  for (const Shape &shape : shapes)
    inputs.emplace_back(fmt::format("x{}", inputs.size()), f32, shape);
  m.function("run", inputs, [=](std::vector<Tensor> x) { return f(x); });
  return m;
}

Model softmax_kernel() {
  return kernel({{4096, 1024}}, [](const std::vector<Tensor> &x) { return softmax(x[0], -1); });
}
Model layernorm_kernel() {
  return kernel({{4096, 768}}, [](const std::vector<Tensor> &x) {
    const Tensor one = full({768}, 1.0), zero = full({768}, 0.0);
    return layer_norm(x[0], one, zero);
  });
}
Model gelu_kernel() {
  return kernel({{4096, 3072}},
                [](const std::vector<Tensor> &x) { return gelu(x[0], Gelu::tanh); });
}
Model attention_kernel() {
  const Shape shape{4, 12, 512, 64};
  return kernel({shape, shape, shape}, [](const std::vector<Tensor> &x) {
    return scaled_dot_product_attention(x[0], x[1], x[2], {.causal = true});
  });
}

// Keeps the gradients, where other optimisers use them.
struct Keep {
  std::string name = "of";
  void apply(optim::Step &step) const {
    for (const optim::Step::Slot &slot : step.slots())
      step.set_state("gradient", slot, slot.gradient);
  }
};

struct Attended : nn::Module {
  Parameter q, k, v;
  explicit Attended(const Shape &shape)
      : q(*this, "q", shape, init::normal()), k(*this, "k", shape, init::normal()),
        v(*this, "v", shape, init::normal()) {}
};

// The gradient of sum(output * upstream) is that of the output, given the upstream gradient.
Model attention_backward() {
  const Shape shape{4, 12, 512, 64};
  Model m("kernel");
  auto x = m.add<Attended>(shape);
  m.train_step(
      "run", {{"upstream", f32, shape}},
      [=](Tensor upstream) {
        const Tensor output = scaled_dot_product_attention(x->q, x->k, x->v, {.causal = true});
        return Named{{"loss", sum(output * upstream)}, {"output", output}};
      },
      Keep{});
  return m;
}

Model matmul_kernel() {
  return kernel({{512, 768}, {768, 2304}},
                [](const std::vector<Tensor> &x) { return matmul(x[0], x[1]); });
}
Model matmul_bias_gelu_kernel() {
  return kernel({{512, 768}, {768, 3072}, {3072}}, [](const std::vector<Tensor> &x) {
    return gelu(matmul(x[0], x[1]) + x[2], Gelu::tanh);
  });
}

} // namespace

const std::vector<Case> &cases() {
  static const std::vector<Case> all{
      {"mlp_infer_b1", "us", "predict", [] { return mlp_infer(1); }, 20, 6},
      {"mlp_infer_b64", "us", "predict", [] { return mlp_infer(64); }, 20, 6},
      {"mlp_train_b64", "us", "train", mlp_train, 10, 6},
      {"gpt_small_train_b16_t256", "ms", "train", gpt_small_train, 2, 20},
      {"gpt2_124m_train_b4_t64", "ms", "train", gpt2_train, 2, 20},
      {"gpt2_124m_prefill_512", "ms", "prefill", gpt2_prefill, 2, 6},
      {"gpt2_124m_decode_ctx192", "ms", "decode", gpt2_decode, 2, 6, {{"position", 192}}},
      {"bert_base_128_b1", "ms", "predict", [] { return bert_base(1); }, 2, 6},
      {"bert_base_128_b8", "ms", "predict", [] { return bert_base(8); }, 2, 6},
      {"k_softmax_4096x1024", "ms", "run", softmax_kernel, 2, 2},
      {"k_layernorm_4096x768", "ms", "run", layernorm_kernel, 2, 2},
      {"k_gelu_4096x3072", "ms", "run", gelu_kernel, 2, 2},
      {"k_sdpa_causal_4x12x512x64", "ms", "run", attention_kernel, 2, 3},
      {"k_sdpa_causal_4x12x512x64_backward", "ms", "run", attention_backward, 2, 3},
      {"k_matmul_512x2304x768", "ms", "run", matmul_kernel, 2, 2},
      {"k_matmul_bias_gelu_512x3072x768", "ms", "run", matmul_bias_gelu_kernel, 2, 2},
  };
  return all;
}

} // namespace bench
