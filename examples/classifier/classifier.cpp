// Classification: which of three spirals does a point lie on?
#include <heddle/heddle.h>

#include <cmath>
#include <cstdio>
#include <random>

using namespace heddle;

constexpr int kPoints = 300;

struct Net : nn::Module {
  nn::Linear fc1{*this, "fc1", 2, 64}, fc2{*this, "fc2", 64, 64}, fc3{*this, "fc3", 64, 3};
  Tensor operator()(Tensor x) { return fc3(relu(fc2(relu(fc1(x))))); }
};

Model spirals() {
  Model m("spirals");
  auto net = m.add<Net>();
  Input points{"points", f32, {kPoints, 2}}, labels{"labels", i32, {kPoints}};
  m.function("test", {points, labels}, [=](Tensor x, Tensor y) {
    return Named{{"accuracy", mean(cast(eq(argmax(net(x), -1), y), f32))}};
  });
  m.train_step(
      "train", {points, labels}, [=](Tensor x, Tensor y) { return cross_entropy(net(x), y); },
      optim::Adam{.lr = schedule::cosine(1e-2, 1000)});
  return m;
}

struct Data {
  std::vector<float> points;
  std::vector<std::int32_t> labels;
};

Data make_data(unsigned seed) {
  Data data;
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> anywhere(0.05F, 1), noise(-0.15F, 0.15F);
  for (int i = 0; i < kPoints; ++i) {
    const int arm = i % 3;
    const float radius = anywhere(random),
                angle = 4 * radius + 2.0944F * static_cast<float>(arm) + noise(random);
    data.points.insert(data.points.end(), {radius * std::cos(angle), radius * std::sin(angle)});
    data.labels.push_back(arm);
  }
  return data;
}

int main() try {
  const Data seen = make_data(1), unseen = make_data(2);
  Executable exe = compile(spirals());
  exe.initialize(/*seed=*/1);
  for (int step = 1; step <= 1000; ++step) {
    const double loss = exe.run("train", seen.points, seen.labels).loss();
    if (step == 1 || step % 250 == 0)
      std::printf("step %4d  loss %.4f\n", step, loss);
  }
  const double accuracy = exe.run("test", unseen.points, unseen.labels)["accuracy"].item();
  std::printf("accuracy on points it has not seen: %.1f%%\n", 100 * accuracy);
  return accuracy > 0.95 ? 0 : 1;
} catch (const std::exception &error) {
  std::fprintf(stderr, "classifier: %s\n", error.what());
  return 1;
}
