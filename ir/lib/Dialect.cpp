//===- Dialect.cpp - registration and generated code of the dialect -------===//

#include "heddle/ir/Ops.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace heddle::ir;

#include "heddle/ir/HeddleDialect.cpp.inc"
#include "heddle/ir/HeddleEnums.cpp.inc"
#include "heddle/ir/HeddleInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "heddle/ir/HeddleAttributes.cpp.inc"

void HeddleDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "heddle/ir/HeddleAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "heddle/ir/HeddleOps.cpp.inc"
      >();
}

Operation *HeddleDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                              Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}
