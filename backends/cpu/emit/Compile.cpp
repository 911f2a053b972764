#include "heddle/cpu/Compiler.h"

#include "Emit.h"
#include "FreeMemory.h"
#include "Machine.h"
#include "heddle/cpu/Layout.h"
#include "heddle/cpu/Phases.h"
#include "heddle/passes/Passes.h"

#include "heddle/ir/Ops.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;

namespace heddle::cpu {

/// From here on the compiler's own pages, up to 110 MB, are worth the 50 ms that mapping them again
/// takes in the next compile.
static constexpr int64_t kLargeModel = 256 << 20;

/// What CompileOptions::passes may name, beside the passes of plugins.
static void registerKnownPasses() {
  static const bool done = [] {
    registerTransformsPasses();
    passes::registerHeddlePasses();
    registerPasses();
    return true;
  }();
  (void)done;
}

LogicalResult runPhases(ModuleOp module, const CompileOptions &options, StringRef from,
                        StringRef to) {
  FailureOr<Machine> machine = Machine::create(options, module.getLoc());
  if (failed(machine))
    return failure();
  SmallVector<passes::Phase> all = phases(machine->vectors(), options.products);
  std::string error;
  if (!options.passes.empty())
    registerKnownPasses();
  // What is put in front of a phase goes before what is there.
  for (const PassesBefore &inserted : llvm::reverse(options.passes))
    if (failed(passes::insertPasses(all, inserted.phase, inserted.pipeline, error)))
      return module.emitError(error);
  return passes::runPhases(module, all, from, to);
}

static FailureOr<OwningOpRef<ModuleOp>> planCopy(ModuleOp traced, const CompileOptions &options) {
  OwningOpRef<ModuleOp> module = traced.clone();
  if (failed(runPhases(*module, options, "", "plan")))
    return failure();
  return module;
}

/// What a call of the largest function has in memory: arguments and arena.
static int64_t bytesOfCall(ModuleOp planned) {
  int64_t most = 0;
  for (auto function : planned.getOps<FunctionOpInterface>()) {
    auto arena = function->getAttrOfType<IntegerAttr>("heddle.arena_bytes");
    if (!arena)
      continue;
    int64_t bytes = arena.getInt();
    for (Type type : function.getArgumentTypes())
      if (auto buffer = dyn_cast<MemRefType>(type); buffer && buffer.hasStaticShape())
        bytes += buffer.getNumElements() * elementBytes(buffer.getElementType());
    most = std::max(most, bytes);
  }
  return most;
}

FailureOr<std::unique_ptr<JitProgram>> compileInProcess(ModuleOp traced,
                                                        const CompileOptions &options) {
  bool isLarge = false;
  auto finally = llvm::scope_exit([&] { // after the copy is gone
    returnFreeMemory();
    if (isLarge)
      unmapCompiler();
  });
  FailureOr<OwningOpRef<ModuleOp>> planned = planCopy(traced, options);
  if (failed(planned))
    return failure();
  isLarge = bytesOfCall(**planned) >= kLargeModel;
  return emitInProcess(**planned, traced, options);
}

LogicalResult compileLibrary(ModuleOp traced, const CompileOptions &options,
                             const LibraryOptions &library) {
  FailureOr<OwningOpRef<ModuleOp>> planned = planCopy(traced, options);
  if (failed(planned))
    return failure();
  return emitLibrary(**planned, traced, options, library);
}

void registerDialects(DialectRegistry &registry) {
  registry.insert<ir::HeddleDialect>();
  registerEmitDialects(registry);
}

} // namespace heddle::cpu
