// Neural ops, losses and layers against values worked out by hand or in plain loops.
#include "Testing.h"

#include <cmath>

namespace heddle::testing {
namespace {

TEST(Neural, SoftmaxAndItsLogarithm) {
  const Given x{{2, 2}, {0, std::log(3), 1000, 1000}};
  expectValues(eval({x}, [](Tensor t) { return softmax(t, -1); }), {2, 2}, {0.25, 0.75, 0.5, 0.5});
  expectValues(eval({x}, [](Tensor t) { return log_softmax(t, 1); }), {2, 2},
               {std::log(0.25), std::log(0.75), std::log(0.5), std::log(0.5)});
}

TEST(Neural, EmbeddingTakesRows) {
  expectValues(eval({Given{{2, 1}, {2, 0}, i32}, Given{{3, 2}, {1, 2, 3, 4, 5, 6}}},
                    [](Tensor i, Tensor table) { return embedding(i, table); }),
               {2, 1, 2}, {5, 6, 1, 2});
}

TEST(Neural, LayerNorm) {
  // mean 2, variance 1
  expectValues(eval({Given{{1, 2}, {1, 3}}, Given{{2}, {2, 2}}, Given{{2}, {0.5, 0.5}}},
                    [](Tensor x, Tensor w, Tensor b) { return layer_norm(x, w, b, 0.0); }),
               {1, 2}, {-1.5, 2.5});
}

TEST(Neural, CausalAttentionSeesThePast) {
  // Equal scores: the mean of the values seen.
  const Given q{{1, 1, 3, 1}, {0, 0, 0}}, v{{1, 1, 3, 1}, {3, 5, 10}};
  expectValues(eval({q, v},
                    [](Tensor a, Tensor b) {
                      return scaled_dot_product_attention(a, a, b, {.causal = true});
                    }),
               {1, 1, 3, 1}, {3, 4, 6});
  expectValues(
      eval({q, v}, [](Tensor a, Tensor b) { return scaled_dot_product_attention(a, a, b); }),
      {1, 1, 3, 1}, {6, 6, 6});
}

TEST(Neural, AttentionTakesAMaskAndAnyLeadingDimensions) {
  const Given q{{3, 1}, {0, 0, 0}}, v{{3, 2}, {3, 1, 5, 1, 10, 1}};
  expectValues(eval({q, v},
                    [](Tensor a, Tensor b) {
                      return scaled_dot_product_attention(a, a, b, {.mask = ge(arange(3), 1)});
                    }),
               {3, 2}, {7.5, 1, 7.5, 1, 7.5, 1});
}

TEST(Neural, AttentionFromAPositionSeesWhatTheCacheHolds) {
  // Equal scores: the mean of the values seen.
  const Given q{{2, 1}, {0, 0}}, k{{4, 1}, {0, 0, 0, 0}}, v{{4, 1}, {2, 4, 9, 13}};
  const std::pair<double, std::vector<double>> expected[] = {
      {-5, {2, 3}}, {0, {2, 3}}, {1, {3, 5}}, {2, {5, 7}}, {3, {5, 7}}};
  for (const auto &[position, means] : expected)
    for (const DType dtype : {i32, i64})
      expectValues(eval({q, k, v, Given{{}, {position}, dtype}},
                        [](Tensor a, Tensor b, Tensor c, Tensor p) {
                          return scaled_dot_product_attention(a, b, c,
                                                              {.causal = true, .position = p});
                        }),
                   {2, 1}, means);
}

TEST(Neural, AttentionScalesByTheWidth) {
  // One query, keys along it: weights softmax(4 / sqrt 4, 0).
  const double w = std::exp(2) / (std::exp(2) + 1);
  expectValues(
      eval({Given{{1, 4}, {1, 1, 1, 1}}, Given{{2, 4}, {1, 1, 1, 1, 0, 0, 0, 0}},
            Given{{2, 1}, {1, 0}}},
           [](Tensor q, Tensor k, Tensor v) { return scaled_dot_product_attention(q, k, v); }),
      {1, 1}, {w});
}

TEST(Neural, Losses) {
  expectValues(eval({Given{{2}, {1, 2}}, Given{{2}, {3, 5}}},
                    [](Tensor p, Tensor t) { return mse_loss(p, t); }),
               {}, {6.5});
  const Given logits{{1, 3, 2}, {0, std::log(3), 0, 0, 5, 5}};
  auto loss = [](Tensor x, Tensor y) { return cross_entropy(x, y); };
  expectValues(eval({logits, Given{{1, 3}, {1, 0, -100}, i32}}, loss), {},
               {-(std::log(0.75) + std::log(0.5)) / 2});
  expectValues(eval({logits, Given{{1, 3}, {-100, -100, -100}, i32}}, loss), {}, {NAN});
  expectValues(eval({Given{{2}, {0, 0}}, Given{{}, {1}, i64}}, loss), {}, {std::log(2)});
}

struct Net : nn::Module {
  nn::Linear fc{*this, "fc", 2, 1};
  nn::Dropout drop{*this, "drop", 0.5};
  Tensor operator()(Tensor x) { return drop(fc(x)); }
};

TEST(Neural, DropoutActsInTrainingOnly) {
  Model model("m");
  auto net = model.add<Net>();
  Input x{"x", f32, {1, 2}};
  model.function("predict", {x}, [&](Tensor t) { return net(t); });
  model.train_step(
      "train", {x}, [&](Tensor t) { return mean(net(t) + net(t)); }, optim::SGD{});
  const ByName given{{"x", {1, 2}}, {"fc.weight", {3, 4}}, {"fc.bias", {0.5}}};
  expectValues(interpret(model, "predict", given).at("output"), {1, 1}, {11.5});
  // Each drop is 0 or doubles, and the two are drawn apart: over seeds, 0, 23 and 46 occur.
  std::map<double, int> seen;
  for (double seed = 0; seed < 32; ++seed) {
    ByName train = given;
    train["rng"] = {seed, 7};
    train["gradient.fc.weight"] = {0, 0};
    train["gradient.fc.bias"] = {0};
    auto results = interpret(model, "train", train);
    ++seen[std::round(results.at("loss").values[0])];
    expectValues(results.at("rng"), {2}, {seed, 8});
  }
  EXPECT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen.count(0) + seen.count(23) + seen.count(46), 3u);
}

// With dropout, training takes the formula spelled out; so little of it drops nothing.
TEST(Neural, AttentionFromAPositionTrainsWithDropout) {
  for (const double dropout : {0.0, 1e-12}) {
    Model model("m");
    auto net = model.add<Net>();
    model.train_step(
        "train", {{"x", f32, {4, 2}}, {"position", i64, {}}},
        [&](Tensor x, Tensor p) {
          const Tensor q = narrow(x, 0, 0, 2) * mean(net->fc.weight);
          return sum(scaled_dot_product_attention(
              q, x, x, {.causal = true, .position = p, .dropout = dropout}));
        },
        optim::SGD{.lr = 1});
    for (const double position : {-1, 0, 1, 2, 7}) {
      ByName given{{"x", {1, 0, 0, 1, 1, 1, 0, 3}}, {"position", {position}}};
      if (dropout > 0)
        given["rng"] = {1, 1};
      given["fc.weight"] = {0, 0}; // equal scores
      const std::size_t at = position <= 0 ? 0 : position == 1 ? 1 : 2;
      const double losses[] = {1 + 1, 1 + 4. / 3, 4. / 3 + 7. / 4};
      EXPECT_NEAR(interpret(model, "train", given).at("loss").values[0], losses[at], 1e-9)
          << "position " << position << ", dropout " << dropout;
    }
  }
}

struct Attention : nn::Module {
  nn::CausalSelfAttention attn{*this, "attn", 4, 2, {.bias = false}};
  nn::KVCache cache{*this, "cache", 1, 2, 3, 2};
};

TEST(Neural, DecodingWithACacheGivesWhatTheWholeGives) {
  Model model("m");
  auto net = model.add<Attention>();
  model.function("whole", {{"x", f32, {1, 3, 4}}}, [&](Tensor x) { return net->attn(x); });
  model.function("decode", {{"x", f32, {1, 1, 4}}, {"position", i32, {}}},
                 [&](Tensor x, Tensor p) { return net->attn(x, net->cache, p); });
  std::vector<double> x, wide, square;
  for (int i = 0; i < 12; ++i)
    x.push_back(std::sin(i * 1.7));
  for (int i = 0; i < 48; ++i)
    wide.push_back(std::cos(i * 0.9));
  for (int i = 0; i < 16; ++i)
    square.push_back(std::sin(i * 0.4));
  ByName weights{{"attn.c_attn.weight", wide}, {"attn.c_proj.weight", square}};
  ByName given = weights;
  given["x"] = x;
  const auto whole = interpret(model, "whole", given).at("output").values;
  ByName state = weights;
  for (int p = 0; p < 3; ++p) {
    state["x"].assign(x.begin() + p * 4, x.begin() + p * 4 + 4);
    state["position"] = {static_cast<double>(p)};
    const auto results = interpret(model, "decode", state);
    expectValues(results.at("output"), {1, 1, 4},
                 {whole.begin() + p * 4, whole.begin() + p * 4 + 4}, 1e-9);
    state["cache.k"] = results.at("cache.k").values;
    state["cache.v"] = results.at("cache.v").values;
  }
}

TEST(Neural, InitialisersBecomeBounds) {
  auto expect = [](Init init, Shape shape, Init::Kind kind, double first, double second) {
    const Init got = init.resolve(shape);
    EXPECT_EQ(got.kind, kind);
    EXPECT_NEAR(got.first, first, 1e-12);
    EXPECT_NEAR(got.second, second, 1e-12);
  };
  expect(init::xavier_uniform(), {2, 4}, Init::Kind::uniform, -1, 1);
  expect(init::xavier_normal(2), {2, 6}, Init::Kind::normal, 0, 1);
  expect(init::kaiming_uniform(), {5, 6}, Init::Kind::uniform, -1, 1);
  expect(init::kaiming_normal(1), {5, 4}, Init::Kind::normal, 0, 0.5);
  expect(init::kaiming_normal(1), {5, 2, 2}, Init::Kind::normal, 0, 0.5);
  expect(init::uniform(-3, 2), {9}, Init::Kind::uniform, -3, 2);
}

} // namespace
} // namespace heddle::testing
