// What a described model looks like in the dialect: names, kinds, initialisers, lines.
#include "Testing.h"

#include <filesystem>
#include <fstream>

namespace heddle::testing {
namespace {

void expectContains(const std::string &text, const std::string &part) {
  EXPECT_NE(text.find(part), std::string::npos) << "no '" << part << "' in:\n" << text;
}
std::size_t count(const std::string &text, const std::string &part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

struct Classifier : nn::Module {
  nn::Linear fc1{*this, "fc1", 784, 512}, fc2{*this, "fc2", 512, 10};
  Tensor operator()(Tensor x) { return fc2(relu(fc1(x))); }
};

Model mnist() {
  Model m("mnist");
  auto net = m.add<Classifier>();
  Input image{"image", f32, {64, 784}}, label{"label", i32, {64}};
  m.function("predict", {image}, [&](Tensor x) { return softmax(net(x), -1); });
  m.evaluate("evaluate", {image, label},
             [&](Tensor x, Tensor y) { return cross_entropy(net(x), y); });
  m.train_step(
      "train", {image, label}, [&](Tensor x, Tensor y) { return cross_entropy(net(x), y); },
      optim::AdamW{.lr = schedule::cosine(3e-4, 10'000), .weight_decay = 0.01});
  return m;
}

TEST(Trace, FunctionsShareParametersByName) {
  const Model m = mnist();
  EXPECT_EQ(m.functions(), (std::vector<std::string>{"predict", "evaluate", "train"}));
  EXPECT_EQ(m.parameter_count(), 784 * 512 + 512 + 512 * 10 + 10);
  const std::string text = m.str();
  expectContains(text, "heddle.model = \"mnist\"");
  expectContains(text, "func.func @predict(");
  EXPECT_EQ(count(text, "heddle.name = \"fc1.weight\""), 3u);
  expectContains(text,
                 "%arg0: tensor<64x784xf32> {heddle.kind = \"input\", heddle.name = \"image\"}");
  expectContains(
      text,
      "tensor<512x784xf32> {heddle.init = {high = 0.035714285714285712 : f64, kind = \"uniform\", "
      "low = "
      "-0.035714285714285712 : f64}, heddle.kind = \"parameter\", heddle.name = \"fc1.weight\", "
      "heddle.trainable = true}");
  expectContains(text, "heddle.gradient");
  EXPECT_EQ(count(text, "heddle.updates = \"fc1.weight\""), 1u);
  EXPECT_EQ(count(text, "heddle.updates = \"optimizer.exp_avg.fc2.bias\""), 1u);
  EXPECT_EQ(count(text, "heddle.updates = \"optimizer.exp_avg_sq.fc2.bias\""), 1u);
  EXPECT_EQ(count(text, "heddle.updates = \"optimizer.step\""), 1u);
  expectContains(text, "heddle.kind = \"step\", heddle.name = \"optimizer.step\"");
  EXPECT_EQ(count(text, "heddle.name = \"loss\""), 2u);
  EXPECT_EQ(count(text, "heddle.name = \"output\""), 1u);
  EXPECT_EQ(count(text, "\"rng\""), 0u);
}

TEST(Trace, OpsCarryTheUsersLine) {
  Model m("m");
  unsigned line = 0;
  struct Net : nn::Module {
    nn::Linear fc{*this, "fc", 4, 4};
  };
  auto net = m.add<Net>();
  m.function("f", {{"x", f32, {2, 4}}}, [&](Tensor x) {
    line = __LINE__ + 1;
    Tensor y = tanh(x);
    y = net->fc(y);
    y = 2.0 * y;
    return mean(y, -1);
  });
  const std::string text = m.str(true);
  for (unsigned i = 0; i < 4; ++i)
    expectContains(text, std::string(__FILE__) + "\":" + std::to_string(line + i) + ":");
  EXPECT_EQ(text.find("frontend/src"), std::string::npos) << text;
}

TEST(Trace, OnlyWhatIsTouchedIsAnArgument) {
  Model m("m");
  auto net = m.add<Classifier>();
  m.function("half", {{"x", f32, {1, 784}}}, [&](Tensor x) { return net->fc1(x); });
  EXPECT_EQ(m.str().find("fc2"), std::string::npos);
}

struct Counter : nn::Module {
  Buffer count{*this, "count", {}, init::constant(3), i32};
};

TEST(Trace, ABufferReadsWhatWasSet) {
  Model m("m");
  auto net = m.add<Counter>();
  m.function("tick", {}, [&] {
    net->count.set(net->count + 1);
    net->count.set(net->count * 2);
  });
  m.function("read", {}, [&] { return net->count.value(); });
  expectValues(interpret(m, "tick", {{"count", {3}}}).at("count"), {}, {8});
  expectContains(
      m.str(),
      "heddle.init = {kind = \"constant\", value = 3.000000e+00 : f64}, heddle.kind = \"buffer\"");
}

struct Block : nn::Module {
  nn::LayerNorm norm;
  Block(nn::Module &parent, std::string name, int width)
      : Module(parent, name), norm(*this, "norm", width) {}
};
struct Deep : nn::Module {
  nn::ModuleList<Block> h{*this, "h", 2, 8};
  Tensor operator()(Tensor x) {
    for (Block &block : h)
      x = x + block.norm(x);
    return x;
  }
};

TEST(Trace, ListsAreNumbered) {
  Model m("m");
  auto net = m.add<Deep>();
  EXPECT_EQ(net->parameters().size(), 4u);
  EXPECT_EQ(net->parameters()[2]->name(), "h.1.norm.weight");
  m.function("f", {{"x", f32, {8}}}, [&](Tensor x) { return net(x); });
  expectContains(m.str(), "heddle.name = \"h.1.norm.bias\"");
}

TEST(Trace, StreamsOfRandomNumbersDiffer) {
  Model m("m");
  auto net = m.add<Classifier>();
  m.train_step(
      "train", {{"x", f32, {2, 784}}},
      [&](Tensor x) { return mean(dropout(dropout(net(x), 0.1), 0.1)); }, optim::SGD{});
  expectContains(m.str(), "stream = 0 : i64");
  expectContains(m.str(), "stream = 1 : i64");
  expectContains(m.str(), "heddle.updates = \"rng\"");
}

TEST(Trace, ManyResultsHaveNames) {
  Model m("m");
  Input x{"x", f32, {2}};
  m.function("pair", {x}, [](Tensor t) { return std::vector<Tensor>{t + 1, t + 2}; });
  m.function("named", {x}, [](Tensor t) { return Named{{"sum", sum(t)}, {"copy", t}}; });
  m.function("list", {x, Input{"y", f32, {2}}},
             [](std::vector<Tensor> all) { return all[0] + all[1]; });
  expectContains(m.str(), "heddle.name = \"output1\"");
  expectContains(m.str(), "heddle.name = \"copy\"");
}

TEST(Trace, TheTextGoesToAFile) {
  Model m("m");
  m.function("one", {}, [] { return ones({1}); });
  const auto path = std::filesystem::temp_directory_path() / "heddle_trace_test.mlir";
  m.write_mlir(path);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  expectContains(text.str(), "heddle.constant");
  std::filesystem::remove(path);
}

} // namespace
} // namespace heddle::testing
