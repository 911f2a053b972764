//===- MaterializeLayouts.cpp - copies where a view would not do ----------===//

#include "FusionBuilder.h"
#include "heddle/passes/Passes.h"
#include "heddle/passes/Remarks.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLEMATERIALIZELAYOUTS
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

using Strides = SmallVector<int64_t>;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static Strides rowMajor(ArrayRef<int64_t> shape) {
  Strides strides(shape.size(), 1);
  for (int64_t i = static_cast<int64_t>(shape.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

/// The strides of `from` seen as `to`, if there are such: each run of dimensions of `from` in which
/// the one steps where the next ends may be cut anew.
static std::optional<Strides> reshapeStrides(ArrayRef<int64_t> from, ArrayRef<int64_t> strides,
                                             ArrayRef<int64_t> to) {
  SmallVector<std::pair<int64_t, int64_t>> runs; // size, innermost stride
  for (auto [size, stride] : llvm::zip_equal(from, strides)) {
    if (size == 1)
      continue;
    if (!runs.empty() && runs.back().second == size * stride)
      runs.back() = {runs.back().first * size, stride};
    else
      runs.emplace_back(size, stride);
  }
  Strides result(to.size(), 1);
  int64_t done = 1; // elements of the last run that are already in dimensions of `to`
  for (int64_t i = static_cast<int64_t>(to.size()) - 1; i >= 0; --i) {
    if (to[i] == 1)
      continue;
    if (runs.empty())
      return std::nullopt;
    auto [size, stride] = runs.back();
    if (size % (done * to[i]) != 0)
      return std::nullopt;
    result[i] = stride * done;
    done *= to[i];
    if (done == size) {
      runs.pop_back();
      done = 1;
    }
  }
  return result;
}

namespace {

struct MaterializeLayouts : passes::impl::HeddleMaterializeLayoutsBase<MaterializeLayouts> {
  void runOnOperation() override {
    if (getOperation().isDeclaration())
      return;
    Block &block = getOperation().getBody().front();
    llvm::DenseMap<Value, Strides> strides; // of views; all else is row-major
    llvm::DenseSet<Value> moved; // views that are not all of their memory in row-major order
    llvm::DenseMap<Value, Value> copies;
    auto stridesOf = [&](Value value) {
      auto known = strides.find(value);
      return known != strides.end() ? known->second : rowMajor(shapeOf(value));
    };
    const Remarks remarks(*this, getOperation());
    auto copyOf = [&](Value value, Operation *reader) {
      Value &copy = copies[value];
      if (!copy) {
        Operation *view = value.getDefiningOp();
        remarks.missed(view->getLoc(), "LayoutCopied")
            << remark::add("the result of {0} ({1}) is copied", nameForUser(view),
                           sizeForUser(value))
            << remark::reason(
                   "{0}", isa<func::ReturnOp>(reader)
                              ? "the function returns it, in another order than it has in memory"
                              : nameSeenFrom(view->getLoc(), reader) +
                                    " needs its elements in another order than in memory");
        OpBuilder builder(view);
        builder.setInsertionPointAfter(view);
        FusionBody body = buildSingleBody(view);
        SmallVector<Value> inputs = body.inputs;
        copy = createFusion(builder, std::move(body), inputs)->getResult(0);
        ++numCopies;
      }
      return copy;
    };

    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (auto transpose = dyn_cast<ir::TransposeOp>(op)) {
        Strides from = stridesOf(transpose.getX()), to;
        for (int64_t dimension : transpose.getPermutation())
          to.push_back(from[dimension]);
        strides[transpose.getResult()] = to;
        moved.insert(transpose.getResult());
      } else if (auto slice = dyn_cast<ir::SliceOp>(op)) {
        Strides to = stridesOf(slice.getX());
        for (auto [stride, step] : llvm::zip_equal(to, slice.getStrides()))
          stride *= step;
        strides[slice.getResult()] = to;
        moved.insert(slice.getResult());
      } else if (auto reshape = dyn_cast<ir::ReshapeOp>(op)) {
        Value x = reshape.getX();
        if (!moved.contains(x) || reshape.getType().getNumElements() == 0)
          continue;
        if (auto to = reshapeStrides(shapeOf(x), stridesOf(x), reshape.getType().getShape())) {
          strides[reshape.getResult()] = *to;
          moved.insert(reshape.getResult());
        } else {
          reshape.getXMutable().assign(copyOf(x, reshape));
        }
      } else if (isa<func::ReturnOp>(op)) {
        for (OpOperand &operand : op.getOpOperands())
          if (moved.contains(operand.get()))
            operand.set(copyOf(operand.get(), &op));
      }
    }
  }
};

} // namespace
