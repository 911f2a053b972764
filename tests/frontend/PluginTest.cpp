// Ops by their names, plugins, and passes between the phases. tests/package loads real plugins.
#include "Testing.h"

#include <filesystem>
#include <fstream>

namespace heddle::testing {
namespace {

const Input kX{"x", f32, {2, 3}};

template <class F> std::string inFunction(F f) {
  return messageOf(
      [&] {
        Model m("m");
        m.function("f", {kX}, f);
      },
      __FILE__);
}

TEST(ApplyOp, IsTheOp) {
  const std::vector<double> x{-2, 0.5, 1, 0, 1, 3};
  auto values = [&](auto f) { return eval({{{2, 3}, x}}, f).values; };
  EXPECT_EQ(values([](Tensor x) { return apply_op("heddle.tanh", {x}).front(); }),
            values([](Tensor x) { return tanh(x); }));
  EXPECT_EQ(values([](Tensor x) {
              return apply_op("heddle.softmax", {x}, {{"dimension", std::int64_t{1}}}).front();
            }),
            values([](Tensor x) { return softmax(x, 1); }));
  EXPECT_EQ(values([](Tensor x) {
              return apply_op("heddle.transpose", {x},
                              {{"permutation", std::vector<std::int64_t>{1, 0}}})
                  .front();
            }),
            values([](Tensor x) { return transpose(x, 0, 1); }));
}

TEST(ApplyOp, WhatDoesNotFit) {
  EXPECT_EQ(inFunction([](Tensor x) { return apply_op("my.op", {x}).front(); }),
            "there is no op 'my.op'; load its plugin with load_plugin() before the model is made");
  EXPECT_EQ(inFunction([](Tensor x) {
              return apply_op("heddle.softmax", {x}, {{"dimension", std::int64_t{2}}}).front();
            }),
            "heddle.softmax: dimension 2 is out of range for rank 2");
  EXPECT_EQ(inFunction([](Tensor x) { return apply_op("heddle.softmax", {x}).front(); }),
            "heddle.softmax: expected the attribute 'dimension'");
  EXPECT_EQ(inFunction([](Tensor x) { return apply_op("heddle.cast", {x}).front(); }),
            "'heddle.cast' cannot be applied by name: its result types do not follow from its "
            "operands");
  EXPECT_EQ(inFunction([](Tensor x) {
              return apply_op("heddle.tanh", {x, x}).front();
            }),
            "'heddle.tanh' op requires a single operand");
}

TEST(Plugins, ThatCannotBeLoaded) {
  EXPECT_EQ(messageOf([] { load_plugin("/nowhere/libops.so"); }, __FILE__),
            "cannot load the plugin '/nowhere/libops.so': No such file or directory");
  const std::string text = std::filesystem::temp_directory_path() / "heddle_no_plugin.so";
  std::ofstream(text) << "no library";
  const std::string message = messageOf([&] { load_plugin(text); }, __FILE__);
  std::filesystem::remove(text);
  EXPECT_EQ(message.find("'" + text + "' is no plugin that can be loaded: "), 0U) << message;
  EXPECT_NE(message.find("heddle_plugin() in CMake"), std::string::npos);
}

std::string compileWith(PassesBefore passes) {
  return messageOf(
      [&] {
        Model m("m");
        m.function("f", {kX}, [](Tensor x) { return tanh(x); });
        compile(m, {.passes = {passes}});
      },
      __FILE__);
}

TEST(Passes, RunBeforeAPhase) {
  Model m("m");
  m.function("f", {kX}, [](Tensor x) { return tanh(x); });
  for (const char *phase : {"differentiate", "simplify", "fuse", "plan", "codegen"}) {
    Executable exe = compile(m, {.passes = {passes_before(std::string(phase) + "=canonicalize,cse"),
                                            {phase, "builtin.module(canonicalize)"}}});
    EXPECT_NEAR(exe.run("f", std::vector<float>(6, 0.5F))[0][0], std::tanh(0.5), 1e-6);
  }
}

TEST(Passes, ThatDoNotFit) {
  EXPECT_EQ(compileWith({"melt", "canonicalize"}),
            "'melt=canonicalize' names the phase 'melt', which does not exist; phases are "
            "differentiate, simplify, fuse, plan, codegen");
  EXPECT_NE(compileWith({"fuse", "my-pass"}).find("'my-pass' does not refer to a registered pass"),
            std::string::npos);
  EXPECT_NE(compileWith({"plan", "heddle-verify-phase{phase=melt}"}).find("'melt'"),
            std::string::npos);
  EXPECT_EQ(messageOf([] { passes_before("canonicalize"); }, __FILE__),
            "'canonicalize' does not say before which phase its passes are to run; write "
            "PHASE=canonicalize, with differentiate, simplify, fuse, plan or codegen for PHASE");
}

} // namespace
} // namespace heddle::testing
