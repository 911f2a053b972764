// Regression: the price of a house from its area, with gradient descent.
#include <heddle/heddle.h>

#include <cmath>
#include <cstdio>

using namespace heddle;

struct Net : nn::Module {
  nn::Linear fc1{*this, "fc1", 1, 16}, fc2{*this, "fc2", 16, 1};
  Tensor operator()(Tensor x) { return fc2(relu(fc1(x))); }
};

Model house_price() {
  Model m("house_price");
  auto net = m.add<Net>();
  Input area{"area", f32, {4, 1}}, price{"price", f32, {4, 1}};
  m.function("predict", {area}, [=](Tensor x) { return net(x); });
  auto loss = [=](Tensor x, Tensor y) { return mse_loss(net(x), y); };
  m.train_step("train", {area, price}, loss, optim::SGD{.lr = 0.1});
  return m;
}

int main() try {
  const std::vector<float> areas{1000, 1500, 2000, 2500}, prices{200000, 250000, 300000, 350000};
  // Gradient descent wants numbers of about 1: each less its middle, over its spread.
  std::vector<float> x, y;
  for (std::size_t i = 0; i < areas.size(); ++i) {
    x.push_back((areas[i] - 1750) / 750);
    y.push_back((prices[i] - 275000) / 75000);
  }

  Executable exe = compile(house_price());
  exe.initialize(/*seed=*/1);
  for (int step = 1; step <= 2000; ++step) {
    const double loss = exe.run("train", x, y).loss();
    if (step == 1 || step % 500 == 0)
      std::printf("step %4d  loss %.2e\n", step, loss);
  }

  bool good = true;
  const Outputs predicted = exe.run("predict", x);
  for (std::size_t i = 0; i < areas.size(); ++i) {
    const double price = predicted[0][static_cast<std::int64_t>(i)] * 75000 + 275000;
    good = good && std::abs(price - prices[i]) < 1000;
    std::printf("area %4.0f  price %6.0f  predicted %6.0f\n", areas[i], prices[i], price);
  }
  std::puts(good ? "it has found the line: price = 100 area + 100000"
                 : "it has not found the line");
  return good ? 0 : 1;
} catch (const std::exception &error) {
  std::fprintf(stderr, "house_price: %s\n", error.what());
  return 1;
}
