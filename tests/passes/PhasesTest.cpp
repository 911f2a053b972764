//===- PhasesTest.cpp - a phase does not change what a model computes -----===//
//
// Each phase may reorder sums, merge factors and compute values again, all of which only rounds
// otherwise. The interpreter computes in float64, so each op on a path from an argument to a result
// errs by eps / 2 of its result, and a sum by that for each of its terms. The models' values are of
// order 1. To first order, errors add up along the path, once before the phase and once after:
// twice (longest path) eps / 2, relative to the largest element of the result or 1. The length is
// that of the function in primitives.
//
//===----------------------------------------------------------------------===//

#include "Models.h"

#include "heddle/passes/Evaluation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <cmath>

using namespace mlir;
using namespace heddle;
using namespace heddle::test;

namespace {

struct PhasesTest : Models, testing::WithParamInterface<std::string> {
  double errorBound() {
    OwningOpRef<ModuleOp> primitives = parse(GetParam());
    runPhases(*primitives, "", "simplify");
    return static_cast<double>(longestPath(train(*primitives))) * 0x1p-52;
  }

  /// Compares the results that both have, which are the first.
  void expectSame(ArrayRef<ir::HostTensor> before, ArrayRef<ir::HostTensor> after, double bound) {
    ASSERT_GE(after.size(), before.size());
    for (auto [i, x] : llvm::enumerate(before)) {
      const ir::HostTensor &y = after[i];
      ASSERT_EQ(x.type, y.type);
      bool isFloat = isa<FloatType>(x.type.getElementType());
      double tolerance = isFloat ? bound * std::max(1.0, largest(x)) : 0.0;
      for (size_t j = 0; j < x.values.size(); ++j) {
        ASSERT_TRUE(std::isfinite(x.values[j])) << "result " << i << " element " << j;
        ASSERT_NEAR(x.values[j], y.values[j], tolerance) << "result " << i << " element " << j;
      }
    }
  }

  /// Runs one phase on the model as the phases before it leave it.
  void checkPhase(StringRef phase, StringRef previous, bool asFloat32 = false,
                  ArrayRef<std::string> kept = {}) {
    OwningOpRef<ModuleOp> module = parse(GetParam(), asFloat32);
    ASSERT_TRUE(module);
    runPhases(*module, "", previous, kept);
    Tensors arguments = randomArguments(train(*module)), before = run(*module, arguments);
    runPhases(*module, phase, phase, kept);
    Tensors after = run(*module, arguments);
    ASSERT_EQ(before.size(), after.size());
    expectSame(before, after, errorBound());
  }
};

/// What needs no gradient is the same; GradientTest has the gradients.
TEST_P(PhasesTest, Differentiate) {
  OwningOpRef<ModuleOp> traced = parse(GetParam()), module = parse(GetParam());
  ASSERT_TRUE(traced);
  passes::keepInterpretable(train(*traced));
  Tensors arguments = randomArguments(train(*traced)), before = run(*traced, arguments);
  runPhases(*module, "differentiate", "differentiate");
  ASSERT_FALSE(before.empty());
  expectSame(ArrayRef(before).take_front(1), run(*module, arguments), errorBound());
}
TEST_P(PhasesTest, Simplify) { checkPhase("simplify", "differentiate"); }
TEST_P(PhasesTest, Fuse) { checkPhase("fuse", "simplify"); }
/// Contractions are library calls in f32 only. Other phases round their constants to the type,
/// unlike the op that they replace; this one makes none.
TEST_P(PhasesTest, FuseFloat32) { checkPhase("fuse", "simplify", /*asFloat32=*/true); }
TEST_P(PhasesTest, FuseKeptAttention) {
  const std::string kept[] = {"heddle.attention", "heddle.attention_gradient"};
  checkPhase("fuse", "simplify", /*asFloat32=*/true, kept);
}

INSTANTIATE_TEST_SUITE_P(Models, PhasesTest, testing::ValuesIn(modelFiles()),
                         [](const auto &info) { return modelName(info.param); });

} // namespace
