// A run's folder: what is written when, and what cannot be.
#include "Testing.h"

#include <cmath>
#include <csignal>

#include <sys/resource.h>

namespace heddle::training {
namespace {

using testing::line;
using testing::messageOf;
namespace fs = std::filesystem;

class RunTest : public testing::FolderTest {
protected:
  Executable exe = line();
  fs::path path = folder / "deep" / "run";

  void SetUp() override {
    FolderTest::SetUp();
    path = folder / "deep" / "run";
  }
  Run open(RunOptions options = {}) { return {exe, path, std::move(options)}; }
  std::string errorOf(RunOptions options = {}) {
    return messageOf([&] { open(std::move(options)); });
  }
  // The weights as a number that tells them apart.
  void setWeight(float value) { exe.set_tensor("fc.bias", std::vector<float>{value}); }
  static float weightIn(const fs::path &file) {
    return read_safetensors(file).at("fc.bias").as<float>()[0];
  }
};

TEST_F(RunTest, LogsAndSavesWhereItIsTold) {
  Run run = open();
  run.end_step({{"loss", 3}});
  run.end_step();
  run.log("validation", {{"loss", 4}, {"accuracy", 0.5}});
  EXPECT_FALSE(fs::exists(run.last_path())) << "nobody has asked for it";
  run.save();
  EXPECT_EQ(testing::withoutSeconds(read_log(path)),
            "1 train loss=3.000000\n2 validation loss=4.000000 accuracy=0.500000\n");
  const Metadata metadata = safetensors_metadata(path / "last.safetensors");
  EXPECT_EQ(metadata.at("step"), "2");
  EXPECT_EQ(metadata.at("model"), "line");
  EXPECT_EQ(run.best().has_value(), false);
  EXPECT_FALSE(fs::exists(run.best_path()));
}

TEST_F(RunTest, KeepsTheBestWeights) {
  Run run = open({.best = "validation/loss"});
  const auto validate = [&](float weight, double loss) {
    setWeight(weight);
    run.end_step({{"loss", -1}}); // of another phase
    run.log("validation", {{"loss", loss}});
  };
  validate(1, std::nan(""));
  EXPECT_FALSE(run.best());
  EXPECT_EQ(run.since_best(), 1);
  validate(2, 5);
  EXPECT_EQ(run.best()->step, 2);
  EXPECT_EQ(run.best()->value, 5);
  EXPECT_EQ(run.since_best(), 0);
  EXPECT_EQ(weightIn(run.best_path()), 2);
  validate(3, 5); // as good is not better
  validate(4, std::nan(""));
  validate(5, 7);
  EXPECT_EQ(run.since_best(), 3);
  EXPECT_EQ(weightIn(run.best_path()), 2);
  validate(6, 4);
  EXPECT_EQ(run.since_best(), 0);
  EXPECT_EQ(weightIn(run.best_path()), 6);
  EXPECT_EQ(weightIn(run.last_path()), 6) << "the checkpoint is never older than the best weights";
  EXPECT_EQ(safetensors_metadata(run.best_path()).at("step"), "6");
  EXPECT_FALSE(safetensors_names(run.best_path()).contains("optimizer.step"));
}

TEST_F(RunTest, BestMayBeHighest) {
  Run run = open({.best = "test/a/b", .higher_is_better = true});
  for (const double value : {0.5, 0.4, 0.6, 0.6}) {
    run.end_step();
    run.log("test", {{"a/b", value}});
  }
  EXPECT_EQ(run.best()->step, 3);
  EXPECT_EQ(run.since_best(), 1);
}

TEST_F(RunTest, WhatTellsTheBestIsThere) {
  for (const char *name : {"loss", "/loss", "validation/"})
    EXPECT_EQ(errorOf({.existing = Existing::overwrite, .best = name}),
              "the best weights are told by PHASE/METRIC, as validation/loss; got '" +
                  std::string(name) + "'");
  Run run = open({.existing = Existing::overwrite, .best = "validation/acuracy"});
  EXPECT_EQ(messageOf([&] {
              run.log("validation", {{"loss", 1}, {"accuracy", 1}});
            }),
            "the best weights are told by validation/acuracy, and step 0 has no 'acuracy' in phase "
            "'validation'; it has: loss, accuracy");
  EXPECT_TRUE(read_log(path).empty());
}

TEST_F(RunTest, AnotherRunIsLeftAlone) {
  open().end_step({{"loss", 1}});
  EXPECT_TRUE(Run::exists(path));
  EXPECT_EQ(errorOf(), path.string() +
                           " already holds a run; resume it (training::Existing::resume), start "
                           "anew in its place (training::Existing::overwrite), or choose another "
                           "folder");
  EXPECT_EQ(read_log(path).size(), 1U);
}

TEST_F(RunTest, OverwritingReplacesItsFilesAtTheFirstCheckpoint) {
  {
    Run run = open({.best = "train/loss"});
    run.end_step({{"loss", 1}});
  }
  write("deep/run/settings.json", "{}");
  const std::string last = contents("deep/run/last.safetensors");
  {
    // One that ends before its first checkpoint costs nothing.
    Run run = open({.existing = Existing::overwrite});
    run.end_step({{"loss", 3}});
    run.end_step({{"loss", 3}});
    EXPECT_EQ(run.step(), 2);
    EXPECT_EQ(read_log(run.log_path()).size(), 2U);
  }
  EXPECT_EQ(open({.existing = Existing::resume, .best = "train/loss"}).step(), 1);
  EXPECT_EQ(contents("deep/run/last.safetensors"), last);

  Run run = open({.existing = Existing::overwrite});
  run.end_step({{"loss", 2}});
  run.end_step({{"loss", 2}});
  EXPECT_TRUE(fs::exists(run.best_path()));
  run.save();
  run.end_step({{"loss", 1}});
  EXPECT_FALSE(fs::exists(run.best_path()));
  EXPECT_NE(contents("deep/run/last.safetensors"), last);
  EXPECT_EQ(run.log_path(), path / "log.jsonl");
  EXPECT_EQ(read_log(path).size(), 3U);
  EXPECT_FALSE(fs::exists(path / "log.jsonl.new"));
  EXPECT_EQ(contents("deep/run/settings.json"), "{}");
}

TEST_F(RunTest, OneProgramAtATime) {
  std::optional<Run> run = open();
  EXPECT_EQ(errorOf({.existing = Existing::overwrite}),
            path.string() +
                " is in use by another run; wait for its end, or choose another folder");
  run.reset();
  EXPECT_EQ(errorOf({.existing = Existing::overwrite}), "no error");
}

TEST_F(RunTest, RemovesWhatAKilledProgramLeft) {
  fs::create_directories(path);
  write("deep/run/last.safetensors.77.0.tmp", "half");
  write("deep/run/best.safetensors.77.0.tmp", "half");
  write("deep/run/other.tmp", "not ours");
  const Run run = open();
  EXPECT_FALSE(fs::exists(path / "last.safetensors.77.0.tmp"));
  EXPECT_FALSE(fs::exists(path / "best.safetensors.77.0.tmp"));
  EXPECT_TRUE(fs::exists(path / "other.tmp"));
}

TEST_F(RunTest, FoldersThatCannotBeHad) {
  path = write("file", "") + "/run";
  EXPECT_EQ(errorOf(), "cannot make the folder " + path.string() + ": Not a directory");
  path = folder / "file";
  EXPECT_NE(errorOf().find("cannot make the folder"), std::string::npos);
  path = folder / "taken";
  fs::create_directories(path / "log.jsonl");
  EXPECT_EQ(errorOf({.existing = Existing::overwrite}),
            (path / "log.jsonl").string() + " is not a regular file; choose another folder");
  EXPECT_EQ(errorOf({.existing = Existing::resume}),
            (path / "log.jsonl").string() + " is not a regular file; choose another folder");
  path = "/proc/heddle";
  EXPECT_NE(errorOf().find("cannot make the folder /proc/heddle"), std::string::npos);
}

TEST_F(RunTest, AReadOnlyFolder) {
  if (geteuid() == 0)
    GTEST_SKIP() << "root may write everywhere";
  fs::create_directories(path);
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(errorOf(), "cannot write " + (path / "log.jsonl").string() + ": Permission denied");
  fs::permissions(path, fs::perms::owner_all);
}

// Files may grow no further, as on a full disk.
TEST_F(RunTest, AFullDiskCostsNothingThatWasThere) {
  Run run = open();
  run.end_step({{"loss", 1}});
  run.save();
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit now{fs::file_size(run.log_path()) + 10, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &now);
  const std::string logging = messageOf([&] { run.end_step({{"loss", 2}}); });
  const std::string saving = messageOf([&] { run.save(); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, previous);
  EXPECT_EQ(logging, "cannot write " + run.log_path().string() + ": File too large");
  EXPECT_NE(saving.find("last.safetensors: cannot save"), std::string::npos) << saving;
  EXPECT_EQ(read_log(path).size(), 1U);
  EXPECT_EQ(safetensors_metadata(run.last_path()).at("step"), "1");
  run.log("train", {{"loss", 3}});
  EXPECT_EQ(testing::withoutSeconds(read_log(path)),
            "1 train loss=1.000000\n2 train loss=3.000000\n")
      << "half a line was left";
}

} // namespace
} // namespace heddle::training
