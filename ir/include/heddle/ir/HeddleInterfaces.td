//===- HeddleInterfaces.td - what passes and backends ask of an op --------===//

#ifndef HEDDLE_INTERFACES_TD
#define HEDDLE_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Heddle_DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let cppNamespace = "::heddle::ir";
  let description = [{
    Reverse-mode derivative of one op. `buildVJP` emits the vector-Jacobian product: from the cotangents of
    the results (null where a result has none) to a cotangent per operand (null where the operand gets none).
    The rule may use the op's operands and results; each cotangent has the type of its value.
  }];
  let methods = [
    InterfaceMethod<"Emits the vector-Jacobian product; `grads` has one null entry an operand on entry.",
      "::llvm::LogicalResult", "buildVJP",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$cotangents,
           "::llvm::SmallVectorImpl<::mlir::Value> &":$grads)>
  ];
}

def Heddle_DecomposableOpInterface : OpInterface<"DecomposableOpInterface"> {
  let cppNamespace = "::heddle::ir";
  let description = [{
    A composite op and its meaning of record: the same values, in ops that are nearer to primitives.
  }];
  let methods = [
    InterfaceMethod<"Emits the decomposition and returns a value per result.",
      "::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>>", "decompose",
      (ins "::mlir::OpBuilder &":$builder)>
  ];
}

def Heddle_ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::heddle::ir";
  let description = [{
    Each element of the single result depends on the elements of the operands at the same index. A backend
    builds loops around `buildScalar`.
  }];
  let methods = [
    InterfaceMethod<"Emits the op on one element, in arith and math ops.",
      "::mlir::Value", "buildScalar",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc, "::mlir::ValueRange":$operands)>
  ];
}

def Heddle_InterpretableOpInterface : OpInterface<"InterpretableOpInterface"> {
  let cppNamespace = "::heddle::ir";
  let description = [{
    Evaluation in float64 by the reference interpreter, as plainly as the formula: the meaning of the op.
    `results` arrives with one tensor a result, shaped and zeroed.
  }];
  let methods = [
    InterfaceMethod<"Computes the results; fails with a diagnostic on values that the op does not allow.",
      "::llvm::LogicalResult", "evaluate",
      (ins "::llvm::ArrayRef<const ::heddle::ir::HostTensor *>":$operands,
           "::llvm::MutableArrayRef<::heddle::ir::HostTensor>":$results)>
  ];
}

#endif
