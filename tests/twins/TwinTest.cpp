// Heddle's modules beside PyTorch's, and models beside Hugging Face's, of the same weights:
// outputs, and the weights after a step of training, which hold every gradient. record.py says what
// is in the files.
#include "bert/model.h"
#include "gpt/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include <unistd.h>

using namespace heddle;

namespace {

struct Twin {
  NamedArrays arrays; // of the file
  std::vector<Input> inputs;
  std::vector<HostArray> values;

  explicit Twin(const std::string &name) {
    const char *folder = std::getenv("HEDDLE_TWINS");
    arrays =
        read_safetensors(std::string(folder ? folder : HEDDLE_TWINS) + "/" + name + ".safetensors");
  }
  /// The file's inputs that are the model's, in order.
  void take(const std::vector<std::string> &names) {
    for (const std::string &name : names) {
      const HostArray &array = arrays.at("input." + name);
      inputs.emplace_back(name, array.dtype(), array.shape());
      values.push_back(array);
    }
  }
  std::int64_t width(const std::string &input) const {
    return arrays.at("input." + input).shape()[-1];
  }

  /// A weight by its name in Heddle's model.
  const HostArray &given(const std::string &name) const {
    const auto found = arrays.find("weights." + name);
    return found != arrays.end() ? found->second : arrays.at("weights.transformer." + name);
  }
  /// As record.py has them: four in its larger cases.
  std::int64_t heads(std::int64_t width) const { return width > 8 ? 4 : 2; }
  std::int64_t heads() const { return heads(inputs[0].shape[-1]); }

  /// The weights as a file of their own, since it is files that load.
  std::string weights() const {
    NamedArrays weights;
    for (const auto &[name, array] : arrays)
      if (name.starts_with("weights."))
        weights.emplace(name.substr(8), array);
    const std::string path =
        ::testing::TempDir() + "heddle_twin_" + std::to_string(::getpid()) + ".safetensors";
    write_safetensors(path, weights);
    return path;
  }
};

/// NaN counts as infinite.
double worst(double so_far, double difference) {
  return std::isnan(difference) ? INFINITY : std::max(so_far, std::abs(difference));
}

HostArray transposed(const HostArray &array) {
  const std::int64_t rows = array.shape()[0], columns = array.shape()[1];
  std::vector<float> values;
  for (std::int64_t j = 0; j < columns; ++j)
    for (std::int64_t i = 0; i < rows; ++i)
      values.push_back(static_cast<float>(array[i * columns + j]));
  return HostArray::of(Shape{columns, rows}, values);
}

/// A module as the whole of a model, where PyTorch's names have no prefix.
template <class M> struct Root : nn::Module {
  M net;
  template <class... Args> explicit Root(const Args &...args) : net(*this, "net", args...) {}
};
const std::string kPrefix = "net.";
const WeightFormat kUnprefixed{.file_names = [](const std::string &parameter) {
  return std::vector<std::string>{parameter.substr(kPrefix.size())};
}};

/// Runs `body` on the file's inputs, and trains a step, both from the file's weights.
template <class F>
void expectTwins(const Twin &twin, Model &model, const WeightFormat &format,
                 const std::string &prefix, F body) {
  model.function("predict", twin.inputs, body);
  std::vector<Input> inputs = twin.inputs;
  inputs.emplace_back("cotangent", f32, twin.arrays.at("input.cotangent").shape());
  model.train_step(
      "train", inputs,
      [=](std::vector<Tensor> t) {
        const Tensor cotangent = t.back();
        t.pop_back();
        return mean(body(t) * cotangent);
      },
      optim::SGD{.lr = 0.1});
  Executable exe = compile(model);
  load_pretrained(exe, twin.weights(), format);

  std::vector<Argument> arguments(twin.values.begin(), twin.values.end());
  const Outputs outputs = exe.call("predict", arguments);
  const HostArray &output = twin.arrays.at("output");
  ASSERT_EQ(outputs[0].shape(), output.shape());
  double largest = 0, apart = 0;
  for (std::int64_t i = 0; i < output.size(); ++i) {
    largest = std::max(largest, std::abs(output[i]));
    apart = worst(apart, outputs[0][i] - output[i]);
  }
  EXPECT_LT(apart, 1e-4 * largest);

  arguments.emplace_back(twin.arrays.at("input.cotangent"));
  exe.call("train", arguments);
  int compared = 0;
  for (const auto &[name, array] : twin.arrays) {
    if (!name.starts_with("trained."))
      continue;
    const std::string parameter = prefix + name.substr(8);
    const bool turned = format.transposed && format.transposed(parameter);
    const HostArray after = exe.tensor(parameter), want = turned ? transposed(array) : array,
                    given = twin.given(name.substr(8)), before = turned ? transposed(given) : given;
    // What is compared is the step. Both weights are rounded to f32 after it.
    double moved = 0, most = 0;
    apart = 0;
    for (std::int64_t i = 0; i < want.size(); ++i) {
      most = std::max(most, std::abs(want[i]));
      moved = std::max(moved, std::abs(want[i] - before[i]));
      apart = worst(apart, after[i] - want[i]);
    }
    EXPECT_LE(apart, 1e-4 * moved + 0x1p-23 * most) << parameter << " moved by " << moved;
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

template <class M, class F> void expectTwins(const Twin &twin, F call, const auto &...args) {
  Model model("twin");
  auto root = model.add<Root<M>>(args...);
  expectTwins(twin, model, kUnprefixed, kPrefix,
              [=](std::vector<Tensor> t) { return call(root->net, t); });
}

TEST(Twins, MultiheadAttention) {
  Twin twin("multihead_attention");
  twin.take({"query", "key", "key_padding_mask"});
  expectTwins<nn::MultiheadAttention>(
      twin,
      [](auto &net, std::vector<Tensor> t) {
        return net(t[0], t[1], t[1], {.key_padding_mask = t[2]});
      },
      twin.width("query"), twin.heads());
}

TEST(Twins, MultiheadAttentionOfOtherWidths) {
  Twin twin("multihead_attention_dims");
  twin.take({"query", "key", "value", "mask"});
  expectTwins<nn::MultiheadAttention>(
      twin, [](auto &net, std::vector<Tensor> t) { return net(t[0], t[1], t[2], {.mask = t[3]}); },
      twin.width("query"), twin.heads(),
      nn::MultiheadAttentionOptions{.bias = false, .vdim = twin.width("value")});
}

nn::TransformerLayerOptions layer(const Twin &twin, const std::string &input) {
  return {.dim_feedforward = 3 * twin.width(input), .dropout = 0};
}

TEST(Twins, PostNormEncoder) {
  Twin twin("encoder_post_norm");
  twin.take({"src", "src_key_padding_mask"});
  expectTwins<nn::TransformerEncoder>(
      twin, [](auto &net, std::vector<Tensor> t) { return net(t[0], {.key_padding_mask = t[1]}); },
      std::int64_t{2}, twin.width("src"), twin.heads(), layer(twin, "src"));
}

TEST(Twins, PreNormEncoder) {
  Twin twin("encoder_pre_norm");
  twin.take({"src", "src_key_padding_mask"});
  nn::TransformerLayerOptions options = layer(twin, "src");
  options.activation = nn::Activation::gelu;
  options.norm_first = true;
  expectTwins<nn::TransformerEncoder>(
      twin, [](auto &net, std::vector<Tensor> t) { return net(t[0], {.key_padding_mask = t[1]}); },
      std::int64_t{2}, twin.width("src"), twin.heads(), options, /*norm=*/true);
}

TEST(Twins, PreNormDecoder) {
  Twin twin("decoder_pre_norm");
  twin.take({"tgt", "memory", "memory_key_padding_mask"});
  nn::TransformerLayerOptions options = layer(twin, "tgt");
  options.norm_first = true;
  expectTwins<nn::TransformerDecoder>(
      twin,
      [](auto &net, std::vector<Tensor> t) {
        return net(t[0], t[1], {.causal = true}, {.key_padding_mask = t[2]});
      },
      std::int64_t{2}, twin.width("tgt"), twin.heads(), options);
}

TEST(Twins, Transformer) {
  Twin twin("transformer");
  twin.take({"src", "tgt", "src_key_padding_mask", "tgt_key_padding_mask"});
  expectTwins<nn::Transformer>(
      twin,
      [](auto &net, std::vector<Tensor> t) {
        return net(t[0], t[1], {.key_padding_mask = t[2]},
                   {.key_padding_mask = t[3], .causal = true});
      },
      twin.width("src"), twin.heads(),
      nn::TransformerOptions{
          .num_encoder_layers = 2, .num_decoder_layers = 2, .layer = layer(twin, "src")});
}

TEST(Twins, Gpt2) {
  Twin twin("gpt2");
  twin.take({"tokens"});
  const Shape table = twin.given("wte.weight").shape();
  Model model("twin");
  auto net = model.add<gpt::Gpt>(gpt::Config{.layers = 2,
                                             .heads = twin.heads(table[1]),
                                             .width = table[1],
                                             .context = twin.given("wpe.weight").shape()[0],
                                             .vocabulary = table[0]});
  expectTwins(twin, model, hugging_face_gpt2(), "",
              [=](std::vector<Tensor> t) { return (*net)(t[0]); });
}

TEST(Twins, Bert) {
  Twin twin("bert");
  twin.take({"tokens", "types", "key_padding_mask"});
  const Shape table = twin.given("bert.embeddings.word_embeddings.weight").shape();
  Model model("twin");
  auto net = model.add<bert::MaskedLanguageModel>(
      bert::Config{.layers = 2,
                   .heads = twin.heads(table[1]),
                   .width = table[1],
                   .intermediate = 3 * table[1],
                   .context = twin.given("bert.embeddings.position_embeddings.weight").shape()[0],
                   .vocabulary = table[0],
                   .dropout = 0});
  expectTwins(twin, model, hugging_face_bert(), "",
              [=](std::vector<Tensor> t) { return (*net)(t[0], t[1], t[2]); });
}

} // namespace
