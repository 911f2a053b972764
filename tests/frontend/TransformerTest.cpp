// Attention modules and the Transformer's layers. tests/twins compares their
// numbers with PyTorch's; here is what it has not: masks that hide all, caches, errors.
#include "Testing.h"

#include <cmath>

namespace heddle::testing {
namespace {

constexpr const char *kFile = __FILE__;

std::vector<float> numbers(int count, float step) {
  std::vector<float> values;
  for (int i = 0; i < count; ++i)
    values.push_back(std::cos(static_cast<float>(i) * step));
  return values;
}

TEST(Positions, AreTheTableOfThePaper) {
  // Far from 0 too, and of an odd width.
  for (const std::int64_t start : {0, 5000}) {
    const Values table = eval({Given{{}, {static_cast<double>(start)}, i32}},
                              [](Tensor from) { return nn::sinusoidal_positions(3, 5, from); });
    ASSERT_EQ(table.shape.str(), "[3, 5]");
    for (std::int64_t p = 0; p < 3; ++p)
      for (std::int64_t i = 0; i < 5; ++i) {
        const double angle = static_cast<double>(start + p) / std::pow(10000.0, (i - i % 2) / 5.0);
        EXPECT_NEAR(table.values[static_cast<std::size_t>(p * 5 + i)],
                    i % 2 ? std::cos(angle) : std::sin(angle), 1e-9);
      }
  }
}

TEST(Masks, HideKeysOfEachRow) {
  // Equal scores: the mean of the values seen. Each batch has its own padding; the last nothing.
  const Given q{{3, 1, 2, 1}, {0, 0, 0, 0, 0, 0}}, v{{3, 1, 2, 1}, {3, 5, 3, 5, 3, 5}},
      mask{{3, 1, 1, 2}, {1, 1, 0, 1, 0, 0}, i1};
  auto masked = [](bool causal) {
    return [causal](Tensor a, Tensor b, Tensor m) {
      return scaled_dot_product_attention(a, a, b, {.causal = causal, .mask = m});
    };
  };
  expectValues(eval({q, v, mask}, masked(false)), {3, 1, 2, 1}, {4, 4, 5, 5, 0, 0});
  expectValues(eval({q, v, mask}, masked(true)), {3, 1, 2, 1}, {3, 4, 0, 5, 0, 0});
}

TEST(Masks, BroadcastOverAnyLeadingDimensions) {
  // [2, 2, 1, 2, 1]: five dimensions, of which the first two become one; the mask has the second.
  const Given q{{2, 2, 1, 2, 1}, std::vector<double>(8, 0)},
      v{{2, 2, 1, 2, 1}, {1, 3, 1, 3, 5, 7, 5, 7}}, mask{{2, 1, 1, 2}, {1, 0, 0, 1}, i1};
  expectValues(eval({q, v, mask},
                    [](Tensor a, Tensor b, Tensor m) {
                      return scaled_dot_product_attention(a, a, b, {.mask = m});
                    }),
               {2, 2, 1, 2, 1}, {1, 1, 3, 3, 5, 5, 7, 7});
}

struct Self : nn::Module {
  nn::MultiheadAttention attn;
  explicit Self(double dropout) : attn(*this, "attn", 4, 2, {.dropout = dropout}) {}
};

// With dropout, training takes the formula spelled out.
TEST(Masks, NoGradientIsNaNWhereARowIsAllPadding) {
  for (const double dropout : {0.0, 0.5}) {
    Model model("m");
    auto net = model.add<Self>(dropout);
    Input x{"x", f32, {2, 3, 4}}, padding{"padding", i1, {2, 3}};
    model.train_step(
        "train", {x, padding},
        [&](Tensor t, Tensor p) {
          return mean((*net).attn(t, {.key_padding_mask = p}) * (*net).attn(t));
        },
        optim::SGD{.lr = 1});
    Executable exe = compile(model);
    exe.initialize(3);
    std::vector<float> values(24, 0.5f);
    const std::vector<bool> hidden{false, true, true, true, true, true};
    const double loss = exe.run("train", values, hidden).loss();
    EXPECT_TRUE(std::isfinite(loss));
    for (const TensorInfo &tensor : exe.tensors())
      for (const double value : exe.tensor(tensor.name).to_doubles())
        ASSERT_TRUE(std::isfinite(value)) << tensor.name << ", dropout " << dropout;
  }
}

struct Decoder : nn::Module {
  nn::TransformerDecoder decoder;
  nn::ModuleList<nn::DecoderCache> cache{*this, "cache", 2, 1, 2, 3, 5, 4};
  explicit Decoder(bool norm_first)
      : decoder(*this, "decoder", 2, 8, 2, {.dim_feedforward = 6, .norm_first = norm_first},
                /*norm=*/true) {}
};

TEST(Decoding, StepByStepGivesWhatTheWholeGives) {
  for (const bool norm_first : {false, true}) {
    Model model("m");
    auto net = model.add<Decoder>(norm_first);
    const Input memory{"memory", f32, {1, 5, 8}}, padding{"padding", i1, {1, 5}};
    model.function("whole", {{"x", f32, {1, 3, 8}}, memory, padding},
                   [&](Tensor x, Tensor m, Tensor p) {
                     return net->decoder(x, m, {.causal = true}, {.key_padding_mask = p});
                   });
    model.function("remember", {memory}, [&](Tensor m) { net->decoder.remember(m, net->cache); });
    model.function("step", {{"x", f32, {1, 1, 8}}, {"position", i32, {}}, padding},
                   [&](Tensor x, Tensor position, Tensor p) {
                     return net->decoder(x, net->cache, position, {.key_padding_mask = p});
                   });
    Executable exe = compile(model);
    exe.initialize(1);
    const std::vector<float> x = numbers(24, 1.3f), memoryValues = numbers(40, 0.9f);
    const std::vector<bool> hidden{false, false, false, true, true};
    const HostArray whole = exe.run("whole", x, memoryValues, hidden)[0];
    exe.run("remember", memoryValues);
    for (std::int32_t p = 0; p < 3; ++p) {
      const std::vector<float> one(x.begin() + p * 8, x.begin() + p * 8 + 8);
      const HostArray step = exe.run("step", one, p, hidden)[0];
      for (std::int64_t i = 0; i < 8; ++i)
        EXPECT_NEAR(step[i], whole[p * 8 + i], 1e-5) << "position " << p << ", element " << i;
    }
  }
}

struct Small : nn::Module {
  nn::Transformer transformer{*this,
                              "transformer",
                              4,
                              2,
                              {.num_encoder_layers = 1,
                               .num_decoder_layers = 1,
                               .layer = {.dim_feedforward = 3, .bias = false}}};
};

TEST(Transformer, HasTheNamesOfPyTorch) {
  Model model("m");
  auto net = model.add<Small>();
  std::vector<std::string> names;
  for (Parameter *parameter : net->parameters())
    names.push_back(parameter->name());
  const std::string e = "transformer.encoder.", d = "transformer.decoder.";
  EXPECT_EQ(
      names,
      (std::vector<std::string>{
          e + "layers.0.self_attn.out_proj.weight", e + "layers.0.self_attn.in_proj_weight",
          e + "layers.0.linear1.weight", e + "layers.0.linear2.weight", e + "layers.0.norm1.weight",
          e + "layers.0.norm2.weight", e + "norm.weight", d + "layers.0.self_attn.out_proj.weight",
          d + "layers.0.self_attn.in_proj_weight", d + "layers.0.multihead_attn.out_proj.weight",
          d + "layers.0.multihead_attn.in_proj_weight", d + "layers.0.linear1.weight",
          d + "layers.0.linear2.weight", d + "layers.0.norm1.weight", d + "layers.0.norm2.weight",
          d + "layers.0.norm3.weight", d + "norm.weight"}));
}

TEST(Transformer, MistakesAreNamed) {
  struct Odd : nn::Module {
    nn::MultiheadAttention attn{*this, "attn", 6, 4};
  };
  EXPECT_EQ(messageOf([] { Model("m").add<Odd>(); }, kFile),
            "attention 'attn' has width 6 and 4 heads; the heads must divide the width");

  struct Net : nn::Module {
    nn::MultiheadAttention attn{*this, "attn", 4, 2}, wide{*this, "wide", 4, 2, {.kdim = 6}};
    nn::TransformerDecoder decoder{*this, "decoder", 2, 4, 2};
    nn::KVCache cache{*this, "cache", 2, 2, 5, 2};
    nn::ModuleList<nn::DecoderCache> caches{*this, "caches", 1, 2, 2, 5, 5, 2};
  };
  Model model("m");
  auto net = model.add<Net>();
  auto message = [&](std::vector<Input> inputs, auto body) {
    static int number = 0;
    return messageOf(
        [&] { model.function("f" + std::to_string(++number), std::move(inputs), body); }, kFile);
  };
  const Input x{"x", f32, {2, 3, 4}}, y{"y", f32, {2, 5, 4}};
  EXPECT_EQ(message({x, {"p", i1, {2, 4}}},
                    [&](Tensor t, Tensor p) { return net->attn(t, {.key_padding_mask = p}); }),
            "attention 'attn' expects a key_padding_mask i1 [2, 3] (batch x keys), got i1 [2, 4]");
  EXPECT_EQ(message({x, {"p", f32, {2, 3}}},
                    [&](Tensor t, Tensor p) { return net->attn(t, {.key_padding_mask = p}); }),
            "attention 'attn' expects a key_padding_mask i1 [2, 3] (batch x keys), got f32 [2, 3]");
  EXPECT_EQ(
      message({x, {"m", i1, {4, 3}}},
              [&](Tensor t, Tensor m) { return net->attn(t, {.mask = m}); }),
      "scaled_dot_product_attention expects an i1 mask that broadcasts to [2, 2, 3, 3] (... x "
      "queries x keys), got i1 [4, 3]; unsqueeze() gives it the dimensions of size 1 that it "
      "lacks");
  EXPECT_EQ(
      message({x, {"m", f32, {3, 3}}},
              [&](Tensor t, Tensor m) { return net->attn(t, {.mask = m}); }),
      "scaled_dot_product_attention expects an i1 mask that broadcasts to [2, 2, 3, 3] (... x "
      "queries x keys), got f32 [3, 3]; make one by a comparison, such as ne(tokens, padding)");
  auto attend = [&](DType dtype, Shape shape, bool causal, const Input &keys) {
    return message({x, keys, {"p", dtype, shape}}, [=](Tensor q, Tensor k, Tensor p) {
      return scaled_dot_product_attention(q, k, k, {.causal = causal, .position = p});
    });
  };
  EXPECT_EQ(attend(f32, {}, true, y),
            "scaled_dot_product_attention expects a position that is an i32 or i64 scalar, got f32 "
            "[]; declare the input with shape {}");
  EXPECT_EQ(attend(i32, {1}, true, y),
            "scaled_dot_product_attention expects a position that is an i32 or i64 scalar, got i32 "
            "[1]; declare the input with shape {}");
  EXPECT_EQ(attend(i32, {}, false, y),
            "scaled_dot_product_attention is given a position without causal; a position says "
            "which keys come after a query, so set causal too, or leave it out for all keys");
  EXPECT_EQ(attend(i64, {}, true, {"z", f32, {2, 2, 4}}),
            "scaled_dot_product_attention expects at least as many keys as queries from a position "
            "on, got 3 queries and 2 keys");
  for (const Input &p : {Input{"p", f32, {}}, Input{"p", i32, {1}}})
    EXPECT_EQ(message({x, p}, [&](Tensor t, Tensor at) { return net->attn(t, net->cache, at); }),
              "attention 'attn' expects a position that is an i32 or i64 scalar, got " +
                  std::string(p.dtype == f32 ? "f32 []" : "i32 [1]") +
                  "; declare the input with shape {}");
  EXPECT_EQ(
      message({x, {"z", f32, {1, 3, 4}}}, [&](Tensor t, Tensor z) { return net->attn(t, z, z); }),
      "attention 'attn' expects queries, keys and values of one batch, and as many keys as "
      "values, got [2, 3], [1, 3] and [1, 3] of them ([batch, length])");
  EXPECT_EQ(message({{"x", f32, {3, 4}}}, [&](Tensor t) { return net->attn(t); }),
            "attention 'attn' expects queries [batch, length, width], got f32 [3, 4]");
  EXPECT_EQ(
      message({x, {"p", i32, {}}}, [&](Tensor t, Tensor p) { return net->wide(t, net->cache, p); }),
      "attention 'wide' has a kdim or vdim, so it cannot attend to its own input");
  EXPECT_EQ(
      message({x}, [&](Tensor t) { net->attn.remember(t, t, net->cache); }),
      "attention 'attn' expects a cache of the memory's shape [2, 2, 3, 2], got [2, 2, 5, 2]");
  EXPECT_EQ(message({y}, [&](Tensor t) { net->decoder.remember(t, net->caches); }),
            "decoder 'decoder' has 2 layers and needs as many caches, got 1");
  EXPECT_EQ(message({x},
                    [&](Tensor t) {
                      return t + constant({1, 2, 3}, {4});
                    }),
            "constant expects 4 numbers for the shape [4], got 3");
}

TEST(Constants, HoldTheirNumbers) {
  expectValues(eval({}, [] { return constant({1, 2.5, -3, 4}, {2, 2}); }), {2, 2}, {1, 2.5, -3, 4});
  expectValues(eval({}, [] { return constant({7, -1}, {2}, i64); }), {2}, {7, -1});
  EXPECT_EQ(messageOf([] { eval({}, [] { return constant({1.5}, {1}, i32); }); }, kFile),
            "constant cannot write the number 1.5 as i32; use a float tensor, with cast(x, f32)");
}

} // namespace
} // namespace heddle::testing
