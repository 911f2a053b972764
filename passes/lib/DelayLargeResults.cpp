//===- DelayLargeResults.cpp - what is larger than its operands, late ------===//
//
// The gradient of a tied embedding is a product where the backward part begins, and used where that
// ends. Until then the product's operands take a third of its memory.
//
//===----------------------------------------------------------------------===//

#include "heddle/ir/Ops.h"
#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Passes.h"
#include "heddle/passes/Remarks.h"
#include "heddle/passes/Updates.h"

#include "llvm/ADT/SetVector.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLEDELAYLARGERESULTS
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

/// The ops that read the value or a view of it, and the views on the way, each after its operand.
static void collectUsers(Value value, SmallVectorImpl<Operation *> &readers,
                         SmallVectorImpl<Operation *> &views) {
  for (Operation *user : value.getUsers()) {
    if (!isView(user)) {
      readers.push_back(user);
      continue;
    }
    views.push_back(user);
    collectUsers(user->getResult(0), readers, views);
  }
}

/// The product just before an elementwise fusion that reads it: its kernel may compute the fusion.
static ir::ContractionOp productBefore(Operation *op) {
  auto fusion = dyn_cast<ir::FusionOp>(op);
  if (!fusion || !isElementwise(fusion))
    return {};
  Operation *before = op->getPrevNode();
  while (before && isView(before))
    before = before->getPrevNode();
  auto isIt = [&](Value operand) { return withoutViews(operand).getDefiningOp() == before; };
  return llvm::any_of(op->getOperands(), isIt) ? dyn_cast_or_null<ir::ContractionOp>(before)
                                               : ir::ContractionOp();
}

namespace {

struct DelayLargeResults : passes::impl::HeddleDelayLargeResultsBase<DelayLargeResults> {
  using HeddleDelayLargeResultsBase::HeddleDelayLargeResultsBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isDeclaration())
      return;
    Block &block = function.getBody().front();
    // New state is written in place, and what else is returned to the caller's memory.
    llvm::DenseMap<Value, Operation *> writers; // of arguments that get new values
    llvm::DenseSet<Value> returned;
    for (auto [i, value] : llvm::enumerate(block.getTerminator()->getOperands())) {
      Value whole = withoutReshapes(value);
      returned.insert(whole);
      auto argument = updatedArgument(function, static_cast<unsigned>(i));
      if (argument && whole.getDefiningOp())
        writers[function.getArgument(*argument)] = whole.getDefiningOp();
    }
    // From the end: where an op is read is known before the op.
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isa<ir::FusionOp, ir::ContractionOp>(op))
        delay(&op, writers, returned);
  }

private:
  void delay(Operation *op, const llvm::DenseMap<Value, Operation *> &writers,
             const llvm::DenseSet<Value> &returned) {
    int64_t gained = 0;
    SmallVector<Operation *> readers, views;
    for (Value result : op->getResults()) {
      if (!returned.contains(result))
        gained += bytesOf(result);
      collectUsers(result, readers, views);
    }
    if (gained < minBytes || readers.empty())
      return;
    auto earliest = [](Operation *x, Operation *y) { return x->isBeforeInBlock(y); };
    Operation *first = *llvm::min_element(readers, earliest), *place = first;
    llvm::SmallSetVector<Value, 8> operands;
    for (Value operand : op->getOperands())
      operands.insert(withoutViews(operand));
    for (Value operand : operands)
      if (Operation *writer = writers.lookup(operand);
          writer && op->isBeforeInBlock(writer) && writer->isBeforeInBlock(place))
        place = writer; // behind it, the old value would have to be a copy
    auto keptUntil = [&](Operation *end) {
      int64_t kept = 0;
      for (Value operand : operands) {
        Operation *source = operand.getDefiningOp();
        if (!source || isa<ir::ConstantOp>(source) || returned.contains(operand))
          continue;
        SmallVector<Operation *> others, aside;
        collectUsers(operand, others, aside);
        if (llvm::all_of(others, [&](Operation *other) {
              return other == op || other->isBeforeInBlock(end);
            }))
          kept += bytesOf(operand);
      }
      return kept;
    };
    int64_t kept = keptUntil(place);
    // Between the two, the product would have to be in memory, and for longer.
    if (ir::ContractionOp product = productBefore(place);
        product && product != op && bytesOf(product.getResult()) >= gained - kept) {
      place = product;
      kept = keptUntil(place);
    }
    // Where only views are in between, nothing is gained.
    Operation *next = op->getNextNode();
    while (next != place && isView(next))
      next = next->getNextNode();
    if (gained <= kept || next == place)
      return;
    op->moveBefore(place);
    for (Operation *view : views)
      view->moveBefore(place);
    ++numDelayed;
    Remarks(*this, getOperation()).passed(op->getLoc(), "Delayed") << remark::add(
        "{0} ({1}) is computed late, for {2}: its operands take less memory", nameForUser(op),
        sizeForUser(op->getResult(0)), nameSeenFrom(op->getLoc(), first));
  }
};

} // namespace
