#include "Emit.h"

#include "Jit.h"
#include "Library.h"
#include "Machine.h"
#include "Manifest.h"
#include "Wrappers.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"

#include "llvm/IR/LLVMContext.h"

using namespace mlir;

namespace heddle::cpu {
namespace {

// A planned module on its way: described, then in the LLVM dialect, then in LLVM IR with its
// entries.
struct Emission {
  Machine machine;
  ModelDescription model;
  CNames names;
  std::string manifest;
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module;

  LogicalResult run(ModuleOp planned, ModuleOp traced, const CompileOptions &options,
                    bool withLaunches) {
    const Location where = planned.getLoc();
    FailureOr<Machine> target = Machine::create(options, where);
    if (failed(target))
      return failure();
    machine = *target;
    FailureOr<ModelDescription> description = describeModel(planned);
    if (failed(description))
      return failure();
    model = std::move(*description);
    if (traced)
      describeOrigin(model, traced);
    FailureOr<CNames> identifiers = makeCNames(model, where);
    if (failed(identifiers))
      return failure();
    names = std::move(*identifiers);
    manifest = writeManifest(model, machine, withLaunches);
    if (failed(runPhases(planned, options, "codegen", "codegen")))
      return failure();
    module = translateModule(planned, context);
    if (!module)
      return emitError(where) << "model '" << model.name << "' could not be translated to LLVM IR";
    machine.prepare(*module);
    addEntries(*module, model, names);
    return success();
  }
};

} // namespace

FailureOr<std::unique_ptr<JitProgram>> emitInProcess(ModuleOp planned, ModuleOp traced,
                                                     const CompileOptions &options) {
  Emission emission;
  const Location where = planned.getLoc();
  if (failed(emission.run(planned, traced, options, /*withLaunches=*/true)))
    return failure();
  if (auto missing = emission.machine.missingHere(); !missing.empty())
    return emitError(where) << "code for '" << emission.machine.cpu()
                            << "' cannot run on this computer, which lacks "
                            << llvm::join(missing, ", ")
                            << "; compile for 'native', or compile a library";
  FailureOr<Objects> objects = assemble(std::move(emission.module), emission.machine, where);
  if (failed(objects))
    return failure();
  return loadProgram(std::move(*objects), emission.names, emission.model.packed.size(),
                     std::move(emission.manifest), where);
}

LogicalResult emitLibrary(ModuleOp planned, ModuleOp traced, const CompileOptions &options,
                          const LibraryOptions &library) {
  Emission emission;
  const Location where = planned.getLoc();
  if (failed(emission.run(planned, traced, options, /*withLaunches=*/false)))
    return failure();
  std::vector<std::string> exported =
      addInterface(*emission.module, emission.model, emission.names, emission.manifest);
  FailureOr<Objects> objects = assemble(std::move(emission.module), emission.machine, where);
  if (failed(objects))
    return failure();
  return writeLibrary(
      {emission.model, emission.names, exported, emission.manifest, *objects, emission.machine},
      library, where);
}

void registerEmitDialects(DialectRegistry &registry) {
  registry.insert<affine::AffineDialect, arith::ArithDialect, cf::ControlFlowDialect,
                  func::FuncDialect, index::IndexDialect, LLVM::LLVMDialect, math::MathDialect,
                  memref::MemRefDialect, scf::SCFDialect, ub::UBDialect, vector::VectorDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

} // namespace heddle::cpu
