//===- Interpretable.cpp - the part of a function that can be run ---------===//

#include "heddle/passes/Evaluation.h"

#include "heddle/ir/Ops.h"

using namespace mlir;
using namespace heddle;

static bool isInterpretable(Operation &op) {
  return isa<ir::InterpretableOpInterface>(op) && llvm::all_of(op.getResultTypes(), [](Type type) {
           auto tensor = dyn_cast<RankedTensorType>(type);
           return tensor && tensor.hasStaticShape();
         });
}

llvm::BitVector passes::keepInterpretable(func::FuncOp function) {
  Block &block = function.getBody().front();
  Operation *terminator = block.getTerminator();
  llvm::DenseSet<Value> unknown;
  SmallVector<Operation *> dropped;
  for (Operation &op : block.without_terminator())
    if (!isInterpretable(op) ||
        llvm::any_of(op.getOperands(), [&](Value value) { return unknown.contains(value); })) {
      unknown.insert(op.result_begin(), op.result_end());
      dropped.push_back(&op);
    }
  llvm::BitVector gone(terminator->getNumOperands());
  for (OpOperand &operand : terminator->getOpOperands())
    if (unknown.contains(operand.get()))
      gone.set(operand.getOperandNumber());
  terminator->eraseOperands(gone);
  // Fails for a type that is no function type, which func.func does not have.
  (void)function.eraseResults(gone);
  for (Operation *op : llvm::reverse(dropped))
    op->erase();
  return gone;
}
