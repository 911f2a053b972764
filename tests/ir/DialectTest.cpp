//===- DialectTest.cpp - what holds of every op -----------------------------===//

#include "Testing.h"

using namespace heddle;
using namespace heddle::test;

namespace {
// A gradient is never dropped in silence: an op says how it is differentiated, or that it is not.
TEST(Dialect, EveryOpIsDifferentiableOrSaysThatItIsNot) {
  Session session;
  auto ops = session.context.getRegisteredOperationsByDialect("heddle");
  EXPECT_FALSE(ops.empty());
  for (mlir::RegisteredOperationName op : ops)
    EXPECT_NE(op.hasInterface<ir::DifferentiableOpInterface>(),
              op.hasTrait<ir::OpTrait::NoDerivative>())
        << op.getStringRef().str();
}
} // namespace
