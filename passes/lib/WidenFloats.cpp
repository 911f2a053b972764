//===- WidenFloats.cpp - a function in float64 ----------------------------===//

#include "heddle/passes/Evaluation.h"

#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;

static APFloat widened(APFloat value) {
  bool losesInfo = false;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
  return value;
}

void heddle::passes::widenFloats(func::FuncOp function) {
  const Type wide = Float64Type::get(function.getContext());
  AttrTypeReplacer replacer;
  replacer.addReplacement([&](FloatType) { return wide; });
  replacer.addReplacement([&](FloatAttr value) {
    return std::make_pair(FloatAttr::get(wide, widened(value.getValue())), WalkResult::skip());
  });
  replacer.addReplacement([&](DenseFPElementsAttr values) {
    return std::make_pair(
        values.mapValues(wide,
                         [](const APFloat &value) { return widened(value).bitcastToAPInt(); }),
        WalkResult::skip());
  });
  replacer.recursivelyReplaceElementsIn(function, /*replaceAttrs=*/true, /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
}
