// The GPT's three ways to the same logits: all positions at once, prefill, and one token at a time
// from the cache.
#include <model.h>

#include <gtest/gtest.h>

#include <cmath>

using namespace heddle;

namespace {

constexpr std::int64_t kContext = 16, kVocabulary = 11;

Model make_model() {
  const gpt::Config config{
      .layers = 2, .heads = 2, .width = 16, .context = kContext, .vocabulary = kVocabulary};
  Model m("gpt_test");
  auto net = m.add<gpt::Gpt>(config);
  m.function("forward", {{"tokens", i32, {1, kContext}}}, [=](Tensor x) { return net(x); });
  m.function("prefill", {{"tokens", i32, {1, kContext}}, {"length", i32, {}}},
             [=](Tensor tokens, Tensor length) { return net->prefill(tokens, length); });
  m.function("decode", {{"token", i32, {1, 1}}, {"position", i32, {}}},
             [=](Tensor token, Tensor position) { return net->decode(token, position); });
  return m;
}

std::vector<std::int32_t> make_tokens() {
  std::vector<std::int32_t> tokens;
  for (std::int64_t i = 0; i < kContext; ++i)
    tokens.push_back(static_cast<std::int32_t>((7 * i + i * i) % kVocabulary));
  return tokens;
}

// Weights large enough that a wrong position or mask shows.
Executable make_executable() {
  Executable exe = compile(make_model());
  exe.initialize(3);
  for (const TensorInfo &info : exe.tensors()) {
    HostArray values = exe.tensor(info.name);
    for (float &value : values.as<float>())
      value *= info.shape.rank() == 2 ? 20 : 1;
    exe.set_tensor(info.name, values);
  }
  return exe;
}

void expect_row(const HostArray &all, std::int64_t position, const HostArray &row,
                const std::string &what) {
  for (std::int64_t i = 0; i < kVocabulary; ++i)
    ASSERT_NEAR(all[position * kVocabulary + i], row[i], 1e-3 * (1 + std::abs(row[i])))
        << what << ", logit " << i;
}

TEST(GptModel, PrefillIsTheForwardPass) {
  Executable exe = make_executable();
  const auto tokens = make_tokens();
  const Outputs all = exe.run("forward", tokens);
  for (std::int32_t length = 1; length <= kContext; ++length)
    expect_row(all[0], length - 1, exe.run("prefill", tokens, length)[0],
               "length " + std::to_string(length));
}

TEST(GptModel, DecodeIsTheForwardPass) {
  Executable exe = make_executable();
  const auto tokens = make_tokens();
  const Outputs all = exe.run("forward", tokens);
  for (const std::int32_t start : {1, 5, static_cast<std::int32_t>(kContext - 1)}) {
    exe.run("prefill", tokens, start);
    for (std::int32_t position = start; position < kContext; ++position)
      expect_row(all[0], position,
                 exe.run("decode",
                         std::vector<std::int32_t>{tokens[static_cast<std::size_t>(position)]},
                         position)[0],
                 "from " + std::to_string(start) + ", position " + std::to_string(position));
  }
}

TEST(GptModel, SaysWhichSizeIsWrong) {
  auto message = [](const gpt::Config &config) {
    try {
      config.check();
    } catch (const Error &error) {
      return error.message();
    }
    return std::string();
  };
  EXPECT_EQ(
      message({.heads = 3, .width = 128, .vocabulary = 5}),
      "gpt: width 128 cannot be cut into 3 heads; choose a width that is a multiple of the heads");
  EXPECT_EQ(message({.layers = 0, .vocabulary = 5}), "gpt: layers is 0; it must be at least 1");
}

} // namespace
