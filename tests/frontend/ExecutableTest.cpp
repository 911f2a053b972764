// Models compiled into this process: training, files, arguments, generation.
#include "Testing.h"

#include <cmath>
#include <filesystem>
#include <numeric>

namespace heddle::testing {
namespace {

struct Line : nn::Module {
  nn::Linear fc{*this, "fc", 1, 1};
  nn::Dropout drop;
  explicit Line(double p) : drop(*this, "drop", p) {}
  Tensor operator()(Tensor x) { return drop(fc(x)); }
};

Model line(double dropout = 0) {
  Model m("line");
  auto net = m.add<Line>(dropout);
  Input x{"x", f32, {4, 1}}, y{"y", f32, {4, 1}};
  m.function("predict", {x}, [&](Tensor t) { return net(t); });
  m.train_step(
      "train", {x, y}, [&](Tensor t, Tensor target) { return mse_loss(net(t), target); },
      optim::Adam{.lr = 0.05});
  return m;
}

const std::vector<float> kX{-1, 0, 1, 2}, kY{-5, -2, 1, 4}; // y = 3 x - 2

struct TemporaryFile {
  std::string path =
      (std::filesystem::temp_directory_path() /
       ("heddle_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name())))
          .string();
  ~TemporaryFile() { std::filesystem::remove(path); }
};

TEST(Executable, LearnsALine) {
  Executable exe = compile(line());
  exe.initialize(0);
  double loss = 0;
  for (int i = 0; i < 800; ++i)
    loss = exe.run("train", kX, kY).loss();
  EXPECT_LT(loss, 1e-6);
  EXPECT_NEAR(exe.tensor("fc.weight").item(), 3, 1e-3);
  EXPECT_NEAR(exe.tensor("fc.bias").item(), -2, 1e-3);
  EXPECT_EQ(exe.tensor("optimizer.step").item(), 800);
  const Outputs predicted = exe.run("predict", kX);
  for (int i = 0; i < 4; ++i)
    EXPECT_NEAR(predicted[0].as<float>()[static_cast<std::size_t>(i)],
                kY[static_cast<std::size_t>(i)], 1e-2);
}

TEST(Executable, RefusesIndicesOutOfRange) {
  struct Table : nn::Module {
    nn::Embedding rows{*this, "rows", 4, 3};
  };
  Model m("classify");
  auto table = m.add<Table>();
  Input tokens{"tokens", i32, {2, 3}};
  m.function("loss", {tokens}, [&](Tensor t) {
    return cross_entropy(table->rows(slice(t, 1, 0, 2)), slice(t, 1, 1, 3));
  });
  Executable exe = compile(m);
  auto error = [&](std::vector<std::int32_t> values) {
    return messageOf([&] { exe.run("loss", values); }, __FILE__);
  };
  EXPECT_EQ(error({0, 1, 2, 3, 2, -100}),
            "function 'loss' needs 'rows.weight', which has no values yet; initialize model "
            "'classify', or load weights, before it is run");
  exe.tensors(); // looks, and gives no values
  EXPECT_NE(error({0, 1, 2, 3, 2, -100}), "no error");
  exe.set_tensor("rows.weight", std::vector<float>(12));
  EXPECT_EQ(error({0, 1, 2, 3, 2, -100}), "no error");
  EXPECT_EQ(
      error({0, 1, 3, 3, 2, 1}),
      "function 'loss': input 0 'tokens' holds 3 at [0, 2]; expected an index in [0, 3), or -100");
  EXPECT_EQ(error({4, 1, 2, 3, 2, 1}),
            "function 'loss': input 0 'tokens' holds 4 at [0, 0]; expected an index in [0, 4)");
  // A token that is looked up is no label to ignore, though the next position's loss would take it.
  EXPECT_EQ(error({0, -100, 2, 3, 2, 1}),
            "function 'loss': input 0 'tokens' holds -100 at [0, 1]; expected an index in [0, 4)");
}

/// Padding is looked up like any other index, but training leaves its row alone.
TEST(Executable, TheRowOfPaddingStaysZeros) {
  struct Table : nn::Module {
    nn::Embedding rows{*this, "rows", 4, 3, {.padding_idx = 2}};
  };
  Model m("padded");
  auto table = m.add<Table>();
  Input tokens{"tokens", i32, {5}};
  m.train_step(
      "train", {tokens},
      [&](Tensor t) {
        const Tensor far = table->rows(t) - 1;
        return mean(far * far);
      },
      optim::SGD{.lr = 0.5});
  m.function("look", {tokens}, [&](Tensor t) { return table->rows(t); });
  Executable exe = compile(m);
  exe.initialize(3);
  const std::vector<std::int32_t> ids = {2, 0, 1, 2, 3};
  const Outputs before = exe.run("look", ids);
  for (const std::size_t i : {0, 1, 2, 9, 10, 11})
    EXPECT_EQ(before[0].as<float>()[i], 0) << i;
  const double first = exe.run("train", ids).loss();
  for (int i = 0; i < 200; ++i)
    exe.run("train", ids);
  const Outputs after = exe.run("look", ids);
  for (std::size_t i = 0; i < 15; ++i)
    EXPECT_NEAR(after[0].as<float>()[i], i < 3 || (i >= 9 && i < 12) ? 0 : 1, 1e-4) << i;
  EXPECT_LT(exe.run("train", ids).loss(), first);
  // Loaded, it is what the file says, and stays so.
  exe.set_tensor("rows.weight", std::vector<float>(12, 7.0F));
  exe.run("train", ids);
  EXPECT_EQ(exe.run("look", ids)[0].as<float>()[0], 7.0F);
}

TEST(Executable, TheSameSeedIsTheSameRun) {
  Executable a = compile(line(0.3)), b = compile(line(0.3));
  a.initialize(7);
  b.initialize(7);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(a.run("train", kX, kY).loss(), b.run("train", kX, kY).loss());
}

struct Wide : nn::Module {
  nn::Linear in{*this, "in", 40, 24}, out{*this, "out", 24, 10};
  Tensor operator()(Tensor x) { return out(tanh(in(x))); }
};

TEST(Executable, PredictionsFollowEveryChangeOfParameters) {
  Model m("wide");
  auto net = m.add<Wide>();
  Input x{"x", f32, {8, 40}}, y{"y", f32, {8, 10}};
  m.function("predict", {x}, [&](Tensor t) { return net(t); });
  m.train_step(
      "train", {x, y}, [&](Tensor t, Tensor target) { return mse_loss(net(t), target); },
      optim::SGD{.lr = 0.5});
  // With packed copies and epilogues, and without: the same sums in the same order.
  Executable exes[] = {compile(m), compile(m, {.pack_parameters = false, .fuse_epilogues = false})};
  EXPECT_NE(exes[0].manifest().find("\"packed\":[{"), std::string::npos);
  EXPECT_EQ(exes[1].manifest().find("\"packed\":[{"), std::string::npos);
  std::vector<float> given(8 * 40), wanted(8 * 10);
  for (std::size_t i = 0; i < given.size(); ++i)
    given[i] = static_cast<float>(std::sin(static_cast<double>(i)));
  std::vector<float> before;
  auto check = [&](const char *after) {
    std::vector<float> predicted[2];
    for (int i = 0; i < 2; ++i) {
      const Outputs result = exes[i].run("predict", given);
      const auto values = result[0].as<float>();
      predicted[i].assign(values.begin(), values.end());
    }
    EXPECT_EQ(predicted[0], predicted[1]) << after;
    EXPECT_NE(predicted[0], before) << after;
    before = predicted[0];
  };
  TemporaryFile file;
  for (Executable &exe : exes)
    exe.initialize(3);
  check("initialize");
  exes[0].save(file.path);
  for (Executable &exe : exes)
    exe.run("train", given, wanted);
  check("train");
  for (Executable &exe : exes)
    exe.set_tensor("in.weight", std::vector<float>(40 * 24, 0.01F));
  check("set_tensor");
  for (Executable &exe : exes)
    exe.load(file.path);
  check("load");
}

TEST(Executable, ResumingRepeatsTheLossesBitForBit) {
  TemporaryFile file;
  Executable exe = compile(line(0.3));
  exe.initialize(1);
  for (int i = 0; i < 3; ++i)
    exe.run("train", kX, kY);
  exe.save_checkpoint(file.path);
  std::vector<double> first, second;
  for (int i = 0; i < 4; ++i)
    first.push_back(exe.run("train", kX, kY).loss());
  Executable other = compile(line(0.3));
  other.resume(file.path);
  for (int i = 0; i < 4; ++i)
    second.push_back(other.run("train", kX, kY).loss());
  EXPECT_EQ(first, second);
}

TEST(Executable, ResumingNeedsACheckpoint) {
  TemporaryFile file;
  Executable exe = compile(line());
  exe.initialize(1);
  exe.save(file.path);
  const std::string message = messageOf([&] { exe.resume(file.path); }, __FILE__);
  EXPECT_NE(message.find("which resuming needs; use a file of save_checkpoint, or load() to start "
                         "from its weights"),
            std::string::npos)
      << message;
  exe.load(file.path);
}

TEST(Executable, FilesHaveMetadata) {
  TemporaryFile file;
  Executable exe = compile(line());
  exe.initialize(1);
  exe.save_checkpoint(file.path, {{"step", "3"}, {"by", "\"me\""}});
  const Metadata metadata = safetensors_metadata(file.path);
  EXPECT_EQ(metadata.at("step"), "3");
  EXPECT_EQ(metadata.at("by"), "\"me\"");
  EXPECT_EQ(metadata.at("model"), "line");
  exe.resume(file.path);
  EXPECT_NE(messageOf(
                [&] {
                  exe.save(file.path, {{"model", "mine"}});
                },
                __FILE__)
                .find("the metadata 'model' is written by Heddle; choose another name"),
            std::string::npos);
  EXPECT_NE(messageOf(
                [&] {
                  exe.save(file.path, {{"name", "\xff"}});
                },
                __FILE__)
                .find("UTF-8"),
            std::string::npos);
  EXPECT_EQ(safetensors_metadata(file.path), metadata) << "the old file is untouched";
}

TEST(Executable, ArgumentsAreChecked) {
  Executable exe = compile(line());
  exe.initialize(1);
  const std::vector<float> three{1, 2, 3};
  const std::vector<double> doubles{1, 2, 3, 4};
  EXPECT_EQ(messageOf([&] { exe.run("predict", three); }, __FILE__),
            "argument 'x' of function 'predict' expects f32 [4, 1], which is 4 elements, got 3");
  EXPECT_EQ(
      messageOf([&] { exe.run("predict", doubles); }, __FILE__),
      "argument 'x' of function 'predict' expects f32 [4, 1], got elements of f64; convert them");
  EXPECT_EQ(messageOf([&] { exe.run("predict"); }, __FILE__),
            "function 'predict' expects 1 argument, got 0: predict(x f32 [4, 1])");
  EXPECT_EQ(messageOf([&] { exe.run("prdict", kX); }, __FILE__),
            "model 'line' has no function 'prdict'; it has predict, train");
  EXPECT_EQ(messageOf([&] { exe.run("predict", HostArray(f32, {4})); }, __FILE__),
            "argument 'x' of function 'predict' expects f32 [4, 1], got shape [4]");
  EXPECT_EQ(messageOf([&] { exe.set_tensor("fc.bias", three); }, __FILE__),
            "tensor 'fc.bias' expects f32 [1], which is 1 elements, got 3");
  EXPECT_THROW(exe.run("predict", kX)["loss"], Error);
}

TEST(Executable, AgreesWithTheInterpreter) {
  Model m = line();
  Executable exe = compile(m);
  exe.set_tensor("fc.weight", std::vector<float>{0.5f});
  exe.set_tensor("fc.bias", -0.25);
  const auto expected =
      interpret(m, "predict", {{"x", {-1, 0, 1, 2}}, {"fc.weight", {0.5}}, {"fc.bias", {-0.25}}});
  expectValues({{4, 1}, exe.run("predict", kX)["output"].to_doubles()}, {4, 1},
               expected.at("output").values);
  std::vector<float> result(4);
  const void *inputs[] = {kX.data()};
  void *outputs[] = {result.data()};
  exe.run_into("predict", inputs, outputs);
  EXPECT_FLOAT_EQ(result[3], 0.75f);
}

TEST(Executable, AGradientIsNeverDroppedInSilence) {
  Model m("m");
  auto net = m.add<Line>(0.0);
  unsigned line = 0;
  m.train_step(
      "train", {{"x", f32, {4, 1}}},
      [&](Tensor x) {
        line = __LINE__ + 1;
        return mean(floor(net(x)));
      },
      optim::SGD{});
  try {
    compile(m);
    FAIL();
  } catch (const Error &error) {
    EXPECT_EQ(error.file(), __FILE__);
    EXPECT_EQ(error.line(), line) << error.what();
  }
}

// A language model that says the token after: logits peak at (token + 1) % 5, or where the cache
// says to stop.
struct Successor : nn::Module {
  Buffer seen{*this, "seen", {8}, {}, i32};
};

Model successor() {
  Model m("successor");
  auto net = m.add<Successor>();
  auto peak = [](Tensor token) { return cast(eq(arange(5), token), f32) * 9; };
  auto next = [](Tensor token) { return where(eq(token, 4), 0, token + 1); };
  m.function("prefill", {{"tokens", i32, {1, 8}}, {"length", i32, {}}},
             [&](Tensor tokens, Tensor length) {
               const Tensor flat = reshape(tokens, {8});
               net->seen.set(flat);
               return peak(next(reshape(dynamic_slice(flat, {length - 1}, {1}), {})));
             });
  m.function("decode", {{"token", i32, {1, 1}}, {"position", i32, {}}},
             [&](Tensor token, Tensor position) {
               net->seen.set(dynamic_update_slice(net->seen, reshape(token, {1}), {position}));
               return peak(next(reshape(token, {})));
             });
  return m;
}

TEST(Generate, GreedyPastTheContext) {
  Executable exe = compile(successor());
  const std::vector<std::int32_t> prompt{1, 2};
  const auto tokens = generate(exe, prompt, {.max_tokens = 20, .temperature = 0});
  std::vector<std::int32_t> expected(20);
  for (std::size_t i = 0; i < 20; ++i)
    expected[i] = static_cast<std::int32_t>((3 + i) % 5);
  EXPECT_EQ(tokens, expected);
}

TEST(Generate, StopsAndRepeats) {
  Executable exe = compile(successor());
  const std::vector<std::int32_t> prompt{0};
  EXPECT_EQ(generate(exe, prompt, {.temperature = 0, .stop_token = 3}),
            (std::vector<std::int32_t>{1, 2}));
  int calls = 0;
  EXPECT_EQ(generate(exe, prompt,
                     {.temperature = 0, .on_token = [&](std::int32_t) { return ++calls < 3; }})
                .size(),
            3u);
  const GenerateOptions wild{
      .max_tokens = 30, .temperature = 5, .top_k = 3, .top_p = 0.9, .seed = 4};
  EXPECT_EQ(generate(exe, prompt, wild), generate(exe, prompt, wild));
  EXPECT_EQ(messageOf([&] { generate(exe, {}); }, __FILE__),
            "generate needs a prompt of at least one token");
}

TEST(Library, IsWritten) {
  const auto directory = std::filesystem::temp_directory_path() / "heddle_library_test";
  std::filesystem::remove_all(directory);
  write_library(line(), directory.string());
  for (const char *file : {"libline.so", "libline.a", "line.h"})
    EXPECT_TRUE(std::filesystem::exists(directory / file)) << file;
  std::filesystem::remove_all(directory);
}

} // namespace
} // namespace heddle::testing
