#include "training.h"

#include "files.h"

#include <LossCurve.h>
#include <ProgressBar.h>

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <utility>

using namespace heddle;

namespace gpt {
namespace {

volatile std::sig_atomic_t interrupted = 0;
void on_interrupt(int) { interrupted = 1; }

/// Ctrl-C ends the loop after the current step, so that the work is kept; a second one ends the
/// program.
class InterruptGuard {
public:
  InterruptGuard() {
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, &before);
  }
  ~InterruptGuard() { sigaction(SIGINT, &before, nullptr); }

private:
  struct sigaction before {};
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The loss of every step so far, and the validation loss at the ends of epochs.
struct History {
  std::vector<double> steps;
  std::vector<double> validation_steps, validation;

  void load(const std::filesystem::path &path, std::size_t count);
  void save(const std::filesystem::path &path) const;
  double mean(std::size_t from) const {
    return std::accumulate(steps.begin() + static_cast<std::ptrdiff_t>(from), steps.end(), 0.0) /
           static_cast<double>(steps.size() - from);
  }
};

// %.9g holds a float exactly.
void History::save(const std::filesystem::path &path) const {
  std::string text = "kind,step,loss\n";
  for (std::size_t i = 0; i < steps.size(); ++i)
    text += fmt::format("train,{},{:.9g}\n", i + 1, steps[i]);
  for (std::size_t i = 0; i < validation.size(); ++i)
    text += fmt::format("validation,{},{:.9g}\n", validation_steps[i], validation[i]);
  write_file(path, text);
}

void History::load(const std::filesystem::path &path, std::size_t count) {
  std::istringstream lines(read_file(path));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    double step = 0, loss = 0;
    if (std::sscanf(line.c_str(), "train,%lf,%lf", &step, &loss) == 2) {
      if (steps.size() < count)
        steps.push_back(loss);
    } else if (std::sscanf(line.c_str(), "validation,%lf,%lf", &step, &loss) == 2) {
      if (step <= static_cast<double>(count)) {
        validation_steps.push_back(step);
        validation.push_back(loss);
      }
    } else {
      throw std::runtime_error(
          fmt::format("{}: expected 'train,STEP,LOSS', got '{}'", path.string(), line));
    }
  }
  if (steps.size() != count)
    throw std::runtime_error(
        fmt::format("{} has the losses of {} steps, but the checkpoint beside it is at step {}; "
                    "train again without --resume",
                    path.string(), steps.size(), count));
}

/// Every step of a curve is noise to the eye: means over runs of steps instead.
plot::Series smooth(const std::vector<double> &losses) {
  plot::Series series{"training", {}, {}};
  const std::size_t run = std::max<std::size_t>(1, losses.size() / 200);
  for (std::size_t from = 0; from < losses.size(); from += run) {
    const std::size_t count = std::min(run, losses.size() - from);
    const auto begin = losses.begin() + static_cast<std::ptrdiff_t>(from);
    series.x.push_back(static_cast<double>(from) + 0.5 * static_cast<double>(count + 1));
    series.y.push_back(std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(count), 0.0) /
                       static_cast<double>(count));
  }
  return series;
}

void draw(const History &history, const std::filesystem::path &directory) {
  const plot::Figure figure{
      .title = "GPT: loss",
      .x_label = "step",
      .y_label = "cross-entropy, nats a token",
      .series = {smooth(history.steps),
                 {"validation", history.validation_steps, history.validation}}};
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
  const auto checkpoint = options.output / "checkpoint.safetensors",
             losses = options.output / "losses.csv";

  auto clock = std::chrono::steady_clock::now();
  const Model model = make_trainer(options.model, options.batch, make_optimizer(options, steps));
  Executable executable = compile(model);
  fmt::print("model: {} layers, {} heads, width {}, context {}: {} parameters; training step "
             "compiled in {:.1f} s\n",
             options.model.layers, options.model.heads, options.model.width, options.model.context,
             model.parameter_count(), seconds_since(clock));

  History history;
  std::int64_t step = 0;
  if (options.resume) {
    executable.resume(checkpoint.string());
    step = static_cast<std::int64_t>(executable.tensor("optimizer.step").item());
    history.load(losses, static_cast<std::size_t>(step));
    fmt::print("resumed at step {} of {}\n", step, steps);
    if (step > end)
      throw std::runtime_error(
          fmt::format("the checkpoint is at step {}, past the last one, {}; give more --steps or "
                      "--epochs",
                      step, end));
  } else {
    executable.initialize(options.seed);
  }
  std::fflush(stdout);

  bool settings_saved = options.resume;
  auto keep = [&] {
    if (!std::exchange(settings_saved, true))
      save_settings();
    executable.save_checkpoint(checkpoint.string());
    history.save(losses);
  };
  InterruptGuard guard;
  clock = std::chrono::steady_clock::now();
  const std::int64_t first = step;
  while (step < end && !interrupted) {
    const std::int64_t number = step / epoch, last = std::min((number + 1) * epoch, end),
                       from = step;
    const std::int64_t epoch_begin = number * epoch;
    {
      progress::ProgressBar bar(fmt::format("epoch {}/{}", number + 1, (steps + epoch - 1) / epoch),
                                last - from);
      for (; step < last && !interrupted; ++step) {
        const Batch batch = batches.training(step);
        const double loss = executable.run("train", batch.tokens, batch.targets).loss();
        if (!std::isfinite(loss))
          throw std::runtime_error(
              fmt::format("the loss of step {} is {}; training has diverged: use a smaller --lr "
                          "(it is {})",
                          step + 1, loss, options.learning_rate));
        history.steps.push_back(loss);
        bar.update(step + 1 - from, fmt::format("loss {:.3f}", loss));
      }
    }
    if (step == last) {
      history.validation_steps.push_back(static_cast<double>(step));
      history.validation.push_back(validate(executable, batches));
      fmt::print("epoch {}: mean training loss {:.4f}, validation loss {:.4f}\n", number + 1,
                 history.mean(static_cast<std::size_t>(epoch_begin)), history.validation.back());
      std::fflush(stdout);
    }
    keep();
  }
  const double seconds = seconds_since(clock);
  if (step > first)
    fmt::print("trained {} steps in {:.0f} s ({:.0f} ms each)\n", step - first, seconds,
               1000 * seconds / static_cast<double>(step - first));
  if (step < steps)
    return false;
  executable.save((options.output / "weights.safetensors").string());
  draw(history, options.output);
  return true;
}

} // namespace gpt
