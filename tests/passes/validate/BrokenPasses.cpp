//===- BrokenPasses.cpp - passes that are wrong, for tests to find ----------===//

#include "heddle/ir/Ops.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

#include <csignal>

using namespace mlir;
using namespace heddle;

namespace {

/// Applies one function to each op.
template <void (*Break)(Operation *)>
struct BrokenPass : PassWrapper<BrokenPass<Break>, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(BrokenPass)

  BrokenPass(StringRef name, StringRef does) : name(name), does(does) {}
  StringRef getArgument() const override { return name; }
  StringRef getDescription() const override { return does; }
  void runOnOperation() override {
    this->getOperation().walk([](Operation *op) { Break(op); });
  }

  StringRef name, does;
};

void swapOperands(Operation *op) {
  if (isa<ir::SubOp>(op))
    op->setOperands({op->getOperand(1), op->getOperand(0)});
}

/// Wrong by little: what a constant that is copied wrong does.
void moveEpsilon(Operation *op) {
  if (auto norm = dyn_cast<ir::LayerNormOp>(op))
    norm.setEpsilonAttr(FloatAttr::get(norm.getEpsilonAttr().getType(),
                                       norm.getEpsilon().convertToDouble() * 1.01));
}

void negateIndices(Operation *op) {
  if (auto gather = dyn_cast<ir::GatherOp>(op)) {
    OpBuilder builder(op);
    op->setOperand(1, ir::NegOp::create(builder, op->getLoc(), gather.getIndices()));
  }
}

/// Not wrong: (x + y) + z becomes x + (y + z).
void reassociate(Operation *op) {
  auto outer = dyn_cast<ir::AddOp>(op);
  auto inner = outer ? outer.getX().getDefiningOp<ir::AddOp>() : ir::AddOp();
  if (!inner)
    return;
  OpBuilder builder(op);
  Value right = ir::AddOp::create(builder, op->getLoc(), inner.getY(), outer.getY());
  op->setOperands({inner.getX(), right});
}

void addArgument(Operation *op) {
  if (auto function = dyn_cast<func::FuncOp>(op))
    (void)function.insertArgument(0, RankedTensorType::get({2}, Float32Type::get(op->getContext())),
                                  {}, op->getLoc());
}

/// A wild pointer, as far as the program is concerned.
void crash(Operation *op) {
  if (isa<ir::TanhOp>(op))
    std::raise(SIGSEGV);
}

template <void (*Break)(Operation *)> void add(StringRef name, StringRef does) {
  registerPass([=] { return std::make_unique<BrokenPass<Break>>(name, does); });
}

} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "broken-passes", "1", [] {
            add<swapOperands>("test-swap-operands", "x - y becomes y - x");
            add<moveEpsilon>("test-move-epsilon", "layer_norm gets another epsilon");
            add<negateIndices>("test-negate-indices", "gather reads before its table");
            add<reassociate>("test-reassociate", "(x + y) + z becomes x + (y + z)");
            add<crash>("test-crash", "crashes on a tanh");
            add<addArgument>("test-add-argument", "functions get one argument more");
          }};
}
