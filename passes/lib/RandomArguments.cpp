//===- RandomArguments.cpp - arguments that a function takes --------------===//

#include "heddle/passes/Evaluation.h"

#include "heddle/ir/Ops.h"

#include <algorithm>
#include <random>

using namespace mlir;
using namespace heddle;

/// Integers that nothing bounds: few, so that comparisons of them come out both ways.
static constexpr int64_t kUnboundedLimit = 4;

static int64_t sizeOf(Value value, bool last) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(value.getType()).getShape();
  return last ? shape.back() : shape.front();
}

/// The smallest size that `value`, or an integer computed from it, indexes.
static int64_t indexLimit(Value value, llvm::SmallDenseSet<Value> &seen) {
  int64_t limit = INT64_MAX;
  if (!seen.insert(value).second)
    return limit;
  for (Operation *user : value.getUsers()) {
    if (auto gather = dyn_cast<ir::GatherOp>(user); gather && gather.getIndices() == value)
      limit = std::min(limit, sizeOf(gather.getTable(), /*last=*/false));
    if (auto scatter = dyn_cast<ir::ScatterAddOp>(user); scatter && scatter.getIndices() == value)
      limit = std::min(limit, sizeOf(scatter.getTable(), /*last=*/false));
    if (auto loss = dyn_cast<ir::CrossEntropyOp>(user); loss && loss.getLabels() == value)
      limit = std::min(limit, sizeOf(loss.getLogits(), /*last=*/true));
    if (auto fusion = dyn_cast<ir::FusionOp>(user))
      for (auto [input, argument] :
           llvm::zip_equal(fusion.getInputs(), fusion.getBody().getArguments()))
        if (input == value)
          limit = std::min(limit, indexLimit(argument, seen));
    for (Value result : user->getResults())
      if (isa<IntegerType>(getElementTypeOrSelf(result.getType())))
        limit = std::min(limit, indexLimit(result, seen));
  }
  return limit;
}

FailureOr<SmallVector<ir::HostTensor>> passes::randomArguments(func::FuncOp function, uint64_t seed,
                                                               RealRange range) {
  std::mt19937_64 engine(seed);
  SmallVector<ir::HostTensor> arguments;
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type || !type.hasStaticShape())
      return function.emitError() << "has an argument of type " << argument.getType()
                                  << ", which random values cannot be made for";
    ir::HostTensor &tensor = arguments.emplace_back(type);
    if (isa<FloatType>(type.getElementType())) {
      auto kind = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                        ir::HeddleDialect::kKindAttr);
      const bool isState = kind && kind == "optimizer";
      std::uniform_real_distribution<double> reals(isState ? 0.0 : range.low,
                                                   isState ? 1.0 : range.high);
      std::ranges::generate(tensor.values, [&] { return reals(engine); });
      continue;
    }
    llvm::SmallDenseSet<Value> seen;
    int64_t limit = indexLimit(argument, seen);
    if (limit == INT64_MAX)
      limit = type.getElementType().isInteger(1) ? 2 : kUnboundedLimit;
    std::uniform_int_distribution<int64_t> integers(0, std::max<int64_t>(limit - 1, 0));
    std::ranges::generate(tensor.values, [&] { return static_cast<double>(integers(engine)); });
  }
  return arguments;
}
