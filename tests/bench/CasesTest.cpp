// What the cases are. Not how long they take: that is for people to look at.
#include "Cases.h"
#include "Bert.h"
#include "Peers.h"

#include "Timing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

using namespace heddle;
using namespace bench;

namespace {

TEST(Cases, AreDescribed) {
  std::set<std::string> names;
  for (const Case &benchmark : cases()) {
    EXPECT_TRUE(names.insert(benchmark.name).second) << benchmark.name << " is there twice";
    EXPECT_NO_THROW(units_a_second(benchmark.unit)) << benchmark.name;
    const std::vector<std::string> functions = benchmark.make().functions();
    EXPECT_NE(std::ranges::find(functions, benchmark.function), functions.end())
        << benchmark.name << " has no function " << benchmark.function;
  }
}

TEST(Cases, GiveScalarsByTheirNames) {
  Model m("m");
  m.function("f", {{"x", f32, {2}}, {"position", i32, {}}, {"far", i64, {}}},
             [](Tensor x, Tensor position, Tensor) { return x * cast(position, f32); });
  Executable exe = compile(m);
  timing::Call call(exe, "f");
  EXPECT_NO_THROW(call.set(exe, "position", 192));
  for (const char *name : {"x", "far", "length"})
    EXPECT_THROW(call.set(exe, name, 192), Error) << name;
}

const Case &find_case(const std::string &name) {
  return *std::ranges::find(cases(), name, &Case::name);
}

TEST(Cases, CompileAndRun) {
  for (const char *name : {"mlp_infer_b1", "mlp_train_b64", "k_softmax_4096x1024",
                           "k_layernorm_4096x768", "k_matmul_bias_gelu_512x3072x768"}) {
    const Case &benchmark = find_case(name);
    Executable exe = compile(benchmark.make());
    exe.initialize(0);
    timing::Call call(exe, benchmark.function);
    const std::vector<Launch> launches = call.profile(exe);
    EXPECT_FALSE(launches.empty()) << name;
  }
}

// bert-base-uncased has 109 482 240 parameters, of which the pooler has 768 * 768 + 768.
TEST(Cases, BertBaseHasItsParameters) {
  EXPECT_EQ(find_case("bert_base_128_b1").make().parameter_count(), 109482240 - 590592);
}

TEST(Cases, BertNormalisesLast) {
  Executable exe = compile(bert(
      {.layers = 2, .heads = 2, .width = 16, .feed_forward = 32, .positions = 8, .vocabulary = 11},
      2, 4));
  exe.initialize(0);
  const std::vector<std::int32_t> tokens{1, 2, 3, 4, 1, 2, 3, 5};
  const Outputs out = exe.run("predict", tokens);
  const HostArray &hidden = out["last_hidden_state"];
  ASSERT_EQ(hidden.shape(), (Shape{2, 4, 16}));
  for (std::int64_t row = 0; row < 8; ++row) {
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < 16; ++i) {
      sum += hidden[row * 16 + i];
      squares += hidden[row * 16 + i] * hidden[row * 16 + i];
    }
    EXPECT_NEAR(sum, 0, 1e-4);
    EXPECT_NEAR(squares, 16, 1e-2);
  }
  // The first token sees the last one: nothing is masked.
  EXPECT_NE(hidden[0], hidden[4 * 16]);
}

// What holds for any attention O = P V, P = softmax(scale Q K^T): the rows of P add up to 1, so
// that the sum of dV over the keys is that of dO over the queries; and both <Q, dQ> and <K, dK> are
// <scale Q K^T, its gradient>.
TEST(Cases, AttentionBackwardHasTheGradients) {
  Executable exe = compile(find_case("k_sdpa_causal_4x12x512x64_backward").make());
  exe.initialize(1);
  const HostArray upstream = std::move(timing::random_inputs(exe, "run")[0]);
  const HostArray q = exe.tensor("q"), k = exe.tensor("k");
  const Outputs out = exe.run("run", upstream);
  const HostArray dq = exe.tensor("of.gradient.q"), dk = exe.tensor("of.gradient.k"),
                  dv = exe.tensor("of.gradient.v");

  EXPECT_EQ(out["output"].shape(), upstream.shape());
  double q_dq = 0, k_dk = 0, size = 0, summed_dv = 0, summed_upstream = 0;
  for (std::int64_t i = 0; i < q.shape().elements(); ++i) {
    q_dq += double(q[i]) * dq[i];
    k_dk += double(k[i]) * dk[i];
    size += std::abs(double(q[i]) * dq[i]);
    if (i < 512 * 64 && i % 64 == 5) { // one column of one head
      summed_dv += dv[i];
      summed_upstream += upstream[i];
    }
  }
  EXPECT_GT(size, 1);
  EXPECT_NEAR(q_dq, k_dk, 1e-5 * size);
  EXPECT_NEAR(summed_dv, summed_upstream, 1e-3);
  EXPECT_EQ(q[7], exe.tensor("q")[7]) << "the parameters must stay as they are";
}

} // namespace
