#include "training.h"

#include <ProgressBar.h>
#include <RunCurves.h>

#include <heddle/training.h>

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <stdexcept>
#include <utility>

using namespace heddle;

namespace gpt {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Over the steps after `from`, those before resuming too.
double mean_training_loss(const training::Run &run, std::int64_t from) {
  double sum = 0;
  for (const training::LogEntry &entry : training::read_log(run.log_path()))
    if (entry.phase == "train" && entry.step > from)
      sum += entry.find("loss").value();
  return sum / static_cast<double>(run.step() - from);
}

void draw(const training::Run &run, const std::filesystem::path &directory) {
  // Every step of a curve is noise to the eye: means instead.
  plot::Figure figure = plot::run_curves({{"GPT: loss", training::read_log(run.log_path())}},
                                         {.smooth = 1 + run.step() / 100});
  figure.y_label = "cross-entropy, nats a token";
  plot::save(figure, directory / "loss.svg");
  plot::save(figure, directory / "loss.png");
}

double validate(Executable &executable, const Batches &batches) {
  double total = 0;
  const std::int64_t count = std::min<std::int64_t>(batches.validation_batches(), 16);
  for (std::int64_t i = 0; i < count; ++i) {
    const Batch batch = batches.validation(i);
    total += executable.run("loss", batch.tokens, batch.targets).loss();
  }
  return total / static_cast<double>(count);
}

optim::AdamW make_optimizer(const Options &options, std::int64_t steps) {
  const std::int64_t warmup = std::max<std::int64_t>(1, std::min<std::int64_t>(100, steps / 10));
  const Schedule decay = schedule::cosine(
      options.learning_rate, std::max<std::int64_t>(1, steps - warmup), options.learning_rate / 10);
  return {.lr = schedule::warmup(warmup, decay),
          .beta2 = 0.99,
          .weight_decay = 0.1,
          .max_grad_norm = 1.0,
          .decay_matrices_only = true};
}

} // namespace

bool train(const Options &options, const Batches &batches,
           const std::function<void()> &save_settings) {
  const std::int64_t epoch = batches.steps_per_epoch();
  const std::int64_t steps = options.steps ? options.steps : options.epochs * epoch;
  const std::int64_t end = options.stop_at ? std::min(options.stop_at, steps) : steps;

  auto clock = std::chrono::steady_clock::now();
  const Model model = make_trainer(options.model, options.batch, make_optimizer(options, steps));
  Executable executable = compile(model);
  fmt::print("model: {} layers, {} heads, width {}, context {}: {} parameters; training step "
             "compiled in {:.1f} s\n",
             options.model.layers, options.model.heads, options.model.width, options.model.context,
             model.parameter_count(), seconds_since(clock));

  using training::Existing;
  executable.initialize(options.seed);
  training::Run run(executable, options.output,
                    {.existing = options.resume ? Existing::resume : Existing::overwrite,
                     .best = "validation/loss"});
  if (options.resume)
    fmt::print("resumed at step {} of {}\n", run.step(), steps);
  if (run.step() > end)
    throw std::runtime_error(
        fmt::format("the checkpoint is at step {}, past the last one, {}; give more --steps or "
                    "--epochs",
                    run.step(), end));
  std::fflush(stdout);

  training::Interrupt interrupt;
  clock = std::chrono::steady_clock::now();
  bool settings_saved = options.resume; // with the first checkpoint: until then an older run stays
  const std::int64_t first = run.step();
  while (run.step() < end && !interrupt) {
    const std::int64_t from = run.step(), number = from / epoch;
    const std::int64_t epoch_end = std::min((number + 1) * epoch, steps),
                       last = std::min(epoch_end, end);
    {
      progress::ProgressBar bar(fmt::format("epoch {}/{}", number + 1, (steps + epoch - 1) / epoch),
                                last - from);
      while (run.step() < last && !interrupt) {
        const Batch batch = batches.training(run.step());
        const double loss = executable.run("train", batch.tokens, batch.targets).loss();
        run.end_step({{"loss", loss}});
        if (!std::isfinite(loss))
          throw std::runtime_error(
              fmt::format("the loss of step {} is {}; training has diverged: use a smaller --lr "
                          "(it is {})",
                          run.step(), loss, options.learning_rate));
        bar.update(run.step() - from, fmt::format("loss {:.3f}", loss));
      }
    }
    if (!std::exchange(settings_saved, true))
      save_settings();
    if (run.step() == epoch_end) {
      const double loss = validate(executable, batches);
      run.log("validation", {{"loss", loss}});
      fmt::print("epoch {}: mean training loss {:.4f}, validation loss {:.4f}\n", number + 1,
                 mean_training_loss(run, number * epoch), loss);
      std::fflush(stdout);
    }
    run.save();
  }
  const double seconds = seconds_since(clock);
  if (run.step() > first)
    fmt::print("trained {} steps in {:.0f} s ({:.0f} ms each)\n", run.step() - first, seconds,
               1000 * seconds / static_cast<double>(run.step() - first));
  if (run.step() < steps)
    return false;
  executable.save((options.output / "weights.safetensors").string());
  draw(run, options.output);
  return true;
}

} // namespace gpt
