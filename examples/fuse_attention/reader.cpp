// A model whose attention is written out, as in the paper.
#include <heddle/heddle.h>

#include <cmath>

using namespace heddle;

static Tensor attend(Tensor q, Tensor k, Tensor v) { // [batch, heads, length, features]
  Tensor scores = matmul(q, transpose(k, -2, -1)) / std::sqrt(static_cast<double>(q.size(-1)));
  return matmul(softmax(scores, -1), v);
}

struct Reader : nn::Module {
  nn::Linear q{*this, "q", 64, 64}, k{*this, "k", 64, 64}, v{*this, "v", 64, 64},
      out{*this, "out", 64, 64};
  Tensor operator()(Tensor x) { // [batch, length, 64]
    auto heads = [](Tensor t) {
      return transpose(reshape(t, {t.size(0), t.size(1), 2, 32}), 1, 2);
    };
    Tensor y = transpose(attend(heads(q(x)), heads(k(x)), heads(v(x))), 1, 2);
    return out(reshape(y, x.shape()));
  }
};

static Model reader() {
  Model m("reader");
  auto net = m.add<Reader>();
  Input x{"x", f32, {4, 256, 64}}, y{"y", f32, {4, 256, 64}};
  m.function("predict", {x}, [=](Tensor x) { return net(x); });
  auto loss = [=](Tensor x, Tensor y) { return mse_loss(net(x), y); };
  m.train_step("train", {x, y}, loss, optim::Adam{.lr = 1e-3});
  return m;
}

HEDDLE_MODEL(reader)
