//===- IndexRanges.cpp - which values an index input may hold ----------------===//
//
// An integer input that reaches gather, scatter_add or the labels of cross_entropy through views is checked when
// the function is called. A view may show a part of the input only, so the bounds are kept an element: an input
// gets a range when all of its elements are bounded, and then the widest, so that no valid input is refused.
//
//===----------------------------------------------------------------------===//

#include "Description.h"

#include "heddle/ir/Ops.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

#include <algorithm>
#include <limits>
#include <numeric>

using namespace mlir;

namespace heddle::cpu {
namespace {

// Beyond this an input is data, not indices, and the analysis would cost more than it gives.
constexpr int64_t kMostElements = 1 << 22;

using Elements = std::vector<int64_t>; // for each element of a view, which element of the input it is

// Element numbers of a dense array under `strides`, in row-major order of `shape`.
Elements select(const Elements &source, ArrayRef<int64_t> shape, ArrayRef<int64_t> strides, int64_t offset) {
  Elements result;
  SmallVector<int64_t> position(shape.size(), 0);
  const int64_t count = ShapedType::getNumElements(shape);
  result.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    int64_t at = offset;
    for (size_t d = 0; d < shape.size(); ++d)
      at += position[d] * strides[d];
    result.push_back(source[static_cast<size_t>(at)]);
    for (size_t d = shape.size(); d-- > 0;) {
      if (++position[d] < shape[d])
        break;
      position[d] = 0;
    }
  }
  return result;
}

SmallVector<int64_t> denseStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t d = shape.size(); d-- > 1;)
    strides[d - 1] = strides[d] * shape[d];
  return strides;
}

class InputBounds {
public:
  explicit InputBounds(int64_t count) : bounds(static_cast<size_t>(count)) {}

  void follow(Value value, const Elements &elements) {
    for (OpOperand &use : value.getUses())
      followUse(use, elements);
  }

  std::optional<IndexRange> widest() const {
    if (bounds.empty())
      return std::nullopt;
    IndexRange range{std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min(), std::nullopt};
    for (const Bound &bound : bounds) {
      if (!bound.known)
        return std::nullopt;
      range.low = std::min(range.low, bound.range.low);
      range.high = std::max(range.high, bound.range.high);
      if (bound.range.also)
        range.also = bound.range.also;
    }
    if (range.also && *range.also >= range.low && *range.also < range.high)
      range.also.reset();
    return range;
  }

private:
  struct Bound {
    bool known = false;
    IndexRange range;
  };

  void followUse(OpOperand &use, const Elements &elements) {
    Operation *op = use.getOwner();
    if (auto reshape = dyn_cast<ir::ReshapeOp>(op))
      return follow(reshape.getResult(), elements);
    if (auto transpose = dyn_cast<ir::TransposeOp>(op)) {
      auto from = cast<RankedTensorType>(use.get().getType());
      auto to = cast<RankedTensorType>(transpose.getResult().getType());
      SmallVector<int64_t> strides, dense = denseStrides(from.getShape());
      for (int64_t dimension : transpose.getPermutation())
        strides.push_back(dense[static_cast<size_t>(dimension)]);
      return follow(transpose.getResult(), select(elements, to.getShape(), strides, 0));
    }
    if (auto slice = dyn_cast<ir::SliceOp>(op)) {
      auto from = cast<RankedTensorType>(use.get().getType());
      auto to = cast<RankedTensorType>(slice.getResult().getType());
      SmallVector<int64_t> strides = denseStrides(from.getShape());
      int64_t offset = 0;
      for (size_t d = 0; d < strides.size(); ++d) {
        offset += slice.getStarts()[d] * strides[d];
        strides[d] *= slice.getStrides()[d];
      }
      return follow(slice.getResult(), select(elements, to.getShape(), strides, offset));
    }
    auto rows = [](Value table) { return cast<RankedTensorType>(table.getType()).getShape(); };
    if (auto gather = dyn_cast<ir::GatherOp>(op); gather && use.get() == gather.getIndices())
      restrict(elements, {0, rows(gather.getTable()).front(), std::nullopt});
    if (auto scatter = dyn_cast<ir::ScatterAddOp>(op); scatter && use.get() == scatter.getIndices())
      restrict(elements, {0, rows(scatter.getTable()).front(), std::nullopt});
    if (auto loss = dyn_cast<ir::CrossEntropyOp>(op); loss && use.get() == loss.getLabels())
      restrict(elements, {0, rows(loss.getLogits()).back(), static_cast<int64_t>(loss.getIgnoreIndex())});
  }

  // An element that two ops use must suit both.
  void restrict(const Elements &elements, const IndexRange &range) {
    for (int64_t element : elements) {
      Bound &bound = bounds[static_cast<size_t>(element)];
      if (!bound.known) {
        bound = {true, range};
        continue;
      }
      bound.range.low = std::max(bound.range.low, range.low);
      bound.range.high = std::min(bound.range.high, range.high);
      if (bound.range.also != range.also)
        bound.range.also.reset();
    }
  }

  std::vector<Bound> bounds;
};

} // namespace

IndexRanges inferIndexRanges(ModuleOp traced) {
  IndexRanges ranges;
  for (auto function : traced.getOps<FunctionOpInterface>()) {
    if (function.isExternal())
      continue;
    for (unsigned i = 0; i < function.getNumArguments(); ++i) {
      auto kind = function.getArgAttrOfType<StringAttr>(i, "heddle.kind");
      auto type = dyn_cast<RankedTensorType>(function.getArgumentTypes()[i]);
      if (!kind || kind != "input" || !type || !type.hasStaticShape() ||
          !(type.getElementType().isInteger(32) || type.getElementType().isInteger(64)) ||
          type.getNumElements() > kMostElements)
        continue;
      InputBounds bounds(type.getNumElements());
      Elements all(static_cast<size_t>(type.getNumElements()));
      std::iota(all.begin(), all.end(), 0);
      bounds.follow(function.getArgument(i), all);
      if (auto range = bounds.widest())
        ranges[function.getName()][i] = *range;
    }
  }
  return ranges;
}

} // namespace heddle::cpu
