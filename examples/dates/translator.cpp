#include "translator.h"

#include <cmath>

using namespace heddle;

namespace dates {

Translator::Translator(const Config &config)
    : embedding(*this, "embedding", config.vocabulary, config.width,
                {.weight_init = init::normal(0, 1 / std::sqrt(static_cast<double>(config.width))),
                 .padding_idx = config.padding}),
      positions(*this, "positions", config.dropout),
      transformer(*this, "transformer", config.width, config.heads,
                  {.num_encoder_layers = config.layers,
                   .num_decoder_layers = config.layers,
                   .layer = {.dim_feedforward = config.feed_forward,
                             .dropout = config.dropout,
                             .norm_first = true}}),
      head(*this, "head", config.width, config.vocabulary),
      cache(*this, "cache", config.layers, 1, config.heads, config.target_length,
            config.source_length, config.width / config.heads),
      source_padding(*this, "source_padding", {1, config.source_length}, {}, i1), config(config) {}

Tensor Translator::embed(Tensor tokens, Operand start) {
  return positions(embedding(tokens) * std::sqrt(static_cast<double>(config.width)), start);
}

Tensor Translator::operator()(Tensor source, Tensor target) {
  return head(
      transformer(embed(source), embed(target), {.key_padding_mask = eq(source, config.padding)}));
}

void Translator::encode(Tensor source) {
  const Tensor padding = eq(source, config.padding);
  source_padding.set(padding);
  transformer.decoder.remember(transformer.encoder(embed(source), {.key_padding_mask = padding}),
                               cache);
}

Tensor Translator::decode(Tensor token, Tensor position) {
  const Tensor x = transformer.decoder(embed(token, position), cache, position,
                                       {.key_padding_mask = source_padding});
  return reshape(head(x), {-1});
}

Model make_translator(const Config &config, std::int64_t batch, optim::Optimizer optimizer) {
  Model m("dates");
  auto net = m.add<Translator>(config);
  const Input source{"source", i32, {batch, config.source_length}};
  const Shape targets{batch, config.target_length};
  m.train_step(
      "train", {source, {"target", i32, targets}, {"labels", i32, targets}},
      [=](Tensor source, Tensor target, Tensor labels) {
        return cross_entropy(net(source, target), labels);
      },
      optimizer);
  m.function("encode", {{"source", i32, {1, config.source_length}}},
             [=](Tensor source) { net->encode(source); });
  m.function("decode", {{"token", i32, {1, 1}}, {"position", i32, {}}},
             [=](Tensor token, Tensor position) {
               return Named{{"logits", net->decode(token, position)}};
             });
  return m;
}

} // namespace dates
