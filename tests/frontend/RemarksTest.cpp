// What a compile says of the user's lines.
#include "Testing.h"

#include <algorithm>
#include <set>

namespace heddle::testing {
namespace {

constexpr unsigned kGeluLine = __LINE__ + 7;
struct Layer : nn::Module {
  nn::Linear fc;
  Layer(nn::Module &parent, const std::string &name)
      : nn::Module(parent, name), fc(*this, "fc", 8, 8) {}
  Tensor operator()(Tensor x) {
    const Tensor hidden = fc(x);
    return gelu(hidden);
  }
};
struct Net : nn::Module {
  Layer a{*this, "a"}, b{*this, "b"}, c{*this, "c"};
  Tensor operator()(Tensor x) { return c(b(a(x))); }
};

Model layers() {
  Model m("layers");
  auto net = m.add<Net>();
  Input x{"x", f32, {4, 8}};
  m.function("predict", {x}, [=](Tensor t) { return net(t); });
  m.train_step(
      "train", {x}, [=](Tensor t) { return mean(net(t)); }, optim::SGD{.lr = 0.1});
  return m;
}

std::vector<Remark> remarks_of(const Model &model, const std::string &passes = "") {
  std::vector<Remark> remarks;
  compile(model, {.remarks = {[&](const Remark &remark) { remarks.push_back(remark); }, passes}});
  return remarks;
}

TEST(Remarks, NameTheLineAndFoldEqualLayers) {
  const std::vector<Remark> remarks = remarks_of(layers());
  const auto taken = std::ranges::find_if(remarks, [](const Remark &remark) {
    return remark.function == "predict" && remark.name == "Epilogue";
  });
  ASSERT_NE(taken, remarks.end());
  EXPECT_EQ(taken->kind, Remark::Kind::passed);
  EXPECT_TRUE(taken->file.ends_with("RemarksTest.cpp")) << taken->file;
  EXPECT_EQ(taken->line, kGeluLine);
  EXPECT_EQ(taken->pass, "heddle-cpu-plan");
  EXPECT_EQ(taken->count % 3, 0U);
  EXPECT_TRUE(taken->message.starts_with("gelu is computed with the matrix product"))
      << taken->message;

  const auto fused = std::ranges::find_if(remarks, [](const Remark &remark) {
    return remark.function == "predict" && remark.name == "BiasFused";
  });
  ASSERT_NE(fused, remarks.end());
  EXPECT_EQ(fused->kind, Remark::Kind::passed);
  EXPECT_EQ(fused->line, kGeluLine - 1);
  EXPECT_EQ(fused->count, 3U);

  std::set<std::string> texts;
  for (const Remark &remark : remarks)
    EXPECT_TRUE(texts.insert(to_string(remark)).second) << "twice: " << to_string(remark);
  EXPECT_TRUE(std::ranges::is_sorted(remarks, {}, [](const Remark &remark) {
    return std::tuple(remark.file, remark.line, remark.function);
  }));
}

TEST(Remarks, AreTheSameInEveryCompile) {
  const Model model = layers();
  std::vector<std::string> first, second;
  for (const Remark &remark : remarks_of(model))
    first.push_back(to_string(remark));
  for (const Remark &remark : remarks_of(model))
    second.push_back(to_string(remark));
  EXPECT_EQ(first, second);
}

TEST(Remarks, CallGradientsByTheirOp) {
  const std::vector<Remark> remarks = remarks_of(layers(), "fuse$");
  EXPECT_TRUE(std::ranges::any_of(remarks, [](const Remark &remark) {
    return remark.message.find("gradient of gelu") != std::string::npos;
  }));
}

TEST(Remarks, AreOfThePassesAskedFor) {
  const std::vector<Remark> remarks = remarks_of(layers(), "contractions|plan");
  EXPECT_FALSE(remarks.empty());
  for (const Remark &remark : remarks)
    EXPECT_TRUE(remark.pass == "heddle-fuse-contractions" || remark.pass == "heddle-cpu-plan")
        << remark.pass;
  EXPECT_TRUE(remarks_of(layers(), "no such pass").empty());
}

TEST(Remarks, StateIsInPlace) {
  const std::vector<Remark> remarks = remarks_of(layers(), "plan");
  const auto found = std::ranges::find(remarks, "StateInPlace", &Remark::name);
  ASSERT_NE(found, remarks.end());
  EXPECT_EQ(found->function, "train");
  EXPECT_GE(found->count, 6U); // three weights, three biases
}

TEST(Remarks, OfALibraryToo) {
  std::size_t count = 0;
  write_library(layers(), ::testing::TempDir() + "/heddle_remarks",
                {.remarks = {[&](const Remark &) { ++count; }}});
  EXPECT_GT(count, 0U);
}

TEST(Remarks, ExpressionMustBeOne) {
  const std::string message = messageOf([] { remarks_of(layers(), "fuse("); }, __FILE__);
  EXPECT_TRUE(
      message.starts_with("the passes to remark on are 'fuse(', which is no regular expression: "))
      << message;
}

TEST(Remarks, AsText) {
  EXPECT_EQ(
      to_string({Remark::Kind::missed, "m.cpp", 3, "train", "heddle-fuse", "NotFused", "no", 1}),
      "m.cpp:3: missed: no [heddle-fuse, train]");
  EXPECT_EQ(to_string({Remark::Kind::passed, "", 0, "f", "heddle-fuse", "Fused", "one", 12}),
            "passed: one [heddle-fuse, f] (12 times)");
}

} // namespace
} // namespace heddle::testing
