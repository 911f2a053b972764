//===- RoundingSpread.cpp - how far rounding may move a result ------------===//

#include "heddle/passes/Evaluation.h"

#include "heddle/ir/Ops.h"

#include "mlir/IR/IRMapping.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace heddle;

static constexpr unsigned kRuns = 4;

static int64_t elementsOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getNumElements();
}
template <typename Dot> static int64_t contractedElements(Dot dot) {
  int64_t terms = 1;
  for (int64_t dimension : dot.getXContract())
    terms *= cast<RankedTensorType>(dot.getX().getType()).getDimSize(dimension);
  return terms;
}

/// Ops that move numbers or choose among them. They do not round, and to move their operands would
/// break the ties that are meant, as between a number and the maximum that it is.
static bool isExact(Operation *op) {
  if (isa<ir::NegOp, ir::AbsOp, ir::ReluOp, ir::FloorOp, ir::MaximumOp, ir::MinimumOp, ir::SelectOp,
          ir::CompareOp, ir::StopGradientOp, ir::CastOp, ir::ReduceMaxOp, ir::ReduceMinOp,
          ir::ArgMaxOp, ir::ReshapeOp, ir::TransposeOp, ir::BroadcastOp, ir::SliceOp, ir::PadOp,
          ir::ConcatOp, ir::DynamicSliceOp, ir::DynamicUpdateSliceOp, ir::GatherOp>(op))
    return true;
  return llvm::none_of(op->getResultTypes(), ir::isDifferentiableType);
}

/// The most terms that are added up in one element of a result.
static int64_t termsOf(Operation *op) {
  if (auto sum = dyn_cast<ir::ReduceSumOp>(op))
    return elementsOf(sum.getX()) / std::max<int64_t>(elementsOf(sum.getResult()), 1);
  if (auto dot = dyn_cast<ir::DotGeneralOp>(op))
    return contractedElements(dot);
  if (auto contraction = dyn_cast<ir::ContractionOp>(op))
    return contractedElements(contraction) + 1;
  if (auto scatter = dyn_cast<ir::ScatterAddOp>(op))
    return elementsOf(scatter.getIndices()) + 1;
  // Sums that a decomposition may hold are over some of the dimensions.
  int64_t most = 1;
  if (isa<ir::DecomposableOpInterface>(op))
    for (Value operand : op->getOperands())
      for (int64_t size : cast<RankedTensorType>(operand.getType()).getShape())
        most = std::max(most, size);
  return most;
}

static double unitRoundoff(Type type) {
  return std::ldexp(1.0, -static_cast<int>(cast<FloatType>(type).getFPMantissaWidth()));
}

/// The hook of the interpreter is not called inside fusions.
static void inlineFusions(func::FuncOp function) {
  SmallVector<ir::FusionOp> fusions;
  function.walk([&](ir::FusionOp fusion) { fusions.push_back(fusion); });
  for (ir::FusionOp fusion : fusions) {
    OpBuilder builder(fusion);
    IRMapping values;
    values.map(fusion.getBody().getArguments(), fusion.getInputs());
    Block &body = fusion.getBody().front();
    for (Operation &op : body.without_terminator())
      builder.clone(op, values);
    for (auto [result, yielded] :
         llvm::zip_equal(fusion->getResults(), body.getTerminator()->getOperands()))
      result.replaceAllUsesWith(values.lookupOrDefault(yielded));
    fusion.erase();
  }
}

FailureOr<SmallVector<double>> passes::roundingSpread(func::FuncOp function,
                                                      ArrayRef<ir::HostTensor> arguments,
                                                      ArrayRef<ir::HostTensor> results) {
  OwningOpRef<func::FuncOp> flat = function.clone();
  inlineFusions(*flat);
  std::mt19937_64 engine(0);
  auto move = [&](Operation *op, MutableArrayRef<ir::HostTensor> operands) {
    if (isExact(op))
      return;
    const auto terms = static_cast<double>(termsOf(op));
    const bool isComposite = isa<ir::DecomposableOpInterface>(op);
    for (auto [value, tensor] : llvm::zip_equal(op->getOperands(), operands)) {
      Type element = tensor.type.getElementType();
      if (!isa<FloatType>(element))
        continue;
      const double own =
          isComposite || value.getDefiningOp<ir::ConstantOp>() ? unitRoundoff(element) : 0.0;
      const double most = own + terms * 0x1p-53;
      for (double &number : tensor.values)
        number *= 1.0 + (engine() & 1 ? most : -most);
    }
  };
  SmallVector<double> spread(results.size(), 0.0);
  for (unsigned run = 0; run < kRuns; ++run) {
    auto moved = ir::interpret(*flat, arguments, move);
    if (failed(moved))
      return failure();
    for (auto [most, x, y] : llvm::zip_equal(spread, results, *moved))
      for (auto [a, b] : llvm::zip_equal(x.values, y.values))
        if (double distance = std::fabs(a - b); std::isfinite(distance))
          most = std::max(most, distance);
  }
  return spread;
}
