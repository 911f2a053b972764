// Trains the model of rings.h in process, with the ops of a plugin.
#include "rings.h"

#include <cmath>
#include <cstdio>
#include <random>

using namespace heddle;

static int run(const std::string &plugin) {
  load_plugin(plugin); // before models are made

  Executable exe = compile(rings());
  exe.initialize(/*seed=*/1);
  std::mt19937 random(1);
  std::uniform_real_distribution<float> radius(0, 3), angle(0, 6.2831853f);
  std::vector<float> points(96 * 2);
  std::vector<std::int32_t> ring(96);
  auto draw = [&] {
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const float r = radius(random), a = angle(random);
      points[2 * i] = r * std::cos(a), points[2 * i + 1] = r * std::sin(a);
      ring[i] = static_cast<std::int32_t>(r);
    }
  };
  for (int step = 1; step <= 1500; ++step) {
    draw();
    const double loss = exe.run("train", points, ring).loss();
    if (step == 1 || step % 500 == 0)
      std::printf("step %4d  loss %.3f\n", step, loss);
  }
  draw();
  const Outputs predicted = exe.run("predict", points);
  int right = 0;
  for (std::size_t i = 0; i < ring.size(); ++i)
    right += predicted[0][static_cast<std::int64_t>(i)] == ring[i];
  std::printf("%d of %zu points in the right ring\n", right, ring.size());

  try {
    Model m("mistake");
    m.function("f", {{"x", f32, {4, 7}}}, [](Tensor x) { return lm::swiglu(x); });
  } catch (const Error &error) {
    std::puts(error.what());
  }
  return right > 80 ? 0 : 1;
}

int main(int argc, char **argv) try {
  return run(argc > 1 ? argv[1] : "./liblm_ops.so");
} catch (const std::exception &error) {
  std::fprintf(stderr, "learn: %s\n", error.what());
  return 1;
}
