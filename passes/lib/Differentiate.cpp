//===- Differentiate.cpp - gradients to ordinary ops ----------------------===//

#include "Differentiate.h"

#include "heddle/ir/Ops.h"
#include "heddle/passes/Passes.h"
#include "heddle/passes/Remarks.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLEDIFFERENTIATE
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

namespace {

/// Newly made ops, to name them, and to drop those that came out dead: a rule emits a cotangent for
/// every operand.
struct CreatedOps : OpBuilder::Listener {
  SmallVector<Operation *> ops;
  void notifyOperationInserted(Operation *op, OpBuilder::InsertPoint) override {
    ops.push_back(op);
  }
};

/// The backward computation of one gradient op.
class Backward {
public:
  /// `created` listens to the builder.
  Backward(ir::GradientOp gradient, OpBuilder &builder, CreatedOps &created)
      : gradient(gradient), builder(builder), created(created) {}

  /// Returns a cotangent per `wrt`, and counts the rules that it used.
  FailureOr<SmallVector<Value>> build(unsigned &rules);

private:
  void findActive();
  bool isActive(Value value) const { return active.contains(value); }
  void accumulate(Value value, Value cotangent, Location loc);
  LogicalResult applyRule(Operation *op);
  LogicalResult reportNoRule(Operation *op);

  ir::GradientOp gradient;
  OpBuilder &builder;
  CreatedOps &created;
  llvm::DenseSet<Value> active;       // depends on a wrt, and the loss depends on it
  SmallVector<Operation *> activeOps; // ops with an active result, in program order
  llvm::DenseMap<Value, Value> cotangents;
};

} // namespace

void Backward::findActive() {
  // Only floating-point values carry a gradient, so activity does not pass through an integer or a
  // boolean.
  llvm::DenseSet<Value> dependsOnWrt;
  for (Value wrt : gradient.getWrt())
    dependsOnWrt.insert(wrt);
  SmallVector<Operation *> dependent;
  for (Operation &op : *gradient->getBlock()) {
    if (&op == gradient)
      break;
    if (llvm::none_of(op.getOperands(),
                      [&](Value operand) { return dependsOnWrt.contains(operand); }))
      continue;
    bool any = false;
    for (Value result : op.getResults())
      if (ir::isDifferentiableType(result.getType())) {
        dependsOnWrt.insert(result);
        any = true; // also where the result is a wrt itself, computed from another
      }
    if (any)
      dependent.push_back(&op);
  }

  if (dependsOnWrt.contains(gradient.getLoss()))
    active.insert(gradient.getLoss());
  for (Operation *op : llvm::reverse(dependent)) {
    if (llvm::none_of(op->getResults(), [&](Value result) { return active.contains(result); }))
      continue;
    activeOps.push_back(op);
    for (Value operand : op->getOperands())
      if (dependsOnWrt.contains(operand))
        active.insert(operand);
  }
  std::reverse(activeOps.begin(), activeOps.end());
}

void Backward::accumulate(Value value, Value cotangent, Location loc) {
  auto [entry, inserted] = cotangents.try_emplace(value, cotangent);
  if (!inserted)
    entry->second = ir::AddOp::create(builder, loc, entry->second, cotangent);
}

/// Names the wrt and the ops between it, `op` and the loss: the user must see which path has no
/// derivative.
LogicalResult Backward::reportNoRule(Operation *op) {
  llvm::DenseMap<Operation *, Operation *>
      towardsWrt; // an active op and the one before it on a path
  Operation *last = op;
  while (true) {
    Operation *before = nullptr;
    for (Value operand : last->getOperands())
      if (isActive(operand))
        if (Operation *producer = operand.getDefiningOp();
            producer && llvm::is_contained(activeOps, producer)) {
          before = producer;
          break;
        }
    if (!before)
      break;
    towardsWrt[before] = last;
    last = before;
  }
  std::string wrtName = "a value";
  for (Value operand : last->getOperands())
    if (auto argument = dyn_cast<BlockArgument>(operand); argument && isActive(operand)) {
      auto function = gradient->getParentOfType<func::FuncOp>();
      auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                        ir::HeddleDialect::kNameAttr);
      wrtName = name ? ("'" + name.getValue() + "'").str()
                     : "argument " + std::to_string(argument.getArgNumber());
      break;
    }

  InFlightDiagnostic diagnostic =
      op->emitError() << "'" << op->getName().getStringRef()
                      << "' has no derivative, but the gradient with respect to " << wrtName
                      << " passes through it; use stop_gradient if that is meant";
  SmallVector<Operation *> path;
  for (Operation *at = last; at != op; at = towardsWrt[at])
    path.push_back(at);
  path.push_back(op);
  // From op on, any active user leads to the loss.
  for (Operation *at = op; at;) {
    Operation *next = nullptr;
    for (Operation *user : activeOps)
      if (llvm::any_of(at->getResults(), [&](Value result) {
            return llvm::is_contained(user->getOperands(), result);
          })) {
        next = user;
        break;
      }
    if (next)
      path.push_back(next);
    at = next;
  }
  for (Operation *at : path)
    diagnostic.attachNote(at->getLoc()) << "on the path: " << at->getName().getStringRef();
  diagnostic.attachNote(gradient.getLoc()) << "the gradient is taken here";
  return diagnostic;
}

LogicalResult Backward::applyRule(Operation *op) {
  SmallVector<Value> resultCotangents;
  for (Value result : op->getResults())
    resultCotangents.push_back(cotangents.lookup(result));
  if (llvm::none_of(resultCotangents, [](Value value) { return static_cast<bool>(value); }))
    return success(); // cut off from the loss by a stop_gradient

  auto rule = dyn_cast<ir::DifferentiableOpInterface>(op);
  if (!rule)
    return reportNoRule(op);
  SmallVector<Value> grads(op->getNumOperands());
  const size_t before = created.ops.size();
  if (failed(rule.buildVJP(builder, resultCotangents, grads)))
    return op->emitError() << "the derivative of '" << op->getName().getStringRef()
                           << "' could not be built";
  for (auto [operand, grad] : llvm::zip_equal(op->getOperands(), grads)) {
    if (!grad || !isActive(operand))
      continue;
    if (grad.getType() != operand.getType())
      return op->emitError() << "the derivative of '" << op->getName().getStringRef()
                             << "' gives a cotangent of type " << grad.getType()
                             << " for an operand of type " << operand.getType();
    accumulate(operand, grad, op->getLoc());
  }
  const std::string name = "gradient of " + nameForUser(op);
  for (Operation *made : ArrayRef(created.ops).drop_front(before))
    made->setLoc(namedAfter(name, made->getLoc()));
  return success();
}

FailureOr<SmallVector<Value>> Backward::build(unsigned &rules) {
  findActive();
  builder.setInsertionPoint(gradient);
  ir::TensorBuilder seed(builder, gradient.getLoc());
  if (isActive(gradient.getLoss()))
    cotangents[gradient.getLoss()] = seed.constant(1.0, gradient.getLoss().getType());
  for (Operation *op : llvm::reverse(activeOps)) {
    if (failed(applyRule(op)))
      return failure();
    ++rules;
  }
  SmallVector<Value> results;
  for (Value wrt : gradient.getWrt()) {
    Value cotangent = cotangents.lookup(wrt);
    results.push_back(cotangent ? cotangent : seed.constant(0.0, wrt.getType()));
  }
  return results;
}

FailureOr<DifferentiateCounts> passes::differentiate(func::FuncOp function) {
  // In program order, so that a gradient of a gradient finds the inner one already replaced.
  SmallVector<ir::GradientOp> gradients;
  function.walk([&](ir::GradientOp op) { gradients.push_back(op); });
  DifferentiateCounts counts;
  CreatedOps created;
  OpBuilder builder(function.getContext(), &created);
  for (ir::GradientOp gradient : gradients) {
    auto results = Backward(gradient, builder, created).build(counts.rules);
    if (failed(results))
      return failure();
    gradient->replaceAllUsesWith(*results);
    gradient->erase();
    ++counts.gradients;
  }
  for (Operation *op : llvm::reverse(created.ops))
    if (isOpTriviallyDead(op))
      op->erase();
  return counts;
}

namespace {

struct Differentiate : passes::impl::HeddleDifferentiateBase<Differentiate> {
  void runOnOperation() override {
    auto counts = passes::differentiate(getOperation());
    if (failed(counts))
      return signalPassFailure();
    numGradients += counts->gradients;
    numRules += counts->rules;
  }
};

} // namespace
