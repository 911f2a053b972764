//===- IndexChecks.cpp - which values index inputs may hold ------------------===//
//
// An integer input that reaches gather, scatter_add or the labels of cross_entropy through views is
// checked when the function is called: each such use asks for a range of the elements that its view
// shows. Indices that are computed, or cut out of a reshaped part of an input, are clamped by the
// kernels.
//
//===----------------------------------------------------------------------===//

#include "Description.h"

#include "heddle/cpu/Layout.h"
#include "heddle/ir/Ops.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace heddle::cpu {
namespace {

class InputUses {
public:
  InputUses(StringRef input, std::vector<IndexCheck> &checks) : input(input), checks(checks) {}

  void follow(Value value) {
    follow(value, {Layout::dense(cast<RankedTensorType>(value.getType())), true});
  }

private:
  // The elements of the input that a value shows. Which of them is where is lost when strides
  // cannot express a reshape; a check of all of them needs no more.
  struct View {
    Layout layout;
    bool inOrder;
  };

  void follow(Value value, const View &view) {
    for (OpOperand &use : value.getUses())
      followUse(use, view);
  }

  void followUse(OpOperand &use, const View &view) {
    const Layout &layout = view.layout;
    Operation *op = use.getOwner();
    auto rows = [](Value table) { return cast<RankedTensorType>(table.getType()).getShape(); };
    if (auto reshape = dyn_cast<ir::ReshapeOp>(op)) {
      auto reshaped =
          view.inOrder ? layout.reshaped(reshape.getResult().getType().getShape()) : std::nullopt;
      follow(reshape.getResult(), reshaped ? View{*reshaped, true} : View{layout, false});
    } else if (auto transpose = dyn_cast<ir::TransposeOp>(op)) {
      follow(transpose.getResult(),
             view.inOrder ? View{layout.transposed(transpose.getPermutation()), true} : view);
    } else if (auto slice = dyn_cast<ir::SliceOp>(op)) {
      if (view.inOrder)
        follow(slice.getResult(),
               {layout.sliced(slice.getStarts(), slice.getLimits(), slice.getStrides()), true});
    } else if (auto gather = dyn_cast<ir::GatherOp>(op)) {
      if (use.get() == gather.getIndices())
        add(layout, rows(gather.getTable()).front(), std::nullopt);
    } else if (auto scatter = dyn_cast<ir::ScatterAddOp>(op)) {
      if (use.get() == scatter.getIndices())
        add(layout, rows(scatter.getTable()).front(), std::nullopt);
    } else if (auto loss = dyn_cast<ir::CrossEntropyOp>(op)) {
      if (use.get() == loss.getLabels())
        add(layout, rows(loss.getLogits()).back(), static_cast<int64_t>(loss.getIgnoreIndex()));
    }
  }

  void add(const Layout &layout, int64_t limit, std::optional<int64_t> also) {
    if (layout.count() == 0)
      return;
    if (also && *also >= 0 && *also < limit)
      also.reset();
    IndexCheck check{input.str(), layout.offset, {}, {}, limit, also};
    for (auto [size, stride] : llvm::zip_equal(layout.shape, layout.strides)) {
      if (size == 1)
        continue;
      check.shape.push_back(size);
      check.strides.push_back(stride);
    }
    if (!llvm::is_contained(checks, check))
      checks.push_back(std::move(check));
  }

  StringRef input;
  std::vector<IndexCheck> &checks;
};

} // namespace

std::vector<IndexCheck> findIndexChecks(FunctionOpInterface traced) {
  std::vector<IndexCheck> checks;
  for (unsigned i = 0; i < traced.getNumArguments(); ++i) {
    auto kind = traced.getArgAttrOfType<StringAttr>(i, "heddle.kind");
    auto name = traced.getArgAttrOfType<StringAttr>(i, "heddle.name");
    auto type = dyn_cast<RankedTensorType>(traced.getArgumentTypes()[i]);
    if (!kind || kind != "input" || !name || !type || !type.hasStaticShape() ||
        !(type.getElementType().isInteger(32) || type.getElementType().isInteger(64)))
      continue;
    InputUses(name.getValue(), checks).follow(traced.getArgument(i));
  }
  return checks;
}

} // namespace heddle::cpu
