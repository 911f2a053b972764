//===- ModelFormTest.cpp - what a model's functions must say of themselves --===//

#include "Testing.h"

#include "mlir/Parser/Parser.h"

using namespace heddle::test;

namespace {
/// The error of a model whose function @f passes arguments %x and %w on, with these attributes.
std::string errorOf(const std::string &x, const std::string &w, const std::string &results,
                    const std::string &type = "tensor<3xf32>") {
  std::string text = "module attributes {heddle.model = \"m\"} {\n  func.func @f(%x: " + type +
                     " {" + x + "}, %w: " + type + " {" + w + "}) -> (" + results +
                     ") {\n    return %x, %w : " + type + ", " + type + "\n  }\n}";
  Session session;
  bool valid = static_cast<bool>(mlir::parseSourceString<mlir::ModuleOp>(text, &session.context));
  EXPECT_EQ(valid, session.firstError().empty()) << text;
  return session.firstError();
}
const std::string kInput = "heddle.name = \"x\", heddle.kind = \"input\"";
const std::string kWeight = "heddle.name = \"w\", heddle.kind = \"parameter\"";
const std::string kResults =
    "tensor<3xf32> {heddle.name = \"y\"}, tensor<3xf32> {heddle.updates = \"w\"}";
std::string weight(const std::string &init) { return kWeight + ", heddle.init = " + init; }
std::string results(const std::string &first, const std::string &second) {
  return "tensor<3xf32> {" + first + "}, tensor<3xf32> {" + second + "}";
}
const std::string kAbout = "model function 'f': ";
const std::string kZeros = weight("{kind = \"zeros\"}");

TEST(ModelForm, TakesEachKindOfInitialiser) {
  for (std::string init :
       {"{kind = \"zeros\"}", "{kind = \"ones\"}", "{kind = \"constant\", value = 2 : i64}",
        "{kind = \"uniform\", low = -1.0, high = 1.0}",
        "{kind = \"normal\", mean = 0.0, std = 0.1}"})
    EXPECT_EQ(errorOf(kInput, weight(init), kResults), "");
  // Only a parameter must have one.
  for (std::string kind : {"buffer", "optimizer", "rng", "step"})
    EXPECT_EQ(errorOf(kInput, "heddle.name = \"w\", heddle.kind = \"" + kind + "\"", kResults), "");
}

TEST(ModelForm, NamesTheArgumentThatIsWrong) {
  EXPECT_EQ(errorOf("heddle.kind = \"input\"", kZeros, kResults),
            kAbout + "argument 0 has no heddle.name; expected heddle.name = \"...\"");
  EXPECT_EQ(errorOf("heddle.name = \"x\", heddle.kind = \"data\"", kZeros, kResults),
            kAbout + "argument 0 'x' expects a heddle.kind that is one of input, parameter, "
                     "buffer, optimizer, rng, "
                     "step; got \"data\"");
  EXPECT_EQ(errorOf(kInput, kInput, kResults),
            kAbout + "argument 1 is the second one that is named 'x'");
  EXPECT_EQ(errorOf(kInput, kZeros,
                    "tensor<?xf32> {heddle.name = \"y\"}, tensor<?xf32> {heddle.updates = \"w\"}",
                    "tensor<?xf32>"),
            kAbout + "argument 0 is 'tensor<?xf32>'; expected a tensor with all its sizes known");
}

TEST(ModelForm, NamesTheInitialiserThatIsWrong) {
  EXPECT_EQ(errorOf(kInput, kWeight, kResults),
            kAbout + "argument 1 'w' is a parameter without heddle.init; expected heddle.init = "
                     "{kind = \"normal\", "
                     "mean = 0.0, std = 0.02}, or another");
  EXPECT_EQ(errorOf(kInput, weight("{kind = \"noise\"}"), kResults),
            kAbout + "argument 1 'w' expects a heddle.init whose kind is zeros, ones, constant, "
                     "uniform or normal; got "
                     "{kind = \"noise\"}");
  EXPECT_EQ(errorOf(kInput, weight("{kind = \"normal\", mean = 0.0}"), kResults),
            kAbout + "argument 1 'w' has a heddle.init of kind normal without the number 'std'");
  EXPECT_EQ(errorOf(kInput, weight("{kind = \"zeros\", zero_row = 3 : i64}"), kResults),
            kAbout + "argument 1 'w' has a heddle.init whose zero_row is 3 : i64; expected a row "
                     "of 'tensor<3xf32>'");
}

TEST(ModelForm, NamesTheResultThatIsWrong) {
  const std::string name = "heddle.name = \"y\"", updates = "heddle.updates = \"w\"";
  for (std::string neither : {std::string(), name + ", " + updates})
    EXPECT_EQ(errorOf(kInput, kZeros, results(name, neither)),
              kAbout + "result 1 expects either heddle.name, which gives it to the caller, or "
                       "heddle.updates, which "
                       "stores it in the state");
  EXPECT_EQ(errorOf(kInput, kZeros, results(name, name)),
            kAbout + "result 1 is the second one that is named 'y'");
  EXPECT_EQ(errorOf(kInput, kZeros, results(updates, updates)),
            kAbout + "result 1 is the second one that updates 'w'");
  EXPECT_EQ(errorOf(kInput, kZeros, results(name, "heddle.updates = \"v\"")),
            kAbout + "result 1 updates 'v', which is no argument of the function");
  EXPECT_EQ(errorOf(kInput, kZeros, results(name, "heddle.updates = \"x\"")),
            kAbout + "result 1 updates 'x', which is an input; only state can be updated");
}

TEST(ModelForm, IsOfNamedModulesOnly) {
  auto errorIn = [](const std::string &text) {
    Session session;
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &session.context);
    return session.firstError();
  };
  const std::string bare =
      " {\n  func.func @f(%x: tensor<f32>) -> tensor<f32> {\n    return %x : tensor<f32>\n  }\n}";
  EXPECT_EQ(errorIn("module" + bare), "");
  EXPECT_EQ(errorIn("module attributes {heddle.model = \"\"}" + bare),
            "'heddle.model' names the model of a module; expected a string on a module, got \"\"");
}
} // namespace
