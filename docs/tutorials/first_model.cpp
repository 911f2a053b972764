// The program of first-model.md: every code block there is a part of this file or of use_wave.c.
#include <heddle/heddle.h>

#include <cmath>
#include <cstdio>
#include <numbers>
#include <random>

using namespace heddle;

struct Wave : nn::Module {
  nn::Linear fc1{*this, "fc1", 1, 32}, fc2{*this, "fc2", 32, 32}, fc3{*this, "fc3", 32, 1};
  Tensor operator()(Tensor x) { return fc3(tanh(fc2(tanh(fc1(x))))); }
};

Model wave() {
  Model m("wave");
  auto net = m.add<Wave>();
  Input x{"x", f32, {64, 1}}, y{"y", f32, {64, 1}}, one{"x", f32, {1, 1}};
  m.function("predict", {one}, [=](Tensor x) { return net(x); });
  auto loss = [=](Tensor x, Tensor y) { return mse_loss(net(x), y); };
  m.train_step("train", {x, y}, loss, optim::Adam{.lr = schedule::cosine(1e-2, 2000)});
  return m;
}

void train(Executable &exe) {
  exe.initialize(/*seed=*/7);
  std::mt19937 random(7);
  std::uniform_real_distribution<float> anywhere(-1, 1);
  std::vector<float> x(64), y(64);
  for (int step = 1; step <= 2000; ++step) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = anywhere(random);
      y[i] = std::sin(std::numbers::pi_v<float> * x[i]);
    }
    const double loss = exe.run("train", x, y).loss();
    if (step % 400 == 0)
      std::printf("step %4d  loss %.6f\n", step, loss);
  }
}

void show_mistake() {
  try {
    Model m("mistake");
    auto net = m.add<Wave>();
    m.function("predict", {{"x", f32, {64, 2}}}, [=](Tensor x) { return net(x); });
  } catch (const Error &error) {
    std::printf("%s\n", error.what());
  }
}

void show_remarks() {
  CompileOptions options;
  options.remarks.passes = "fuse|plan";
  options.remarks.report = [](const Remark &remark) {
    if (remark.function == "train")
      std::printf("%s\n", to_string(remark).c_str());
  };
  compile(wave(), options);
}

int main(int argc, char **argv) try {
  const std::string folder = argc > 1 ? argv[1] : ".";
  Executable exe = compile(wave());
  train(exe);
  std::printf("predict(0.5) = %.3f, and sin(pi/2) = 1\n", exe.run("predict", 0.5)[0].item());

  exe.save(folder + "/wave.safetensors");
  Executable other = compile(wave());
  other.load(folder + "/wave.safetensors");
  std::printf("the same weights, loaded: %.3f\n", other.run("predict", 0.5)[0].item());

  write_library(wave(), folder);
  show_mistake();
  show_remarks();
} catch (const std::exception &error) {
  std::fprintf(stderr, "first_model: %s\n", error.what());
  return 1;
}
