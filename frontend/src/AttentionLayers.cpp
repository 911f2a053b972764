#include "OpBuilding.h"

#include "heddle/attention.h"

namespace heddle::nn {
namespace {

void checkHeads(const Module &module, std::int64_t width, std::int64_t heads, double dropout,
                std::source_location where) {
  if (heads < 1 || width % heads != 0)
    fail(where, "attention '{}' has width {} and {} heads; the heads must divide the width",
         module.name(), width, heads);
  if (!(dropout >= 0 && dropout < 1))
    fail(where, "attention '{}' expects a dropout with 0 <= p < 1, got {}", module.name(), dropout);
}

/// [batch, heads, T, width of a head] of [batch, T, width].
Tensor splitHeads(const Tensor &t, std::int64_t heads) {
  return transpose(reshape(t, {t.size(0), t.size(1), heads, t.size(2) / heads}), 1, 2);
}
Tensor joinHeads(const Tensor &t) {
  return reshape(transpose(t, 1, 2), {t.size(0), t.size(2), t.size(1) * t.size(3)});
}

/// Writes k and v from `position` on; the position as a tensor.
Tensor appendTo(OpMaker &m, KVCache &cache, const Tensor &k, const Tensor &v, Operand position) {
  const Shape &held = cache.k.shape();
  const std::int64_t length = k.size(2);
  if (held[0] != k.size(0) || held[1] != k.size(1) || held[3] != k.size(3) || held[2] < length)
    m.fail("expects a cache [{}, {}, at least {}, {}], got {}", k.size(0), k.size(1), length,
           k.size(3), held.str());
  const Tensor from = m.tensor(position);
  if (from.rank() != 0 || (from.dtype() != DType::i32 && from.dtype() != DType::i64))
    m.fail("expects a position that is an i32 or i64 scalar, got {}; declare the input with "
           "shape {{}}",
           describe(from));
  cache.k.set(dynamic_update_slice(cache.k, k, {0, 0, from, 0}));
  cache.v.set(dynamic_update_slice(cache.v, v, {0, 0, from, 0}));
  return from;
}

} // namespace

KVCache::KVCache(Module &parent, std::string name, std::int64_t batch, std::int64_t heads,
                 std::int64_t length, std::int64_t head_width, std::source_location where)
    : Module(parent, std::move(name), where),
      k(*this, "k", {batch, heads, length, head_width}, {}, f32, where),
      v(*this, "v", {batch, heads, length, head_width}, {}, f32, where) {}

CausalSelfAttention::CausalSelfAttention(Module &parent, std::string name, std::int64_t width,
                                         std::int64_t heads, AttentionModuleOptions options,
                                         std::source_location where)
    : Module(parent, std::move(name), where), c_attn(*this, "c_attn", width, 3 * width,
                                                     {.bias = options.bias,
                                                      .weight_init = options.weight_init,
                                                      .bias_init = options.bias_init},
                                                     where),
      c_proj(*this, "c_proj", width, width,
             {.bias = options.bias,
              .weight_init = options.projection_init,
              .bias_init = options.bias_init},
             where),
      width_(width), heads_(heads), dropout_(options.dropout) {
  checkHeads(*this, width, heads, dropout_, where);
}

Tensor CausalSelfAttention::operator()(Operand x) { return attend(x, nullptr, nullptr); }
Tensor CausalSelfAttention::operator()(Operand x, KVCache &cache, Operand position) {
  return attend(x, &cache, &position);
}

Tensor CausalSelfAttention::attend(Operand input, KVCache *cache, const Operand *position) {
  At at(input.where);
  const std::string op = called("attention", *this);
  OpMaker m(op, input.where);
  const Tensor x = m.tensor(input);
  if (x.rank() != 3 || x.size(2) != width_)
    m.fail("expects an input [batch, T, {}], got {}", width_, describe(x));
  const std::vector<Tensor> qkv = chunk(c_attn(x), 3, -1);
  const Tensor q = splitHeads(qkv[0], heads_);
  Tensor k = splitHeads(qkv[1], heads_), v = splitHeads(qkv[2], heads_), from;
  if (cache) {
    from = appendTo(m, *cache, k, v, *position);
    k = cache->k;
    v = cache->v;
  }
  const Tensor y = scaled_dot_product_attention(
      q, k, v, {.causal = true, .position = from, .dropout = dropout_});
  return dropout(c_proj(joinHeads(y)), dropout_);
}

MultiheadAttention::MultiheadAttention(Module &parent, std::string name, std::int64_t width,
                                       std::int64_t heads, MultiheadAttentionOptions options,
                                       std::source_location where)
    : Module(parent, std::move(name), where),
      out_proj(
          *this, "out_proj", width, width,
          {.bias = options.bias, .weight_init = options.weight_init, .bias_init = init::zeros()},
          where),
      width_(width), heads_(heads), dropout_(options.dropout) {
  checkHeads(*this, width, heads, dropout_, where);
  auto weight = [&](const char *called, std::int64_t out, std::int64_t in) {
    return std::make_unique<Parameter>(*this, called, Shape{out, in}, init::xavier_uniform(), f32,
                                       where);
  };
  const std::int64_t kdim = options.kdim ? options.kdim : width,
                     vdim = options.vdim ? options.vdim : width;
  if (kdim == width && vdim == width) {
    in_proj_weight = weight("in_proj_weight", 3 * width, width);
  } else {
    q_proj_weight = weight("q_proj_weight", width, width);
    k_proj_weight = weight("k_proj_weight", width, kdim);
    v_proj_weight = weight("v_proj_weight", width, vdim);
  }
  if (options.bias)
    in_proj_bias = std::make_unique<Parameter>(*this, "in_proj_bias", Shape{3 * width},
                                               init::zeros(), f32, where);
}

/// Several parts of one input at once, side by side, where their weights are neighbours.
Tensor MultiheadAttention::project(Operand input, Part first, Part last) {
  const std::int64_t from = first * width_, size = (last - first + 1) * width_;
  Tensor weight;
  if (in_proj_weight)
    weight = narrow(*in_proj_weight, 0, from, size);
  else
    weight = first == queries ? *q_proj_weight : first == keys ? *k_proj_weight : *v_proj_weight;
  const std::string op = called("attention", *this);
  if (!in_proj_bias)
    return makeLinear(op, input, weight, nullptr);
  const Operand bias = narrow(*in_proj_bias, 0, from, size);
  return makeLinear(op, input, weight, &bias);
}

Tensor MultiheadAttention::heads(const Tensor &t) const { return splitHeads(t, heads_); }

Tensor MultiheadAttention::attend(const Tensor &q, const Tensor &k, const Tensor &v,
                                  const Visible &visible) {
  const std::string op = called("attention", *this);
  OpMaker m(op, std::source_location::current());
  if (q.size(0) != k.size(0) || k.size(0) != v.size(0) || k.size(2) != v.size(2))
    m.fail("expects queries, keys and values of one batch, and as many keys as values, got {}, {} "
           "and {} of them ([batch, length])",
           Shape{q.size(0), q.size(2)}.str(), Shape{k.size(0), k.size(2)}.str(),
           Shape{v.size(0), v.size(2)}.str());
  Tensor mask = visible.mask;
  if (const Tensor &padding = visible.key_padding_mask) {
    const Shape expected{k.size(0), k.size(2)};
    m.trace.unwrap(padding, m.op, m.where);
    if (padding.dtype() != DType::i1 || padding.shape() != expected)
      m.fail("expects a key_padding_mask i1 {} (batch x keys), got {}", expected.str(),
             describe(padding));
    const Tensor there = reshape(logical_not(padding), {k.size(0), 1, 1, k.size(2)});
    mask = mask ? logical_and(mask, there) : there;
  }
  const Tensor y = scaled_dot_product_attention(
      q, k, v,
      {.causal = visible.causal, .position = visible.position, .mask = mask, .dropout = dropout_});
  return out_proj(joinHeads(y));
}

static void checkRank(OpMaker &m, const char *what, const Tensor &t) {
  if (t.rank() != 3)
    m.fail("expects {} [batch, length, width], got {}", what, describe(t));
}

Tensor MultiheadAttention::operator()(Operand input, const Visible &visible) {
  return (*this)(input, input, input, visible);
}

Tensor MultiheadAttention::operator()(Operand query, Operand key, Operand value,
                                      const Visible &visible) {
  At at(query.where);
  const std::string op = called("attention", *this);
  OpMaker m(op, query.where);
  const Tensor x = m.tensor(query), y = m.tensor(key), z = m.tensor(value);
  checkRank(m, "queries", x);
  checkRank(m, "keys", y);
  checkRank(m, "values", z);
  auto same = [&](const Tensor &a, const Tensor &b) {
    return in_proj_weight && m.value(a) == m.value(b);
  };
  if (same(x, y) && same(x, z)) {
    const std::vector<Tensor> qkv = chunk(project(x, queries, values), 3, -1);
    return attend(heads(qkv[0]), heads(qkv[1]), heads(qkv[2]), visible);
  }
  const Tensor q = heads(project(x, queries, queries));
  if (same(y, z)) {
    const std::vector<Tensor> kv = chunk(project(y, keys, values), 2, -1);
    return attend(q, heads(kv[0]), heads(kv[1]), visible);
  }
  return attend(q, heads(project(y, keys, keys)), heads(project(z, values, values)), visible);
}

Tensor MultiheadAttention::operator()(Operand input, KVCache &cache, Operand position) {
  At at(input.where);
  const std::string op = called("attention", *this);
  OpMaker m(op, input.where);
  const Tensor x = m.tensor(input);
  checkRank(m, "an input", x);
  if (!in_proj_weight)
    m.fail("has a kdim or vdim, so it cannot attend to its own input");
  const std::vector<Tensor> qkv = chunk(project(x, queries, values), 3, -1);
  const Tensor from = appendTo(m, cache, heads(qkv[1]), heads(qkv[2]), position);
  return attend(heads(qkv[0]), cache.k, cache.v, {.causal = true, .position = from});
}

void MultiheadAttention::remember(Operand key, Operand value, KVCache &cache) {
  At at(key.where);
  const std::string op = called("attention", *this);
  OpMaker m(op, key.where);
  const Tensor y = m.tensor(key), z = m.tensor(value);
  checkRank(m, "keys", y);
  checkRank(m, "values", z);
  const Tensor k = heads(project(y, keys, keys)), v = heads(project(z, values, values));
  if (cache.k.shape() != k.shape() || cache.v.shape() != v.shape())
    m.fail("expects a cache of the memory's shape {}, got {}", k.shape().str(),
           cache.k.shape().str());
  cache.k.set(k);
  cache.v.set(v);
}

Tensor MultiheadAttention::recall(Operand query, KVCache &cache, const Visible &visible) {
  At at(query.where);
  const std::string op = called("attention", *this);
  OpMaker m(op, query.where);
  const Tensor x = m.tensor(query);
  checkRank(m, "queries", x);
  return attend(heads(project(x, queries, queries)), cache.k, cache.v, visible);
}

} // namespace heddle::nn
