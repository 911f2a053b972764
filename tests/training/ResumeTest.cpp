// Going on: bit for bit, with a log as if never interrupted; and what does not go together.
#include "Testing.h"

#include <heddle/data/loader.h>

#include <cmath>

namespace heddle::training {
namespace {

using testing::line;
using testing::messageOf;
using testing::withoutSeconds;
namespace fs = std::filesystem;

struct Batch {
  std::vector<float> x, y;
};

const data::Loader<Batch> &batches() {
  static const data::Loader<Batch> loader(20, {.batch = 4, .seed = 3},
                                          [](std::span<const std::size_t> rows) {
                                            Batch batch;
                                            for (const std::size_t row : rows) {
                                              batch.x.push_back(static_cast<float>(row) / 10);
                                              batch.y.push_back(std::sin(batch.x.back()));
                                            }
                                            return batch;
                                          });
  return loader;
}

constexpr std::int64_t kSteps = 42; // epochs are of 5

class ResumeTest : public testing::FolderTest {
protected:
  // Trains from where `existing` says to step `end`; the last checkpoint is of a multiple of 4, or
  // of the end if `finish`.
  void train(const std::string &name, Existing existing, std::int64_t end, bool finish) const {
    Executable exe = line(/*dropout=*/0.3);
    Run run(exe, folder / name, options(existing));
    const auto epoch = static_cast<std::int64_t>(batches().batches());
    while (run.step() < end) {
      auto rest = batches().epoch(static_cast<std::uint64_t>(run.step() / epoch),
                                  static_cast<std::size_t>(run.step() % epoch));
      for (auto batch = rest.next(); batch && run.step() < end; batch = rest.next()) {
        run.end_step({{"loss", exe.run("train", batch->x, batch->y).loss()}});
        if (run.step() % 3 == 0)
          run.log("validation", {{"loss", validate(exe)}});
        if (run.step() % 4 == 0)
          run.save();
      }
    }
    if (finish)
      run.save();
  }
  static RunOptions options(Existing existing) {
    return {.existing = existing, .best = "validation/loss"};
  }
  static double validate(Executable &exe) {
    const Batch batch = *batches().epoch(1000).next();
    return exe.run("loss", batch.x, batch.y).loss();
  }
  std::string errorOf(const std::string &name, RunOptions how = options(Existing::resume)) const {
    Executable exe = line(0.3);
    return messageOf([&] { Run(exe, folder / name, std::move(how)); });
  }
  void expectSame(const std::string &a, const std::string &b) const {
    EXPECT_EQ(withoutSeconds(read_log(folder / a)), withoutSeconds(read_log(folder / b)));
    for (const char *file : {"/last.safetensors", "/best.safetensors"})
      EXPECT_TRUE(contents(a + file) == contents(b + file)) << file;
  }
  void cut(const std::string &name, std::size_t bytes) const {
    fs::resize_file(folder / name, bytes);
  }
  std::size_t size(const std::string &name) const { return fs::file_size(folder / name); }
  void append(const std::string &name, std::string_view text) const {
    std::ofstream(folder / name, std::ios::app | std::ios::binary) << text;
  }
};

TEST_F(ResumeTest, RepeatsBitForBitFromAnyStep) {
  train("whole", Existing::refuse, kSteps, true);
  ASSERT_EQ(read_log(folder / "whole").size(), static_cast<std::size_t>(kSteps + kSteps / 3));
  for (const std::int64_t end : {4, 7, 15, 41}) {
    const std::string parts = "parts" + std::to_string(end);
    train(parts, Existing::refuse, end, true);
    train(parts, Existing::resume, kSteps, true);
    expectSame("whole", parts);
  }
}

TEST_F(ResumeTest, DropsWhatWasLoggedAfterTheCheckpoint) {
  train("whole", Existing::refuse, kSteps, true);
  // Killed at these steps, and again and again.
  for (const std::int64_t end : {6, 11, 14, 23})
    train("parts", Run::exists(folder / "parts") ? Existing::resume : Existing::refuse, end, false);
  append("parts/log.jsonl", "{\"step\":24,\"seco");
  train("parts", Existing::resume, kSteps, true);
  expectSame("whole", "parts");
}

TEST_F(ResumeTest, WhatFollowsTheSavedLinesMayBeAnything) {
  train("whole", Existing::refuse, kSteps, true);
  train("parts", Existing::refuse, 20, true);
  append("parts/log.jsonl", std::string(5000, '\0') + "\n\n{\"step\":1}\n"); // after a power cut
  train("parts", Existing::resume, kSteps, true);
  expectSame("whole", "parts");
}

TEST_F(ResumeTest, KeepsLinesOfTheCheckpointsOwnStep) {
  Executable exe = line();
  {
    Run run(exe, folder);
    run.end_step({{"loss", 1}});
    run.save();
    run.log("validation", {{"loss", 2}}); // logged after it was saved
    run.end_step({{"loss", 3}});
  }
  const Run run(exe, folder, {.existing = Existing::resume});
  EXPECT_EQ(run.step(), 1);
  EXPECT_EQ(withoutSeconds(read_log(folder)),
            "1 train loss=1.000000\n1 validation loss=2.000000\n");
}

TEST_F(ResumeTest, GoesOnFromTheBestValueAndTheTime) {
  Executable exe = line();
  const auto options = [](Existing existing) {
    return RunOptions{existing, "validation/accuracy", true};
  };
  double seconds = 0;
  {
    Run run(exe, folder, options(Existing::refuse));
    for (const double value : {0.5, 0.7, 0.6}) {
      run.end_step();
      run.log("validation", {{"accuracy", value}});
    }
    run.save();
    seconds = read_log(folder).back().seconds;
  }
  Run run(exe, folder, options(Existing::resume));
  EXPECT_EQ(run.best()->step, 2);
  EXPECT_EQ(run.best()->value, 0.7);
  EXPECT_EQ(run.since_best(), 1);
  EXPECT_GE(run.seconds(), seconds);
  const std::string before = contents("best.safetensors");
  run.end_step();
  run.log("validation", {{"accuracy", 0.65}});
  EXPECT_EQ(contents("best.safetensors"), before);
  EXPECT_EQ(run.since_best(), 2);
}

// Killed after last.safetensors was saved for the best weights, and before those were.
TEST_F(ResumeTest, BestWeightsThatWereNotSavedAreMadeUpFor) {
  for (const bool older : {true, false}) {
    const std::string name = older ? "older" : "none";
    Executable exe = line();
    std::string best, old;
    {
      Run run(exe, folder / name, options(Existing::refuse));
      for (const float value : {2.0F, 1.0F}) {
        old = contents(name + "/best.safetensors");
        exe.set_tensor("fc.bias", std::vector<float>{value});
        run.end_step();
        run.log("validation", {{"loss", value}});
      }
      best = contents(name + "/best.safetensors");
    }
    if (older)
      write(name + "/best.safetensors", old);
    else
      fs::remove(folder / name / "best.safetensors");
    const Run run(exe, folder / name, options(Existing::resume));
    EXPECT_EQ(run.best()->step, 2);
    EXPECT_TRUE(contents(name + "/best.safetensors") == best);
  }
}

TEST_F(ResumeTest, NeedsACheckpoint) {
  const std::string path = (folder / "run").string();
  EXPECT_EQ(errorOf("run"), path + " has no last.safetensors to resume from; is it the folder of a "
                                   "run?");
  write("run/log.jsonl", "");
  EXPECT_EQ(errorOf("run"), path + " has no last.safetensors to resume from: its run ended before "
                                   "the first checkpoint; start anew with "
                                   "training::Existing::overwrite");
  line(0.3).save_checkpoint(path + "/last.safetensors");
  EXPECT_EQ(errorOf("run"), path +
                                "/last.safetensors was not saved by a training::Run: its metadata "
                                "has no 'step'");
  write("run/last.safetensors", "x");
  EXPECT_NE(errorOf("run").find("last.safetensors: expected a safetensors file"),
            std::string::npos);
}

TEST_F(ResumeTest, ADamagedRunIsSaidToBeSoAndLeftAlone) {
  train("run", Existing::refuse, 12, true);
  const std::string log = (folder / "run/log.jsonl").string(), text = contents("run/log.jsonl"),
                    last = contents("run/last.safetensors");
  cut("run/log.jsonl", text.size() - 1); // not all of the last line
  EXPECT_EQ(errorOf("run"),
            log + " does not go with " + (folder / "run/last.safetensors").string() +
                ": it has 15 lines up to step 12, and had 16 when that was saved; put back the log "
                "of this run, or start anew with training::Existing::overwrite");
  EXPECT_EQ(size("run/log.jsonl"), text.size() - 1);

  std::string bad = text;
  bad[bad.find("\n{") + 1] = '!';
  write("run/log.jsonl", bad);
  EXPECT_NE(errorOf("run").find(log + ":2: no line of a training log: expected a JSON object"),
            std::string::npos);
  EXPECT_EQ(contents("run/log.jsonl"), bad);

  fs::remove(log);
  EXPECT_EQ(errorOf("run"), "cannot read " + log + ": No such file or directory");

  write("run/log.jsonl", text + "{\"step\":13");
  write("run/last.safetensors", last.substr(0, last.size() - 8));
  EXPECT_NE(errorOf("run").find("last.safetensors: "), std::string::npos);
  EXPECT_EQ(contents("run/log.jsonl"), text + "{\"step\":13");
  write("run/last.safetensors", last);
  EXPECT_EQ(errorOf("run"), "no error");
  EXPECT_EQ(contents("run/log.jsonl"), text);
}

TEST_F(ResumeTest, AnotherModelsRunIsLeftAlone) {
  train("run", Existing::refuse, 5, false);
  const std::string log = contents("run/log.jsonl");
  Model m("other");
  m.function("twice", {{"x", f32, {1, 2}}}, [](Tensor x) { return x + x; });
  Executable exe = compile(m);
  EXPECT_NE(messageOf([&] {
              Run(exe, folder / "run", options(Existing::resume));
            }).find("does not fit model 'other'"),
            std::string::npos);
  EXPECT_EQ(contents("run/log.jsonl"), log);
}

TEST_F(ResumeTest, BestWeightsOfAnotherStepOrMetric) {
  train("run", Existing::refuse, 10, true);
  const std::string best = (folder / "run/best.safetensors").string();
  const auto from = std::to_string(
      Run(*std::make_unique<Executable>(line(0.3)), folder / "run", options(Existing::resume))
          .best()
          ->step);
  EXPECT_EQ(errorOf("run", {.existing = Existing::resume, .best = "train/loss"})
                .substr(0, best.size() + 50),
            (best + " is the best validation/loss of step " + from +
             ", and by the log the best "
             "train/loss")
                .substr(0, best.size() + 50));
  EXPECT_EQ(errorOf("run", {.existing = Existing::resume}), "no error") << "it keeps no best";
  fs::remove(best);
  EXPECT_EQ(errorOf("run"), best +
                                " is not there, and by the log the best validation/loss is of "
                                "step " +
                                from + "; put it back");
}

} // namespace
} // namespace heddle::training
