#include "model.h"

#include <utility>

using namespace heddle;

namespace bert {
namespace {

const Init kWeights = init::normal(0, 0.02);
const nn::LinearOptions kLinear{.weight_init = kWeights, .bias_init = init::zeros()};
const nn::EmbeddingOptions kTable{.weight_init = kWeights};
const nn::LayerNormOptions kNorm{.epsilon = 1e-12};

/// [batch, heads, T, width of a head]
Tensor split_heads(const Tensor &x, std::int64_t heads) {
  return transpose(reshape(x, {x.size(0), x.size(1), heads, -1}), 1, 2);
}

} // namespace

void Config::check() const {
  const std::pair<const char *, std::int64_t> sizes[] = {
      {"layers", layers},   {"heads", heads},
      {"width", width},     {"intermediate", intermediate},
      {"context", context}, {"vocabulary", vocabulary}};
  for (const auto &[name, size] : sizes)
    if (size < 1)
      throw Error("bert: " + std::string(name) + " is " + std::to_string(size) +
                  "; it must be at least 1");
  if (width % heads != 0)
    throw Error("bert: width " + std::to_string(width) + " cannot be cut into " +
                std::to_string(heads) + " heads; choose a width that is a multiple of the heads");
}

Embeddings::Embeddings(nn::Module &parent, std::string name, const Config &config)
    : Module(parent, std::move(name)),
      word_embeddings(*this, "word_embeddings", config.vocabulary, config.width,
                      {.weight_init = kWeights, .padding_idx = 0}),
      position_embeddings(*this, "position_embeddings", config.context, config.width, kTable),
      token_type_embeddings(*this, "token_type_embeddings", 2, config.width, kTable),
      LayerNorm(*this, "LayerNorm", config.width, kNorm),
      dropout(*this, "dropout", config.dropout) {}

Tensor Embeddings::operator()(Tensor tokens, Tensor types) {
  const Tensor x = word_embeddings(tokens) +
                   narrow(position_embeddings.weight, 0, 0, tokens.size(-1)) +
                   token_type_embeddings(types);
  return dropout(LayerNorm(x));
}

AddAndNorm::AddAndNorm(nn::Module &parent, std::string name, std::int64_t in, const Config &config)
    : Module(parent, std::move(name)), dense(*this, "dense", in, config.width, kLinear),
      LayerNorm(*this, "LayerNorm", config.width, kNorm),
      dropout(*this, "dropout", config.dropout) {}

Tensor AddAndNorm::operator()(Tensor added, Tensor x) {
  return LayerNorm(x + dropout(dense(added)));
}

Layer::Attention::Self::Self(nn::Module &parent, std::string name, const Config &config)
    : Module(parent, std::move(name)), query(*this, "query", config.width, config.width, kLinear),
      key(*this, "key", config.width, config.width, kLinear),
      value(*this, "value", config.width, config.width, kLinear) {}
Layer::Attention::Attention(nn::Module &parent, std::string name, const Config &config)
    : Module(parent, std::move(name)), self(*this, "self", config),
      output(*this, "output", config.width, config) {}
Layer::Intermediate::Intermediate(nn::Module &parent, std::string name, const Config &config)
    : Module(parent, std::move(name)),
      dense(*this, "dense", config.width, config.intermediate, kLinear) {}
Layer::Layer(nn::Module &parent, std::string name, const Config &config)
    : Module(parent, std::move(name)), attention(*this, "attention", config),
      intermediate(*this, "intermediate", config),
      output(*this, "output", config.intermediate, config), config(config) {}

Tensor Layer::operator()(Tensor x, Tensor visible) {
  auto heads = [&](nn::Linear &linear) { return split_heads(linear(x), config.heads); };
  const Tensor q = heads(attention.self.query), k = heads(attention.self.key),
               v = heads(attention.self.value);
  const Tensor y =
      scaled_dot_product_attention(q, k, v, {.mask = visible, .dropout = config.dropout});
  x = attention.output(reshape(transpose(y, 1, 2), x.shape()), x);
  return output(gelu(intermediate.dense(x)), x);
}

Bert::Encoder::Encoder(nn::Module &parent, std::string name, const Config &config)
    : Module(parent, std::move(name)), layer(*this, "layer", config.layers, config) {}
Bert::Bert(nn::Module &parent, std::string name, const Config &config)
    : Module(parent, std::move(name)), embeddings(*this, "embeddings", config),
      encoder(*this, "encoder", config) {}

Tensor Bert::operator()(Tensor tokens, Tensor types, Tensor key_padding_mask) {
  Tensor x = embeddings(tokens, types);
  const Tensor visible =
      reshape(logical_not(key_padding_mask), {tokens.size(0), 1, 1, tokens.size(1)});
  for (Layer &layer : encoder.layer)
    x = layer(x, visible);
  return x;
}

using Predictions = MaskedLanguageModel::Cls::Predictions;
Predictions::Transform::Transform(nn::Module &parent, std::string name, const Config &config)
    : Module(parent, std::move(name)), dense(*this, "dense", config.width, config.width, kLinear),
      LayerNorm(*this, "LayerNorm", config.width, kNorm) {}
Predictions::Predictions(nn::Module &parent, std::string name, const Config &config)
    : Module(parent, std::move(name)), transform(*this, "transform", config),
      bias(*this, "bias", {config.vocabulary}, init::zeros()) {}
MaskedLanguageModel::Cls::Cls(nn::Module &parent, std::string name, const Config &config)
    : Module(parent, std::move(name)), predictions(*this, "predictions", config) {}
MaskedLanguageModel::MaskedLanguageModel(const Config &config)
    : bert(*this, "bert", config), cls(*this, "cls", config) {}

// Tied: the table of the words is also the last layer.
Tensor MaskedLanguageModel::operator()(Tensor tokens, Tensor types, Tensor key_padding_mask) {
  auto &transform = cls.predictions.transform;
  const Tensor x = bert(tokens, types, key_padding_mask);
  return linear(transform.LayerNorm(gelu(transform.dense(x))),
                bert.embeddings.word_embeddings.weight, cls.predictions.bias);
}

Model make_masked_language_model(const Config &config, std::int64_t batch,
                                 optim::Optimizer optimizer) {
  config.check();
  Model m("bert");
  auto net = m.add<MaskedLanguageModel>(config);
  auto logits = [=](Tensor tokens, Tensor padding) {
    return (*net)(tokens, zeros(tokens.shape(), i32), padding);
  };
  const Shape shape{batch, config.context};
  const Input tokens{"tokens", i32, shape}, padding{"padding", i1, shape},
      labels{"labels", i32, shape};
  m.train_step(
      "train", {tokens, padding, labels},
      [=](Tensor tokens, Tensor padding, Tensor labels) {
        return cross_entropy(logits(tokens, padding), labels);
      },
      optimizer);
  m.function("accuracy", {tokens, padding, labels},
             [=](Tensor tokens, Tensor padding, Tensor labels) {
               const Tensor guess = argmax(logits(tokens, padding), -1);
               return Named{{"right", sum(cast(eq(guess, labels), i32))},
                            {"count", sum(cast(ne(labels, -100), i32))}};
             });
  m.function("predict",
             {{"tokens", i32, {1, config.context}}, {"padding", i1, {1, config.context}}},
             [=](Tensor tokens, Tensor padding) {
               return Named{{"logits", logits(tokens, padding)}};
             });
  return m;
}

} // namespace bert
