//===- WrongDerivatives.cpp - rules that --heddle-check-gradients must find -===//
//
// `math.sin` whose derivative has the wrong sign, `math.exp2` of which it lacks ln 2, `math.log2`
// without any error, `math.floor` that passes its cotangent on, and `math.sqrt`, which has none.
//
//===----------------------------------------------------------------------===//

#include "heddle/ir/Ops.h"
#include "heddle/ir/TensorBuilder.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"

#include <cmath>

using namespace mlir;
using namespace heddle;

namespace {

using Scalar = double (*)(double);

template <typename Op, Scalar Function>
struct Evaluate : ir::InterpretableOpInterface::ExternalModel<Evaluate<Op, Function>, Op> {
  LogicalResult evaluate(Operation *, ArrayRef<const ir::HostTensor *> operands,
                         MutableArrayRef<ir::HostTensor> results) const {
    llvm::transform(operands[0]->values, results[0].values.begin(), Function);
    return success();
  }
};

template <typename Op, Value (*Derivative)(ir::TensorBuilder &, Value)>
struct Differentiate
    : ir::DifferentiableOpInterface::ExternalModel<Differentiate<Op, Derivative>, Op> {
  LogicalResult buildVJP(Operation *op, OpBuilder &builder, ValueRange cotangents,
                         SmallVectorImpl<Value> &grads) const {
    Value x = op->getOperand(0);
    ir::TensorBuilder tensors(builder, op->getLoc(), x.getType());
    grads[0] = tensors.mul(cotangents[0], Derivative(tensors, x));
    return success();
  }
};

template <typename Op, Scalar Function, Value (*Derivative)(ir::TensorBuilder &, Value)>
void attach(MLIRContext &context) {
  Op::template attachInterface<Evaluate<Op, Function>, Differentiate<Op, Derivative>>(context);
}

Value minusCosine(ir::TensorBuilder &tensors, Value x) { return tensors.neg(tensors.cos(x)); }
Value exp2Itself(ir::TensorBuilder &tensors, Value x) {
  return tensors.exp(tensors.scale(x, std::log(2.0)));
}
Value log2Derivative(ir::TensorBuilder &tensors, Value x) {
  return tensors.div(tensors.constant(1.0 / std::log(2.0), x.getType()), x);
}
Value one(ir::TensorBuilder &tensors, Value x) { return tensors.constant(1.0, x.getType()); }

} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK DialectPluginLibraryInfo mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "wrong-derivatives", "", [](DialectRegistry *registry) {
            registry->insert<math::MathDialect>();
            registry->addExtension(+[](MLIRContext *context, math::MathDialect *) {
              attach<math::SinOp, std::sin, minusCosine>(*context);
              attach<math::Exp2Op, std::exp2, exp2Itself>(*context);
              attach<math::Log2Op, std::log2, log2Derivative>(*context);
              attach<math::FloorOp, std::floor, one>(*context);
              math::SqrtOp::attachInterface<Evaluate<math::SqrtOp, std::sqrt>>(*context);
            });
          }};
}
