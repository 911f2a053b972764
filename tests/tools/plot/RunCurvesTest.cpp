// From logs to curves: which, over what, smoothed how, and named how.
#include "RunCurves.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

using namespace heddle::plot;
using heddle::training::LogEntry;
using Doubles = std::vector<double>;

namespace {

// Steps 1 to 4, a validation in the middle and at the end.
RunLog sample(const std::string &name) {
  RunLog run{name, {}};
  for (std::int64_t step = 1; step <= 4; ++step) {
    const auto seconds = static_cast<double>(step) / 2;
    run.entries.push_back(
        {step, seconds, "train", {{"loss", static_cast<double>(step * step)}, {"lr", 0.1}}});
    if (step % 2 == 0)
      run.entries.push_back({step, seconds, "validation", {{"loss", 100}}});
  }
  return run;
}

std::vector<std::string> names(const Figure &figure) {
  std::vector<std::string> names;
  for (const Series &series : figure.series)
    names.push_back(series.name);
  return names;
}

std::string message_of(const std::vector<RunLog> &runs, const RunCurveOptions &options) {
  try {
    run_curves(runs, options);
  } catch (const std::runtime_error &error) {
    return error.what();
  }
  return "no error";
}

TEST(RunCurves, TheLossOfARunByDefault) {
  const Figure figure = run_curves({sample("first")}, {});
  EXPECT_EQ(figure.title, "first");
  EXPECT_EQ(figure.x_label, "step");
  EXPECT_EQ(figure.y_label, "loss");
  EXPECT_EQ(names(figure), (std::vector<std::string>{"train/loss", "validation/loss"}));
  EXPECT_EQ(figure.series[0].x, (Doubles{1, 2, 3, 4}));
  EXPECT_EQ(figure.series[0].y, (Doubles{1, 4, 9, 16}));
  EXPECT_EQ(figure.series[1].x, (Doubles{2, 4}));
}

TEST(RunCurves, MetricsAreChosen) {
  const std::vector<RunLog> run{sample("first")};
  EXPECT_EQ(names(run_curves(run, {.metrics = {"validation/loss", "lr"}})),
            (std::vector<std::string>{"train/lr", "validation/loss"}));
  EXPECT_EQ(run_curves(run, {.metrics = {"lr", "loss"}}).y_label, "value");
  const RunLog other{"other", {{1, 0, "test", {{"accuracy", 1}, {"f1", 1}}}}};
  EXPECT_EQ(names(run_curves({other}, {})), (std::vector<std::string>{"test/accuracy", "test/f1"}));
  EXPECT_EQ(message_of(run, {.metrics = {"train"}}),
            "there is no metric 'train'; there is train/loss, train/lr, validation/loss");
  EXPECT_EQ(message_of({sample("first"), other}, {}),
            "run 'other' has nothing to draw of loss; its log has test/accuracy, test/f1");
  EXPECT_EQ(message_of({{"empty", {}}}, {}),
            "run 'empty' has nothing to draw; its log has nothing");
}

TEST(RunCurves, RunsAreToldApart) {
  const std::vector<RunLog> runs{sample("a"), sample("b")};
  EXPECT_EQ(names(run_curves(runs, {})),
            (std::vector<std::string>{"a train/loss", "a validation/loss", "b train/loss",
                                      "b validation/loss"}));
  const Figure figure = run_curves(runs, {.metrics = {"train/loss"}});
  EXPECT_EQ(names(figure), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(figure.title, "train/loss");
  EXPECT_EQ(run_names({"runs/a", "runs/b/", "c/log.jsonl", "d.jsonl"}),
            (std::vector<std::string>{"a", "b", "c", "d.jsonl"}));
  EXPECT_EQ(run_names({"x/a", "y/a", "b"}), (std::vector<std::string>{"x/a", "y/a", "b"}));
}

TEST(RunCurves, OverSeconds) {
  const Figure figure = run_curves({sample("first")}, {.x = RunAxis::seconds});
  EXPECT_EQ(figure.x_label, "seconds");
  EXPECT_EQ(figure.series[0].x, (Doubles{0.5, 1, 1.5, 2}));
}

TEST(RunCurves, SmoothingIsOverStepsNotPoints) {
  const Figure three = run_curves({sample("first")}, {.smooth = 3});
  EXPECT_EQ(three.series[0].y, (Doubles{2.5, 14.0 / 3, 29.0 / 3, 12.5}));
  EXPECT_EQ(three.series[1].y, (Doubles{100, 100})) << "validations are 2 steps apart";
  const Figure two = run_curves({sample("first")}, {.smooth = 2});
  EXPECT_EQ(two.series[0].y, (Doubles{2.5, 6.5, 12.5, 16}));
}

TEST(RunCurves, WhatIsNotFiniteBreaksTheLineAlone) {
  RunLog run = sample("first");
  run.entries[1].metrics[0].value = std::numeric_limits<double>::quiet_NaN();
  const Figure figure = run_curves({run}, {.metrics = {"train/loss"}, .smooth = 3});
  EXPECT_EQ(figure.series[0].y[0], 1);
  EXPECT_TRUE(std::isnan(figure.series[0].y[1]));
  EXPECT_EQ(figure.series[0].y[2], 12.5);
}

} // namespace
