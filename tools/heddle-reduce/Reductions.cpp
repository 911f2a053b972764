//===- Reductions.cpp - ways to make a module smaller ---------------------===//
//
// Each leaves a module that is valid as far as it can know; the reducer verifies it. Nothing here
// knows an op by name: a result is either one of the op's own operands, of the same type, or it
// becomes an argument of the function.
//
//===----------------------------------------------------------------------===//

#include "Reductions.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace heddle::reduce;

/// Of functions with a body; with one block they are simple to change.
static SmallVector<func::FuncOp> functionsOf(ModuleOp module) {
  SmallVector<func::FuncOp> functions;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isDeclaration() && function.getBody().hasOneBlock())
      functions.push_back(function);
  return functions;
}

static Operation *returnOf(func::FuncOp function) {
  return function.getBody().front().getTerminator();
}

/// Calls `use` on the elements numbered `from` to `to` of what all functions have together.
static void forRange(ModuleOp module, unsigned from, unsigned to,
                     function_ref<unsigned(func::FuncOp)> count,
                     function_ref<void(func::FuncOp, const llvm::BitVector &)> use) {
  unsigned first = 0;
  for (func::FuncOp function : functionsOf(module)) {
    const unsigned size = count(function);
    llvm::BitVector chosen(size);
    for (unsigned i = std::max(from, first); i < std::min(to, first + size); ++i)
      chosen.set(i - first);
    if (chosen.any())
      use(function, chosen);
    first += size;
  }
}

static unsigned sum(ModuleOp module, function_ref<unsigned(func::FuncOp)> count) {
  unsigned total = 0;
  for (func::FuncOp function : functionsOf(module))
    total += count(function);
  return total;
}

//===----------------------------------------------------------------------===//
// Functions.
//===----------------------------------------------------------------------===//

static unsigned countFunctions(ModuleOp module) { return functionsOf(module).size(); }
static void dropFunctions(ModuleOp module, unsigned from, unsigned to) {
  for (auto [i, function] : llvm::enumerate(functionsOf(module)))
    if (i >= from && i < to && SymbolTable::symbolKnownUseEmpty(function, module))
      function.erase();
}

//===----------------------------------------------------------------------===//
// Results.
//===----------------------------------------------------------------------===//

static unsigned resultsOf(func::FuncOp function) { return function.getNumResults(); }
static unsigned countResults(ModuleOp module) { return sum(module, resultsOf); }
static void dropResults(ModuleOp module, unsigned from, unsigned to) {
  forRange(module, from, to, resultsOf, [](func::FuncOp function, const llvm::BitVector &chosen) {
    returnOf(function)->eraseOperands(chosen);
    (void)function.eraseResults(chosen); // fails for types that are no function types
  });
}

//===----------------------------------------------------------------------===//
// Ops.
//===----------------------------------------------------------------------===//

static unsigned opsOf(func::FuncOp function) {
  return function.getBody().front().getOperations().size() - 1;
}
static unsigned countOps(ModuleOp module) { return sum(module, opsOf); }

/// The chosen ops, the last one first: users go before what they use.
static void forOps(ModuleOp module, unsigned from, unsigned to,
                   function_ref<void(func::FuncOp, Operation *)> use) {
  forRange(module, from, to, opsOf, [&](func::FuncOp function, const llvm::BitVector &chosen) {
    SmallVector<Operation *> ops;
    for (auto [i, op] : llvm::enumerate(function.getBody().front().without_terminator()))
      if (chosen.test(i))
        ops.push_back(&op);
    for (Operation *op : llvm::reverse(ops))
      use(function, op);
  });
}

/// The function ends with the chosen ops: it gives their results instead of its own.
static void returnOps(ModuleOp module, unsigned from, unsigned to) {
  forRange(module, from, to, opsOf, [](func::FuncOp function, const llvm::BitVector &chosen) {
    SmallVector<Value> results;
    for (auto [i, op] : llvm::enumerate(function.getBody().front().without_terminator()))
      if (chosen.test(i))
        results.append(op.result_begin(), op.result_end());
    returnOf(function)->setOperands(results);
    function.removeResAttrsAttr();
    function.setFunctionType(FunctionType::get(function.getContext(), function.getArgumentTypes(),
                                               ValueRange(results).getTypes()));
  });
}

static void bypassOps(ModuleOp module, unsigned from, unsigned to) {
  forOps(module, from, to, [](func::FuncOp, Operation *op) {
    for (Value result : op->getResults())
      for (Value operand : op->getOperands())
        if (operand.getType() == result.getType()) {
          result.replaceAllUsesWith(operand);
          break;
        }
    if (op->use_empty())
      op->erase();
  });
}

static void opsToArguments(ModuleOp module, unsigned from, unsigned to) {
  forOps(module, from, to, [](func::FuncOp function, Operation *op) {
    for (Value result : op->getResults()) {
      if (result.use_empty())
        continue;
      const unsigned position = function.getNumArguments();
      if (failed(function.insertArgument(position, result.getType(), {}, result.getLoc())))
        return;
      result.replaceAllUsesWith(function.getArgument(position));
    }
    op->erase();
  });
}

//===----------------------------------------------------------------------===//
// Arguments, and attributes of arguments, results and the module.
//===----------------------------------------------------------------------===//

static unsigned argumentsOf(func::FuncOp function) { return function.getNumArguments(); }
static unsigned countArguments(ModuleOp module) { return sum(module, argumentsOf); }
static void dropArguments(ModuleOp module, unsigned from, unsigned to) {
  forRange(module, from, to, argumentsOf, [](func::FuncOp function, llvm::BitVector chosen) {
    for (unsigned i : llvm::to_vector(chosen.set_bits()))
      if (!function.getArgument(i).use_empty())
        chosen.reset(i);
    (void)function.eraseArguments(chosen);
  });
}

/// One for each argument, then one for each result.
static unsigned describedOf(func::FuncOp function) {
  return function.getNumArguments() + function.getNumResults();
}
static unsigned countAttributes(ModuleOp module) { return sum(module, describedOf); }
static void dropAttributes(ModuleOp module, unsigned from, unsigned to) {
  forRange(module, from, to, describedOf, [](func::FuncOp function, const llvm::BitVector &chosen) {
    for (unsigned i : chosen.set_bits())
      if (i < function.getNumArguments())
        function.setArgAttrs(i, ArrayRef<NamedAttribute>{});
      else
        function.setResultAttrs(i - function.getNumArguments(), ArrayRef<NamedAttribute>{});
  });
}

static unsigned countModuleAttributes(ModuleOp module) {
  return llvm::range_size(module->getDiscardableAttrs());
}
static void dropModuleAttributes(ModuleOp module, unsigned from, unsigned to) {
  SmallVector<NamedAttribute> all = llvm::to_vector(module->getDiscardableAttrs());
  for (const NamedAttribute &attribute : ArrayRef(all).slice(from, to - from))
    module->removeDiscardableAttr(attribute.getName());
}

ArrayRef<Reduction> heddle::reduce::allReductions() {
  static constexpr Reduction all[] = {
      {"functions", countFunctions, dropFunctions},
      {"results", countResults, dropResults},
      {"ops after what the function may give instead", countOps, returnOps},
      {"ops whose results can be arguments", countOps, opsToArguments},
      {"ops that their operands can stand for", countOps, bypassOps},
      {"unused arguments", countArguments, dropArguments},
      {"attributes", countAttributes, dropAttributes},
      {"attributes of the module", countModuleAttributes, dropModuleAttributes},
  };
  return all;
}

void heddle::reduce::removeUnused(ModuleOp module) {
  for (func::FuncOp function : functionsOf(module))
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(function.getBody().front())))
      if (isOpTriviallyDead(&op))
        op.erase();
}

std::pair<size_t, size_t> heddle::reduce::sizeOf(ModuleOp module) {
  size_t ops = 0, described = countModuleAttributes(module);
  module.walk([&](Operation *op) {
    ops += !isa<ModuleOp, func::FuncOp>(op) && !op->hasTrait<OpTrait::IsTerminator>();
  });
  for (func::FuncOp function : functionsOf(module)) {
    described += describedOf(function);
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (DictionaryAttr attributes = function.getArgAttrDict(i))
        described += attributes.size();
    for (unsigned i = 0; i < function.getNumResults(); ++i)
      if (DictionaryAttr attributes = function.getResultAttrDict(i))
        described += attributes.size();
  }
  return {ops, described};
}
