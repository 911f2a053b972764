//===- Ops.h - the ops of the heddle dialect and their interfaces ---------===//

#pragma once

#include "heddle/ir/Dialect.h"
#include "heddle/ir/HostTensor.h"
#include "heddle/ir/TensorBuilder.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "heddle/ir/HeddleEnums.h.inc"

namespace heddle::ir::OpTrait {
template <typename ConcreteOp>
class NoDerivative : public mlir::OpTrait::TraitBase<ConcreteOp, NoDerivative> {};
} // namespace heddle::ir::OpTrait

#include "heddle/ir/HeddleInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "heddle/ir/HeddleAttributes.h.inc"

#define GET_OP_CLASSES
#include "heddle/ir/HeddleOps.h.inc"

namespace heddle::ir {
/// Whether values of this type take part in differentiation.
inline bool isDifferentiableType(mlir::Type type) {
  return llvm::isa<mlir::FloatType>(mlir::getElementTypeOrSelf(type));
}
} // namespace heddle::ir
