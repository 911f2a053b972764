//===- InsertPassesTest.cpp - passes of one's own between the phases ------===//

#include "heddle/passes/Passes.h"
#include "heddle/passes/Pipeline.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace heddle;

namespace {

struct InsertPasses : testing::Test {
  static void SetUpTestSuite() {
    passes::registerHeddlePasses();
    registerCanonicalizer();
  }
  std::string errorOf(StringRef before, StringRef pipeline) {
    std::string error;
    EXPECT_TRUE(failed(passes::insertPasses(phases, before, pipeline, error)));
    return error;
  }
  /// The passes of one phase, as text.
  std::string built(StringRef phase) {
    OpPassManager manager(ModuleOp::getOperationName());
    std::string error, text;
    EXPECT_TRUE(succeeded(passes::buildPhases(manager, phases, phase, phase, error))) << error;
    llvm::raw_string_ostream stream(text);
    manager.printAsTextualPipeline(stream);
    return text;
  }

  SmallVector<passes::Phase> phases = passes::dialectPhases();
  std::string error;
};

TEST_F(InsertPasses, GoBeforeThoseOfThePhase) {
  const std::string fuse = built("fuse"), simplify = built("simplify");
  ASSERT_TRUE(succeeded(passes::insertPasses(phases, "simplify", "canonicalize", error)));
  EXPECT_EQ(built("fuse"), fuse);
  const std::string changed = built("simplify"), prefix = "builtin.module(canonicalize{";
  EXPECT_EQ(changed.substr(0, prefix.size()), prefix);
  const std::string rest = simplify.substr(std::string("builtin.module(").size());
  EXPECT_EQ(changed.substr(changed.size() - rest.size()), rest);
}

TEST_F(InsertPasses, OnFunctionsWithOrWithoutNesting) {
  SmallVector<passes::Phase> others = passes::dialectPhases();
  ASSERT_TRUE(
      succeeded(passes::insertPasses(phases, "fuse", "heddle-simplify,canonicalize", error)))
      << error;
  ASSERT_TRUE(succeeded(
      passes::insertPasses(others, "fuse", "func.func(heddle-simplify,canonicalize)", error)));
  const std::string without = built("fuse");
  phases = others;
  EXPECT_EQ(without, built("fuse"));
}

TEST_F(InsertPasses, WhatDoesNotFit) {
  EXPECT_EQ(errorOf("melt", "canonicalize"),
            "'melt=canonicalize' names the phase 'melt', which does not exist; phases are "
            "differentiate, simplify, fuse");
  EXPECT_EQ(errorOf("fuse", "my-pass").find("'fuse=my-pass' is no list of passes: "), 0U);
  EXPECT_NE(errorOf("fuse", "my-pass").find("'my-pass'"), std::string::npos);
  EXPECT_NE(errorOf("fuse", "heddle-fuse{max=3}").find("max"), std::string::npos);
  // One is on functions, the other on modules.
  EXPECT_NE(errorOf("fuse", "heddle-simplify,heddle-verify-phase").find("did you intend to nest?"),
            std::string::npos);
}

} // namespace
