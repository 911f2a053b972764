// Weights of other names, layouts and dtypes. tests/twins loads whole models.
#include "FolderTest.h"
#include "Testing.h"

namespace heddle::testing {
namespace {

struct Net : nn::Module {
  nn::Linear fc{*this, "fc", 2, 3};
  nn::LayerNorm norm{*this, "norm", 3};
  Buffer seen{*this, "seen", {1}};
};

class Pretrained : public heddle::test::FolderTest {
protected:
  Pretrained() : exe(compile(model())) { exe.initialize(1); }
  static Model model() {
    Model m("m");
    auto net = m.add<Net>();
    m.train_step(
        "train", {{"x", f32, {1, 2}}},
        [=](Tensor x) {
          net->seen.set(net->seen + 1);
          return mean(net->norm(net->fc(x)));
        },
        optim::Adam{});
    return m;
  }
  std::string file(const NamedArrays &arrays) {
    const std::string path = folder / "weights.safetensors";
    write_safetensors(path, arrays);
    return path;
  }
  static HostArray floats(Shape shape, const std::vector<float> &values) {
    return HostArray::of(std::move(shape), values);
  }
  static NamedArrays whole() {
    return {{"fc.weight", floats({3, 2}, {1, 2, 3, 4, 5, 6})},
            {"fc.bias", floats({3}, {7, 8, 9})},
            {"norm.weight", floats({3}, {1, 2, 1})},
            {"norm.bias", floats({3}, {0, 1, 0})}};
  }
  std::vector<double> values(const char *name) const { return exe.tensor(name).to_doubles(); }
  /// The message of a load that fails, which leaves everything as it was.
  std::string message(const NamedArrays &arrays, const WeightFormat &format = {}) {
    std::vector<std::vector<double>> before;
    for (const TensorInfo &tensor : exe.tensors())
      before.push_back(exe.tensor(tensor.name).to_doubles());
    const std::string path = file(arrays);
    std::string text = messageOf([&] { load_pretrained(exe, path, format); }, __FILE__);
    std::size_t i = 0;
    for (const TensorInfo &tensor : exe.tensors())
      EXPECT_EQ(exe.tensor(tensor.name).to_doubles(), before[i++]) << tensor.name;
    if (const auto at = text.find(path); at != text.npos)
      text.replace(at, path.size(), "FILE");
    return text;
  }

  Executable exe;
};

TEST_F(Pretrained, ByTheModelsNames) {
  load_pretrained(exe, file(whole()));
  EXPECT_EQ(values("fc.weight"), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(values("norm.bias"), (std::vector<double>{0, 1, 0}));
}

TEST_F(Pretrained, OtherNamesLayoutsAndDtypes) {
  NamedArrays arrays = whole();
  auto rename = [&](const std::string &from, const std::string &to) {
    auto node = arrays.extract(from);
    node.key() = to;
    arrays.insert(std::move(node));
  };
  rename("fc.weight", "model.fc.weight");
  arrays.at("model.fc.weight") =
      HostArray::of(Shape{2, 3}, std::vector<double>{1, 3, 5, 2, 4, 6}); // f64, [in, out]
  rename("norm.weight", "norm.gamma");
  arrays.emplace("unused", floats({1}, {0}));
  load_pretrained(
      exe, file(arrays),
      {.file_names =
           [](const std::string &parameter) {
             return std::vector<std::string>{"model." + parameter, parameter, "norm.gamma"};
           },
       .transposed = [](const std::string &p) { return p == "fc.weight"; },
       .ignored = [](const std::string &name) { return name == "unused"; }});
  EXPECT_EQ(values("fc.weight"), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(values("norm.weight"), (std::vector<double>{1, 2, 1}));
}

TEST_F(Pretrained, WhatDoesNotFitIsNamedAndChangesNothing) {
  NamedArrays arrays = whole();
  arrays.erase("norm.bias");
  arrays.emplace("norm.beta", floats({3}, {0, 0, 0}));
  EXPECT_EQ(message(arrays), "'FILE' has no 'norm.bias', which the model's parameter 'norm.bias' "
                             "needs; it has 4 tensors, such as 'norm.beta'");
  arrays = whole();
  arrays.emplace("head.weight", floats({1}, {0}));
  EXPECT_EQ(message(arrays), "'FILE' has 'head.weight', which is no parameter of the model; "
                             "WeightFormat::ignored says what to leave out");
  arrays = whole();
  arrays.at("norm.bias") = floats({2}, {0, 0});
  EXPECT_EQ(message(arrays), "'FILE': tensor 'norm.bias' expects [3], got [2] ('norm.bias')");
  arrays.at("norm.bias") = HostArray::of(Shape{3}, std::vector<std::int32_t>{0, 1, 0});
  EXPECT_EQ(message(arrays), "'FILE': tensor 'norm.bias' expects f32, got i32 ('norm.bias')");
  auto all = [](const std::string &) { return true; };
  EXPECT_EQ(message(whole(), {.transposed = all}),
            "'FILE': tensor 'fc.weight' expects [2, 3] (transposed), got [3, 2] ('fc.weight')");
  arrays = whole();
  arrays.at("fc.weight") = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(message(arrays, {.transposed = all}),
            "the format transposes 'fc.bias', which is [3] and no matrix");
  EXPECT_NE(messageOf([&] { load_pretrained(exe, folder / "none"); }, __FILE__), "no error");
}

} // namespace
} // namespace heddle::testing
