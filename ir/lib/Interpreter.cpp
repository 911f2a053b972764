//===- Interpreter.cpp - the reference meaning of a heddle function -------===//

#include "heddle/ir/Interpreter.h"

#include "Evaluate.h"
#include "heddle/ir/Ops.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace heddle::ir;

/// float64 holds every integer up to here.
static constexpr double kLargestExact = 9007199254740992.0; // 2^53

/// Brings integers into the range of their type, as the machine does.
static LogicalResult wrapIntegers(HostTensor &tensor,
                                  llvm::function_ref<InFlightDiagnostic()> emitError) {
  auto element = dyn_cast<IntegerType>(tensor.type.getElementType());
  if (!element)
    return success();
  unsigned bits = element.getWidth();
  for (double &value : tensor.values) {
    // The ends of i64 are the results of reductions of nothing.
    bool exact = std::fabs(value) <= kLargestExact || (bits == 64 && std::fabs(value) == 0x1p63);
    if (!exact)
      return emitError() << "gives the integer " << llvm::formatv("{0:F0}", value).str()
                         << ", which is beyond 2^53 and so not exact in the interpreter";
    if (bits == 1)
      value = value != 0.0;
    else if (bits < 64) {
      double period = std::ldexp(1.0, static_cast<int>(bits)), half = period / 2;
      value -= std::floor((value + half) / period) * period;
    }
  }
  return success();
}

FailureOr<SmallVector<HostTensor>>
heddle::ir::evaluateBlock(Block &block, ArrayRef<const HostTensor *> arguments, OperandHook hook) {
  DenseMap<Value, HostTensor> values;
  for (auto [argument, tensor] : llvm::zip_equal(block.getArguments(), arguments))
    values[argument] = *tensor;
  for (Operation &op : block) {
    SmallVector<const HostTensor *> operands;
    for (Value operand : op.getOperands())
      operands.push_back(&values.find(operand)->second);
    if (isa<func::ReturnOp, YieldOp>(op))
      return llvm::map_to_vector(operands, [](const HostTensor *tensor) { return *tensor; });
    auto interpretable = dyn_cast<InterpretableOpInterface>(op);
    if (!interpretable)
      return op.emitError() << "the interpreter cannot evaluate '" << op.getName() << "'";
    SmallVector<HostTensor> changed, results;
    if (hook) {
      changed = llvm::map_to_vector(operands, [](const HostTensor *tensor) { return *tensor; });
      hook(&op, changed);
      operands = llvm::map_to_vector(
          changed, [](const HostTensor &tensor) -> const HostTensor * { return &tensor; });
    }
    for (Type type : op.getResultTypes()) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor || !tensor.hasStaticShape())
        return op.emitError() << "the interpreter needs tensors of static shape, got " << type;
      results.emplace_back(tensor);
    }
    if (failed(interpretable.evaluate(operands, results)))
      return failure();
    for (auto [value, tensor] : llvm::zip_equal(op.getResults(), results)) {
      if (failed(wrapIntegers(tensor, [&] { return op.emitOpError(); })))
        return failure();
      values[value] = std::move(tensor);
    }
  }
  return emitError(block.getParentOp()->getLoc(), "the interpreter found no return");
}

FailureOr<SmallVector<HostTensor>>
heddle::ir::interpret(func::FuncOp function, ArrayRef<HostTensor> arguments, OperandHook hook) {
  if (function.isDeclaration() || !function.getBody().hasOneBlock())
    return function.emitError() << "the interpreter needs a body of one block in '"
                                << function.getName() << "'";
  if (arguments.size() != function.getNumArguments())
    return function.emitError() << "'" << function.getName() << "' takes "
                                << function.getNumArguments() << " arguments, got "
                                << arguments.size();
  SmallVector<const HostTensor *> pointers;
  for (auto [i, tensor] : llvm::enumerate(arguments)) {
    Type expected = function.getArgumentTypes()[i];
    if (tensor.type != expected)
      return function.emitError() << "argument " << i << " of '" << function.getName()
                                  << "' has type " << expected << ", got " << tensor.type;
    if (static_cast<int64_t>(tensor.values.size()) != tensor.type.getNumElements())
      return function.emitError() << "argument " << i << " of '" << function.getName() << "' has "
                                  << tensor.type.getNumElements() << " elements, got "
                                  << tensor.values.size();
    pointers.push_back(&tensor);
  }
  return evaluateBlock(function.getBody().front(), pointers, hook);
}
