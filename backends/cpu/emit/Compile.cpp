#include "heddle/cpu/Compiler.h"

#include "Emit.h"
#include "Machine.h"
#include "heddle/cpu/Phases.h"
#include "heddle/passes/Passes.h"

#include "heddle/ir/Ops.h"

#include "mlir/IR/OwningOpRef.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/ScopeExit.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

using namespace mlir;

namespace heddle::cpu {

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

/// Gives the memory that compiling took back to the system. The allocator would keep it, and it
/// would count beside that of the model that runs now: 17 MB for a small GPT, 42 MB for GPT-2.
static void returnFreeMemory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

FailureOr<std::unique_ptr<JitProgram>> compileInProcess(ModuleOp traced,
                                                        const CompileOptions &options) {
  auto finally = llvm::scope_exit(returnFreeMemory); // after the copy is gone
  FailureOr<OwningOpRef<ModuleOp>> planned = planCopy(traced, options);
  if (failed(planned))
    return failure();
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
