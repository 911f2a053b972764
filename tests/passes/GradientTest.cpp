//===- GradientTest.cpp - gradients against central differences -----------===//
//
// D(h) = (f(x + h) - f(x - h)) / 2h errs by h^2 f''' / 6 + O(h^4), which D(2h) - D(h) is three
// times of, and by the rounding of f, a path's length times eps / 2 times its size in each of the
// two values, over 2h. The step is near eps^(1/3), where both are small.
//
//===----------------------------------------------------------------------===//

#include "Models.h"

#include "heddle/passes/Evaluation.h"

#include "heddle/ir/Dialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <cmath>

using namespace mlir;
using namespace heddle;
using namespace heddle::test;

namespace {

constexpr double kStep =
    0x1p-17; // a power of two, so that x + h and x - h differ from x by h exactly

struct GradientTest : Models, testing::WithParamInterface<std::string> {};

/// Result `index + 1` of the models is the gradient of the loss, result 0, with respect to a
/// parameter.
TEST_P(GradientTest, AgreesWithCentralDifferences) {
  OwningOpRef<ModuleOp> forward = parse(GetParam()), joint = parse(GetParam()),
                        primitives = parse(GetParam());
  ASSERT_TRUE(forward);
  passes::keepInterpretable(train(*forward));
  runPhases(*joint, "", "differentiate");
  runPhases(*primitives, "", "simplify");
  func::FuncOp function = train(*joint);
  Tensors arguments = randomArguments(function), results = run(*joint, arguments);
  double eps = 0x1p-52 * static_cast<double>(longestPath(train(*primitives)));

  size_t next = 1;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    if (function.getArgAttrOfType<StringAttr>(i, ir::HeddleDialect::kKindAttr) != "parameter")
      continue;
    auto name = function.getArgAttrOfType<StringAttr>(i, ir::HeddleDialect::kNameAttr).str();
    ASSERT_EQ(function.getResultAttrOfType<StringAttr>(next, ir::HeddleDialect::kNameAttr),
              "d." + name);
    const ir::HostTensor &gradient = results[next++];
    ASSERT_EQ(gradient.type, arguments[i].type);
    for (size_t j = 0; j < gradient.values.size(); ++j) {
      double &x = arguments[i].values[j];
      const double at = x;
      auto difference = [&](double h) {
        x = at + h;
        double above = run(*forward, arguments)[0].values[0];
        x = at - h;
        double below = run(*forward, arguments)[0].values[0];
        x = at;
        return (above - below) / (2 * h);
      };
      double once = difference(kStep), twice = difference(2 * kStep);
      double tolerance = std::fabs(twice - once) + eps * std::max(1.0, largest(results[0])) / kStep;
      ASSERT_NEAR(gradient.values[j], once, tolerance) << name << " element " << j;
    }
  }
  EXPECT_EQ(next, results.size());
}

INSTANTIATE_TEST_SUITE_P(Models, GradientTest, testing::ValuesIn(modelFiles("_gradient.mlir")),
                         [](const auto &info) { return modelName(info.param); });

} // namespace
