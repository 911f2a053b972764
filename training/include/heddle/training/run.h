// A training run on disk: checkpoints, the best weights, a log, and going on where it stopped.
#pragma once

#include <heddle/compile.h>
#include <heddle/training/log.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace heddle::training {

/// What to do with a run that the folder already holds.
enum class Existing : std::uint8_t {
  refuse,    ///< throw Error
  resume,    ///< go on from its last checkpoint; throw Error if there is none
  overwrite, ///< start anew; its files are replaced when the first checkpoint is saved
};

struct RunOptions {
  Existing existing = Existing::refuse;
  /// Which number of the log tells the best weights, as PHASE/METRIC: "validation/loss". Empty: no
  /// best weights are kept. Every line of that phase must have the metric.
  std::string best = {};
  bool higher_is_better = false;
};

struct BestValue {
  std::int64_t step;
  double value;
};

/// A folder with
///
///   last.safetensors   the last checkpoint: all that training needs to go on bit for bit
///   best.safetensors   the weights with the best value so far of a chosen metric
///   log.jsonl          numbers by step; see heddle/training/log.h
///
/// The checkpoint goes with the lines of the log up to its step: what a program logged after it,
/// and lost, is not there after resuming. So it does not show where a run was interrupted, not even
/// by kill -9 or a power cut, if the batches follow from the step as well.
///
///   exe.initialize(1);
///   training::Run run(exe, "runs/first", {.best = "validation/loss"});
///   training::Interrupt interrupt;
///   while (run.step() < steps && !interrupt) {
///     const Batch batch = training_batch(run.step());
///     run.end_step({{"loss", exe.run("train", batch.x, batch.y).loss()}});
///     if (run.step() % 100 == 0) {
///       run.log("validation", {{"loss", validate(exe)}});
///       run.save();
///     }
///   }
///   run.save();
///
/// One thread at a time. All functions throw Error.
class Run {
public:
  /// Makes the folder if it is missing, and locks it against other runs until the Run is destroyed.
  /// Resuming replaces all parameters and state of `exe`, which must outlive the run where it is.
  Run(Executable &exe, std::filesystem::path folder, RunOptions options = {});
  ~Run();
  Run(Run &&) noexcept;
  Run &operator=(Run &&) noexcept;

  /// Whether the folder holds a run: any of its three files.
  static bool exists(const std::filesystem::path &folder);

  /// Steps done, those before resuming too.
  std::int64_t step() const;
  /// Seconds of training, over all sessions.
  double seconds() const;
  /// Counts a step. The metrics, if there are any, go to the log in phase "train".
  void end_step(const Metrics &metrics = {});
  /// Adds a line to the log. If it has the best value so far, also saves last.safetensors and
  /// best.safetensors, so call it before the weights change. A value that is not a number is never
  /// the best.
  void log(std::string_view phase, const Metrics &metrics);
  /// Saves last.safetensors. Both old and new are whole at any moment, so a full disk or a kill
  /// costs no more than the steps since. What belongs to this step is to be logged before.
  void save();

  /// The best value so far, if there is one, and the step it is from.
  std::optional<BestValue> best() const;
  /// Lines of the log with that metric since the best one, to stop when it gets no better.
  std::int64_t since_best() const;

  std::filesystem::path last_path() const;
  std::filesystem::path best_path() const;
  /// The folder's log.jsonl; before the first checkpoint of a run that overwrites another one,
  /// log.jsonl.new.
  std::filesystem::path log_path() const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace heddle::training
