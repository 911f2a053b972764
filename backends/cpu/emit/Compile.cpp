#include "heddle/cpu/Compiler.h"

#include "Emit.h"
#include "Machine.h"
#include "heddle/cpu/Phases.h"

#include "heddle/ir/Ops.h"

#include "mlir/IR/OwningOpRef.h"

using namespace mlir;

namespace heddle::cpu {

LogicalResult runPhases(ModuleOp module, const CompileOptions &options, StringRef from,
                        StringRef to) {
  FailureOr<Machine> machine = Machine::create(options, module.getLoc());
  if (failed(machine))
    return failure();
  return passes::runPhases(module, phases(machine->vectors(), options.contractions), from, to);
}

static FailureOr<OwningOpRef<ModuleOp>> planCopy(ModuleOp traced, const CompileOptions &options) {
  OwningOpRef<ModuleOp> module = traced.clone();
  if (failed(runPhases(*module, options, "", "plan")))
    return failure();
  return module;
}

FailureOr<std::unique_ptr<JitProgram>> compileInProcess(ModuleOp traced,
                                                        const CompileOptions &options) {
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
