// The program of training.md: every code block there is a part of this file.
#include <heddle/data.h>
#include <heddle/heddle.h>
#include <heddle/training.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>

using namespace heddle;

constexpr int kRows = 1024, kBatch = 64, kSteps = 12000;

struct Net : nn::Module {
  nn::Linear fc1{*this, "fc1", 1, 64}, fc2{*this, "fc2", 64, 64}, fc3{*this, "fc3", 64, 1};
  nn::Dropout drop{*this, "drop", 0.02};
  Tensor operator()(Tensor x) { return fc3(drop(tanh(fc2(tanh(fc1(x)))))); }
};

Model regression() {
  Model m("regression");
  auto net = m.add<Net>();
  Input x{"x", f32, {kBatch, 1}}, y{"y", f32, {kBatch, 1}}, one{"x", f32, {1, 1}};
  auto loss = [=](Tensor x, Tensor y) { return mse_loss(net(x), y); };
  m.train_step("train", {x, y}, loss, optim::Adam{.lr = schedule::cosine(3e-3, kSteps)});
  m.evaluate("loss", {x, y}, loss);
  m.function("predict", {one}, [=](Tensor x) { return net(x); });
  return m;
}

struct Batch {
  std::vector<float> x, y;
};

// A wave that gets faster, measured with noise.
Batch measure() {
  std::mt19937 random(7);
  Batch all;
  for (int i = 0; i < kRows; ++i) {
    const float x = 2 * static_cast<float>(i) / kRows - 1;
    const float noise = static_cast<float>(random()) / 0x1p32F - 0.5F;
    all.x.push_back(x);
    all.y.push_back(std::sin(8 * x * x * x) + 0.2F * noise);
  }
  return all;
}

double validate(Executable &exe, const data::Loader<Batch> &batches) {
  double total = 0;
  for (auto epoch = batches.epoch(0); auto batch = epoch.next();)
    total += exe.run("loss", batch->x, batch->y).loss();
  return total / static_cast<double>(batches.batches());
}

void train(Executable &exe, const std::string &folder, bool resume) {
  const Batch all = measure();
  const auto make = [&](std::span<const std::size_t> rows) {
    return Batch{data::gather(all.x, rows), data::gather(all.y, rows)};
  };
  const data::Split split = data::split(kRows, /*fraction=*/0.25, /*seed=*/1);
  const data::Loader batches(split.train, {.batch = kBatch, .seed = 1}, make);
  const data::Loader held_out(split.validation, {.batch = kBatch, .shuffle = false}, make);
  const auto epoch_steps = static_cast<std::int64_t>(batches.batches());

  using training::Existing;
  exe.initialize(/*seed=*/1);
  training::Run run(
      exe, folder,
      {.existing = resume ? Existing::resume : Existing::refuse, .best = "validation/loss"});

  training::Interrupt interrupt;
  while (run.step() < kSteps && run.since_best() < 40 && !interrupt) {
    auto epoch = batches.epoch(run.step() / epoch_steps, run.step() % epoch_steps);
    for (auto batch = epoch.next(); batch && !interrupt; batch = epoch.next())
      run.end_step({{"loss", exe.run("train", batch->x, batch->y).loss()}});

    if (run.step() % (10 * epoch_steps) == 0) {
      run.log("validation", {{"loss", validate(exe, held_out)}});
      run.save();
    }
  }
  run.save();

  std::printf("step %d%s\n", static_cast<int>(run.step()),
              interrupt ? ": interrupted; go on with --resume" : "");
  if (run.best()) {
    exe.load(run.best_path().string());
    std::printf("best validation loss %.4f, at step %d: predict(0.5) = %.2f, and sin(1) = 0.84\n",
                run.best()->value, static_cast<int>(run.best()->step),
                exe.run("predict", 0.5)[0].item());
  }
}

int main(int argc, char **argv) try {
  const bool resume = argc == 3 && std::strcmp(argv[2], "--resume") == 0;
  if (argc != 2 && !resume) {
    std::fputs("usage: heddle_tutorial_training FOLDER [--resume]\n", stderr);
    return 2;
  }
  Executable exe = compile(regression());
  train(exe, argv[1], resume);
} catch (const std::exception &error) {
  std::fprintf(stderr, "training: %s\n", error.what());
  return 1;
}
