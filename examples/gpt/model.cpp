#include "model.h"

#include <cmath>

using namespace heddle;

namespace gpt {
namespace {

const Init kWeights = init::normal(0, 0.02);

// What is added to the residual stream starts smaller, so that the stream's variance does not grow
// with depth.
Init residual_weights(const Config &config) {
  return init::normal(0, 0.02 / std::sqrt(2.0 * static_cast<double>(config.layers)));
}

} // namespace

void Config::check() const {
  auto fail = [](const std::string &message) { throw Error(message); };
  const std::pair<const char *, std::int64_t> sizes[] = {{"layers", layers},
                                                         {"heads", heads},
                                                         {"width", width},
                                                         {"context", context},
                                                         {"vocabulary", vocabulary}};
  for (const auto &[name, size] : sizes)
    if (size < 1)
      fail("gpt: " + std::string(name) + " is " + std::to_string(size) + "; it must be at least 1");
  if (width % heads != 0)
    fail("gpt: width " + std::to_string(width) + " cannot be cut into " + std::to_string(heads) +
         " heads; choose a width that is a multiple of the heads");
  if (!(dropout >= 0 && dropout < 1))
    fail("gpt: dropout is " + std::to_string(dropout) + "; it must be at least 0 and below 1");
}

Block::Mlp::Mlp(nn::Module &parent, std::string name, const Config &config)
    : Module(parent, name), c_fc(*this, "c_fc", config.width, 4 * config.width,
                                 {.weight_init = kWeights, .bias_init = init::zeros()}),
      c_proj(*this, "c_proj", 4 * config.width, config.width,
             {.weight_init = residual_weights(config), .bias_init = init::zeros()}) {}

Tensor Block::Mlp::operator()(Tensor x) { return c_proj(gelu(c_fc(x), Gelu::tanh)); }

Block::Block(nn::Module &parent, std::string name, const Config &config)
    : Module(parent, name), ln_1(*this, "ln_1", config.width),
      attn(*this, "attn", config.width, config.heads,
           {.weight_init = kWeights,
            .projection_init = residual_weights(config),
            .bias_init = init::zeros()}),
      ln_2(*this, "ln_2", config.width), mlp(*this, "mlp", config),
      drop(*this, "drop", config.dropout) {}

Tensor Block::operator()(Tensor x) { return feed_forward(x + drop(attn(ln_1(x)))); }

Tensor Block::operator()(Tensor x, nn::KVCache &cache, Tensor position) {
  return feed_forward(x + drop(attn(ln_1(x), cache, position)));
}

Tensor Block::feed_forward(Tensor x) { return x + drop(mlp(ln_2(x))); }

Gpt::Gpt(const Config &config)
    : wte(*this, "wte", config.vocabulary, config.width, {.weight_init = kWeights}),
      wpe(*this, "wpe", config.context, config.width, {.weight_init = kWeights}),
      drop(*this, "drop", config.dropout), h(*this, "h", config.layers, config),
      ln_f(*this, "ln_f", config.width), cache(*this, "cache", config.layers, 1, config.heads,
                                               config.context, config.width / config.heads) {}

// Tied: the table of the tokens is also the last layer (Press and Wolf, 2017).
Tensor Gpt::head(Tensor x) { return linear(ln_f(x), wte.weight); }

Tensor Gpt::operator()(Tensor tokens) {
  Tensor x = drop(wte(tokens) + narrow(wpe.weight, 0, 0, tokens.size(-1)));
  for (Block &block : h)
    x = block(x);
  return head(x);
}

Tensor Gpt::prefill(Tensor tokens, Tensor length) {
  Tensor x = wte(tokens) + narrow(wpe.weight, 0, 0, tokens.size(-1));
  const Tensor start = full({}, 0, i32);
  for (std::size_t i = 0; i < h.size(); ++i)
    x = h[i](x, cache[i], start);
  const std::int64_t width = x.size(-1);
  return reshape(head(dynamic_slice(x, {0, length - 1, 0}, {1, 1, width})), {-1});
}

Tensor Gpt::decode(Tensor token, Tensor position) {
  Tensor x = wte(token) + wpe(reshape(position, {1}));
  for (std::size_t i = 0; i < h.size(); ++i)
    x = h[i](x, cache[i], position);
  return reshape(head(x), {-1});
}

Model make_trainer(const Config &config, std::int64_t batch, optim::Optimizer optimizer,
                   std::int64_t length) {
  config.check();
  Model m("gpt");
  auto net = m.add<Gpt>(config);
  const Shape shape{batch, length > 0 ? length : config.context};
  const Input tokens{"tokens", i32, shape}, targets{"targets", i32, shape};
  auto loss = [=](Tensor x, Tensor y) { return cross_entropy(net(x), y); };
  m.train_step("train", {tokens, targets}, loss, optimizer);
  m.evaluate("loss", {tokens, targets}, loss);
  return m;
}

Model make_generator(const Config &config) {
  config.check();
  Model m("gpt");
  auto net = m.add<Gpt>(config);
  m.function("prefill", {{"tokens", i32, {1, config.context}}, {"length", i32, {}}},
             [=](Tensor tokens, Tensor length) {
               return Named{{"logits", net->prefill(tokens, length)}};
             });
  m.function("decode", {{"token", i32, {1, 1}}, {"position", i32, {}}},
             [=](Tensor token, Tensor position) {
               return Named{{"logits", net->decode(token, position)}};
             });
  return m;
}

} // namespace gpt
