// Messages, word for word: what was expected, what came, what to do; at the user's line.
#include "Testing.h"

#include <fmt/format.h>

#include <filesystem>

namespace heddle::testing {
namespace {

template <class F> std::string inFunction(std::vector<Input> inputs, F f) {
  return messageOf(
      [&] {
        Model m("m");
        m.function("f", std::move(inputs), f);
      },
      __FILE__);
}

const Input kX{"x", f32, {2, 3}}, kY{"y", f32, {4}}, kI{"i", i32, {2, 3}};

struct Net : nn::Module {
  nn::Linear fc1{*this, "fc1", 3, 5}, fc2{*this, "fc2", 5, 1};
};

TEST(Errors, LinearNamesTheLayerAndTheLine) {
  Model m("m");
  auto net = m.add<Net>();
  unsigned line = 0;
  try {
    m.function("f", {kX}, [&](Tensor x) {
      line = __LINE__ + 1;
      return net->fc2(x);
    });
    FAIL();
  } catch (const Error &error) {
    EXPECT_EQ(error.what(), std::string(__FILE__) + ":" + std::to_string(line) +
                                ": linear 'fc2' expects 5 features in the last dimension, got 3 "
                                "(input [2, 3]); reshape the "
                                "input to [..., 5] or declare the layer with 3 inputs");
  }
}

TEST(Errors, Ops) {
  EXPECT_EQ(inFunction({kX, kY}, [](Tensor x, Tensor y) { return x + y; }),
            "add cannot broadcast shapes [2, 3] and [4]: dimension -1 is 3 and 4; sizes must be "
            "equal or 1");
  EXPECT_EQ(
      inFunction({kX, kI}, [](Tensor x, Tensor i) { return x * i; }),
      "mul expects operands of one dtype, got f32 [2, 3] and i32 [2, 3]; convert one with cast()");
  EXPECT_EQ(inFunction({kI}, [](Tensor i) { return i * 0.5; }),
            "mul cannot write the number 0.5 as i32; use a float tensor, with cast(x, f32)");
  EXPECT_EQ(inFunction({kI}, [](Tensor i) { return relu(i); }),
            "relu expects a float tensor, got i32 [2, 3]; convert it with cast(x, f32)");
  EXPECT_EQ(inFunction({kX}, [](Tensor x) { return sum(x, 2); }),
            "sum has no dimension 2 in [2, 3]; dimensions go from -2 to 1");
  EXPECT_EQ(inFunction({kX},
                       [](Tensor x) {
                         return sum(x, {1, -1});
                       }),
            "sum is given dimension 1 of [2, 3] twice");
  EXPECT_EQ(inFunction({kX},
                       [](Tensor x) {
                         return reshape(x, {4, -1});
                       }),
            "reshape cannot make [4, -1] of f32 [2, 3]: its 6 elements do not divide by 4");
  EXPECT_EQ(inFunction({kX}, [](Tensor x) { return reshape(x, {5}); }),
            "reshape cannot make [5] of f32 [2, 3]: 5 elements against 6");
  EXPECT_EQ(inFunction({kX}, [](Tensor x) { return matmul(x, x); }),
            "matmul expects the last dimension of the left operand and the second-last of the "
            "right to be equal, got 3 and "
            "2 ([2, 3] x [2, 3])");
  EXPECT_EQ(inFunction({kX}, [](Tensor x) { return slice(x, 1, 1, 4); }),
            "slice [1, 4) is not a range within dimension 1 of f32 [2, 3], which has size 3");
  EXPECT_EQ(inFunction({kX, kY},
                       [](Tensor x, Tensor y) {
                         return concat({x, y}, 0);
                       }),
            "concat along dimension 0 expects tensors that agree in dtype and all other "
            "dimensions, got f32 [2, 3] and f32 "
            "[4]");
  EXPECT_EQ(
      inFunction({kX}, [](Tensor x) { return where(x, x, x); }),
      "where expects an i1 condition, got f32 [2, 3]; make one with a comparison, as ne(x, 0)");
  EXPECT_EQ(inFunction({kX}, [](Tensor x) { return dropout(x, 1.0); }),
            "dropout expects a probability p with 0 <= p < 1, got 1");
  EXPECT_EQ(inFunction({kX}, [](Tensor x) { return embedding(x, x); }),
            "embedding expects i32 or i64 indices, got f32 [2, 3]; convert them with cast(x, i32)");
  EXPECT_EQ(inFunction({kX}, [](Tensor x) { return x + Tensor(); }),
            "add is given a Tensor without a value; assign it the result of an op first");
}

TEST(Errors, Losses) {
  EXPECT_EQ(inFunction({kX, kI}, [](Tensor x, Tensor i) { return cross_entropy(x, i); }),
            "cross_entropy expects labels [2] for logits [2, 3], got [2, 3]");
  EXPECT_EQ(inFunction({kX, kY}, [](Tensor x, Tensor y) { return mse_loss(x, y); }),
            "mse_loss expects a prediction and a target of one shape and dtype, got f32 [2, 3] and "
            "f32 [4]; reshape one of "
            "them");
}

TEST(Errors, Functions) {
  Model m("m");
  auto net = m.add<Net>();
  Tensor kept;
  m.function("f", {kX}, [&](Tensor x) { return kept = x; });
  EXPECT_EQ(messageOf([&] { m.function("f", {kX}, [](Tensor x) { return x; }); }, __FILE__),
            "model 'm' already has a function 'f'; give this one another name");
  EXPECT_EQ(messageOf(
                [&] {
                  m.function("g", {kX, kY}, [](Tensor x) { return x; });
                },
                __FILE__),
            "the function has 2 inputs, but its callable takes 1 Tensor; they must match in number "
            "and order");
  EXPECT_EQ(messageOf(
                [&] {
                  m.function("g", {kX, kX}, [](Tensor x, Tensor) { return x; });
                },
                __FILE__),
            "function 'g' has two inputs named 'x'; rename one");
  EXPECT_EQ(messageOf([&] { m.function("g", {kX}, [&](Tensor x) { return x + kept; }); }, __FILE__),
            "add is given a Tensor f32 [2, 3] of another function, while 'g' is described; pass "
            "values between functions as "
            "inputs or keep them in a Buffer");
  EXPECT_EQ(messageOf([&] { zeros({1}); }, __FILE__),
            "zeros is used outside of a model's function; use it inside the callable given to "
            "Model::function, evaluate or "
            "train_step");
  EXPECT_EQ(messageOf([&] { m.function("a b", {}, [] { return zeros({1}); }); }, __FILE__),
            "'a b' cannot name a function: it becomes part of a C name, so use letters, digits and "
            "_, and no digit first");
  EXPECT_EQ(messageOf([&] { m.function("g", {}, [] {}); }, __FILE__),
            "function 'g' has no result and changes no state; return a Tensor from its callable");
  // A failed description leaves no trace: the names are free.
  m.function("g", {kX}, [&](Tensor x) { return net->fc1(x); });
  EXPECT_EQ(m.functions(), (std::vector<std::string>{"f", "g"}));
}

TEST(Errors, TrainSteps) {
  Model m("m");
  auto net = m.add<Net>();
  auto train = [&](auto body, optim::Optimizer optimizer = optim::SGD{}) {
    return messageOf([&] { m.train_step("train", {kX}, body, optimizer); }, __FILE__);
  };
  EXPECT_EQ(train([&](Tensor x) { return net->fc1(x); }),
            "train step 'train' expects a loss that is a float scalar, got f32 [2, 5]; reduce it "
            "with mean() or sum()");
  EXPECT_EQ(train([&](Tensor x) { return mean(x); }),
            "train step 'train' uses no trainable parameter; make the module with Model::add, call "
            "it in the loss, and thaw "
            "it if it is frozen");
  EXPECT_EQ(
      train([&](Tensor x) {
        return Named{{"l", mean(net->fc1(x))}};
      }),
      "train step 'train' returns no loss; return a Tensor, or a Named with an entry \"loss\"");
  EXPECT_EQ(train([&](Tensor x) { return mean(net->fc1(x)); }, optim::Adam{.beta1 = 1.5}),
            "optim::Adam is given beta1 = 1.5; expected 0 <= beta1 < 1");
}

TEST(Errors, Modules) {
  struct Twice : nn::Module {
    nn::Linear a{*this, "fc", 1, 1}, b{*this, "fc", 1, 1};
  };
  EXPECT_EQ(messageOf([] { Twice twice; }, __FILE__),
            "the model's module already has a part named 'fc'; choose another name");
  // In a list too, with options or without, the line is the user's.
  auto oddHeads = [](const char *name) {
    return fmt::format("attention '{}.0' has width 6 and 4 heads; the heads must divide the width",
                       name);
  };
  struct Plain : nn::Module {
    nn::ModuleList<nn::MultiheadAttention> plain{*this, "plain", 1, 6, 4};
  };
  struct Options : nn::Module {
    nn::ModuleList<nn::MultiheadAttention> list{*this, "list", 1,
                                                6,     4,      nn::MultiheadAttentionOptions{}};
  };
  EXPECT_EQ(messageOf([] { Plain net; }, __FILE__), oddHeads("plain"));
  EXPECT_EQ(messageOf([] { Options net; }, __FILE__), oddHeads("list"));
  Net stranger;
  Model m("m");
  EXPECT_EQ(messageOf([&] { m.function("f", {kX}, [&](Tensor x) { return stranger.fc1(x); }); },
                      __FILE__),
            "'fc1.weight' belongs to no module of model 'm'; make its module with Model::add");
  struct WithCache : nn::Module {
    Buffer cache{*this, "cache", {2}};
  };
  auto net = m.add<WithCache>();
  EXPECT_EQ(
      messageOf([&] { m.function("f", {kX}, [&](Tensor x) { net->cache.set(x); }); }, __FILE__),
      "buffer 'cache' is f32 [2], but is set to f32 [2, 3]; reshape or cast the value");
  EXPECT_EQ(messageOf([&] { schedule::cosine(1, 0); }, __FILE__),
            "schedule::cosine is given 0 steps; it needs at least 1");
}

TEST(Errors, AFileThatCannotBeWritten) {
  Model m("m");
  EXPECT_EQ(messageOf([&] { m.write_mlir("/no/such/folder/m.mlir"); }, __FILE__),
            "cannot write '/no/such/folder/m.mlir'; check that its folder exists, is writable and "
            "has room");
}

} // namespace
} // namespace heddle::testing
