// What the tests of the training library share.
#pragma once

#include "FolderTest.h"

#include <heddle/heddle.h>
#include <heddle/training.h>

#include <gtest/gtest.h>

#include <string>

namespace heddle::training::testing {

/// Runs `f`, which must throw Error without a place in a source, and gives its message.
template <class F> std::string messageOf(F f) {
  try {
    f();
  } catch (const Error &error) {
    EXPECT_EQ(error.file(), "") << error.what();
    return error.what();
  }
  return "no error";
}

struct Line : nn::Module {
  nn::Linear fc{*this, "fc", 1, 1};
  nn::Dropout drop;
  explicit Line(double p) : drop(*this, "drop", p) {}
  Tensor operator()(Tensor x) { return drop(fc(x)); }
};

/// y = a x + b for 4 numbers at a time, with functions predict, loss and train.
inline Executable line(double dropout = 0) {
  Model m("line");
  auto net = m.add<Line>(dropout);
  Input x{"x", f32, {4, 1}}, y{"y", f32, {4, 1}};
  auto loss = [=](Tensor t, Tensor target) { return mse_loss(net(t), target); };
  m.function("predict", {x}, [=](Tensor t) { return net(t); });
  m.evaluate("loss", {x, y}, loss);
  m.train_step("train", {x, y}, loss, optim::Adam{.lr = 0.05});
  Executable exe = compile(m);
  exe.initialize(1);
  return exe;
}

/// The numbers of a log, without the time that they took.
inline std::string withoutSeconds(const std::vector<LogEntry> &entries) {
  std::string text;
  for (const LogEntry &entry : entries) {
    text += std::to_string(entry.step) + " " + entry.phase;
    for (const Metric &metric : entry.metrics)
      text += " " + metric.name + "=" + std::to_string(metric.value);
    text += "\n";
  }
  return text;
}

class FolderTest : public test::FolderTest {
protected:
  using Run = training::Run; // and not GoogleTest's
};

} // namespace heddle::training::testing
