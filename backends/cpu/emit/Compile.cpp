#include "heddle/cpu/Compiler.h"

#include "Emit.h"
#include "Machine.h"
#include "heddle/cpu/Phases.h"

#include "heddle/ir/Ops.h"

#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace heddle::cpu {
namespace {

FailureOr<OwningOpRef<ModuleOp>> planCopy(ModuleOp traced, const CompileOptions &options) {
  FailureOr<Machine> machine = Machine::create(options, traced.getLoc());
  if (failed(machine))
    return failure();
  OwningOpRef<ModuleOp> module = traced.clone();
  PassManager manager(traced.getContext());
  std::string error;
  if (failed(passes::buildPhases(manager, phases(machine->vectors(), options.contractions), "",
                                 "plan", error)))
    return traced.emitError(error);
  if (failed(manager.run(*module)))
    return failure();
  return module;
}

} // namespace

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
