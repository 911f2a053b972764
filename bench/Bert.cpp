#include "Bert.h"

using namespace heddle;

namespace bench {
namespace {

const Init kWeights = init::normal(0, 0.02);
const nn::LinearOptions kLinear{.weight_init = kWeights, .bias_init = init::zeros()};
const nn::LayerNormOptions kNorm{.epsilon = 1e-12};

// Normalises after each sum, where GPT does before each branch.
struct Layer : nn::Module {
  nn::Linear query, key, value, projection;
  nn::LayerNorm attention_norm;
  nn::Linear up, down;
  nn::LayerNorm norm;
  std::int64_t heads;

  Layer(nn::Module &parent, std::string name, const BertConfig &config)
      : Module(parent, std::move(name)), query(*this, "query", config.width, config.width, kLinear),
        key(*this, "key", config.width, config.width, kLinear),
        value(*this, "value", config.width, config.width, kLinear),
        projection(*this, "projection", config.width, config.width, kLinear),
        attention_norm(*this, "attention_norm", config.width, kNorm),
        up(*this, "up", config.width, config.feed_forward, kLinear),
        down(*this, "down", config.feed_forward, config.width, kLinear),
        norm(*this, "norm", config.width, kNorm), heads(config.heads) {}

  Tensor operator()(Tensor x) {
    const std::int64_t batch = x.size(0), length = x.size(1), width = x.size(2);
    auto split = [&](Tensor y) {
      return transpose(reshape(y, {batch, length, heads, width / heads}), 1, 2);
    };
    const Tensor seen =
        scaled_dot_product_attention(split(query(x)), split(key(x)), split(value(x)));
    const Tensor joined = reshape(transpose(seen, 1, 2), {batch, length, width});
    x = attention_norm(projection(joined) + x);
    return norm(down(gelu(up(x))) + x);
  }
};

struct Bert : nn::Module {
  nn::Embedding tokens, segments, positions;
  nn::LayerNorm norm;
  nn::ModuleList<Layer> layers;

  explicit Bert(const BertConfig &config)
      : tokens(*this, "tokens", config.vocabulary, config.width, {.weight_init = kWeights}),
        segments(*this, "segments", config.segments, config.width, {.weight_init = kWeights}),
        positions(*this, "positions", config.positions, config.width, {.weight_init = kWeights}),
        norm(*this, "norm", config.width, kNorm), layers(*this, "layers", config.layers, config) {}

  Tensor operator()(Tensor x) {
    x = norm(tokens(x) + select(segments.weight, 0, 0) +
             narrow(positions.weight, 0, 0, x.size(-1)));
    for (Layer &layer : layers)
      x = layer(x);
    return x;
  }
};

} // namespace

Model bert(const BertConfig &config, std::int64_t batch, std::int64_t length) {
  Model m("bert");
  auto net = m.add<Bert>(config);
  m.function("predict", {{"tokens", i32, {batch, length}}}, [=](Tensor x) {
    return Named{{"last_hidden_state", net(x)}};
  });
  return m;
}

} // namespace bench
