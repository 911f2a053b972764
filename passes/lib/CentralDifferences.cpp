//===- CentralDifferences.cpp - a gradient and the slope that is seen ------===//

#include "CentralDifferences.h"
#include "Differentiate.h"

#include "heddle/passes/Evaluation.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

using Tensors = SmallVector<ir::HostTensor>;

/// Steps are 2^-17, near the cube root of the unit roundoff, where truncation and rounding are both
/// small, and shorter ones, which get past a kink.
static constexpr int kSteps[] = {-17, -20, -23};

/// How many times the spread of a few random runs two slopes may differ by: the runs find the size
/// of the error, not its bound.
static constexpr double kSlack = 8.0;

/// The share of a slope that truncation may be for a wrong one to be seen.
static constexpr double kVisible = 1e-3;

bool Slope::agrees() const { return std::fabs(claimed - seen) <= tolerance(); }

bool Slope::isConclusive() const {
  return truncation <= rounding + kVisible * std::max(size, std::fabs(seen));
}

static double largestOf(const ir::HostTensor &tensor) {
  double largest = 0.0;
  for (double value : tensor.values)
    largest = std::max(largest, std::fabs(value));
  return largest;
}

/// The part of the function that `values` depend on, which it returns; in `mapping`, where it is.
static OwningOpRef<func::FuncOp> sliceTo(func::FuncOp function, ValueRange values,
                                         IRMapping &mapping) {
  OwningOpRef<func::FuncOp> slice = cast<func::FuncOp>(function->clone(mapping));
  Block &block = slice->getBody().front();
  SmallVector<Value> results;
  for (Value value : values)
    results.push_back(mapping.lookup(value));
  block.getTerminator()->setOperands(results);
  slice->removeResAttrsAttr();
  slice->setFunctionType(FunctionType::get(function.getContext(), slice->getArgumentTypes(),
                                           ValueRange(results).getTypes()));
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
  return slice;
}

/// Makes an argument of what was computed.
static void makeArgument(func::FuncOp function, Value value) {
  Value argument = function.getBody().addArgument(value.getType(), value.getLoc());
  value.replaceAllUsesWith(argument);
  SmallVector<Type> inputs(function.getBody().getArgumentTypes());
  function.removeArgAttrsAttr();
  function.setFunctionType(
      FunctionType::get(function.getContext(), inputs, function.getResultTypes()));
}

CentralDifferences::CentralDifferences(ir::GradientOp gradient, ArrayRef<ir::HostTensor> arguments,
                                       uint64_t seed)
    : gradient(gradient), function(gradient->getParentOfType<func::FuncOp>()), arguments(arguments),
      seed(seed) {
  for (auto stop : gradient->getBlock()->getOps<ir::StopGradientOp>())
    if (stop->isBeforeInBlock(gradient))
      held.push_back(stop.getResult());
}

FailureOr<bool> CentralDifferences::evaluate() {
  SmallVector<Value> wanted(gradient->getResults());
  wanted.push_back(gradient.getLoss());
  llvm::append_range(wanted, gradient.getWrt());
  llvm::append_range(wanted, held);
  IRMapping mapping;
  OwningOpRef<func::FuncOp> joint = sliceTo(function, wanted, mapping);
  if (failed(passes::differentiate(*joint)))
    return failure();
  auto results = ir::interpret(*joint, arguments);
  if (failed(results))
    return failure();
  const size_t count = gradient->getNumResults();
  for (const ir::HostTensor &tensor : ArrayRef(*results).take_front(count + 1))
    if (!llvm::all_of(tensor.values, [](double value) { return std::isfinite(value); }))
      return false;
  auto spread = passes::roundingSpread(*joint, arguments, *results);
  if (failed(spread))
    return failure();
  auto errorOf = [&](size_t result) {
    return kSlack * ((*spread)[result] + 0x1p-53 * largestOf((*results)[result]));
  };
  for (size_t i = 0; i < count; ++i)
    gradientErrors.push_back(errorOf(i));
  lossError = errorOf(count);
  ArrayRef<ir::HostTensor> all = *results;
  gradients.assign(all.begin(), all.begin() + count);
  wrtValues.assign(all.begin() + count + 1, all.begin() + 2 * count + 1);
  heldValues.assign(all.begin() + 2 * count + 1, all.end());
  return true;
}

FailureOr<Slope> CentralDifferences::slope(unsigned wrt) {
  SmallVector<Value> wanted = {gradient.getLoss(), gradient.getWrt()[wrt]};
  llvm::append_range(wanted, held);
  IRMapping mapping;
  OwningOpRef<func::FuncOp> loss = sliceTo(function, wanted, mapping);
  if (failed(passes::differentiate(*loss))) // of a gradient within the loss
    return failure();
  Operation *terminator = loss->getBody().front().getTerminator();
  Tensors at(arguments);
  auto argumentOf = [&](unsigned result, const ir::HostTensor &tensor) -> size_t {
    if (auto argument = dyn_cast<BlockArgument>(terminator->getOperand(result)))
      return argument.getArgNumber();
    makeArgument(*loss, terminator->getOperand(result));
    at.push_back(tensor);
    return at.size() - 1;
  };
  const size_t moving = argumentOf(1, wrtValues[wrt]);
  for (auto [i, tensor] : llvm::enumerate(heldValues))
    argumentOf(i + 2, tensor);

  std::mt19937_64 engine(seed + wrt + 1);
  const std::vector<double> center = at[moving].values;
  std::vector<double> direction(center.size());
  for (double &element : direction)
    element = engine() & 1 ? 1.0 : -1.0;
  Slope claimed;
  double squares = 0.0;
  for (auto [slope, element] : llvm::zip_equal(gradients[wrt].values, direction)) {
    claimed.claimed += slope * element;
    squares += slope * slope;
  }
  claimed.size = std::sqrt(squares);
  // Of n elements with errors of either sign.
  const double claimedError =
      gradientErrors[wrt] * std::sqrt(static_cast<double>(direction.size()));

  const double largest = largestOf(at[moving]);
  const int scale = largest > 0.0 ? std::ilogb(largest) : 0;
  auto difference = [&](double step) -> FailureOr<double> {
    double ends[2];
    for (int side : {0, 1}) {
      for (auto [x, from, element] : llvm::zip_equal(at[moving].values, center, direction))
        x = from + (side ? step : -step) * element;
      auto results = ir::interpret(*loss, at);
      if (failed(results))
        return failure();
      ends[side] = results->front().values.front();
    }
    return (ends[1] - ends[0]) / (2 * step);
  };
  Slope best;
  best.truncation = best.rounding = INFINITY;
  for (int exponent : kSteps) {
    const double step = std::ldexp(1.0, exponent + scale);
    auto once = difference(step), twice = difference(2 * step);
    if (failed(once) || failed(twice))
      return failure();
    Slope here = claimed;
    here.seen = *once;
    here.truncation = std::fabs(*twice - *once);
    here.rounding = lossError / step + claimedError;
    if (here.tolerance() < best.tolerance())
      best = here;
  }
  return best;
}

LogicalResult CentralDifferences::forEachOp(ir::OperandHook use) {
  IRMapping mapping;
  OwningOpRef<func::FuncOp> loss = sliceTo(function, gradient.getLoss(), mapping);
  if (failed(passes::differentiate(*loss)))
    return failure();
  return ir::interpret(*loss, arguments, use);
}
