#include "Codegen.h"

#include "heddle/cpu/Phases.h"
#include "heddle/cpu/Plan.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace heddle::cpu {
namespace {

// A cache line, and the widest vector there is.
constexpr int64_t kConstantAlignment = 64;

// Names out of the way of libm's and the runtime's, constants where vectors can load them.
struct PreparePass : PassWrapper<PreparePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PreparePass)
  StringRef getArgument() const override { return "heddle-cpu-codegen-prepare"; }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    for (auto function : llvm::make_early_inc_range(module.getOps<FunctionOpInterface>()))
      if (function->hasAttr("heddle.entry") &&
          failed(symbols.rename(function, entryFunctionName(function.getName()))))
        return signalPassFailure();
    for (auto global : module.getOps<memref::GlobalOp>())
      if (!global.getAlignment())
        global.setAlignment(kConstantAlignment);
  }
};

// The last step. LLVM may drop, merge and specialise what only this module sees. Kernels stay out of line: an
// entry that holds them all compiles slowly, and runs no faster.
struct HidePass : PassWrapper<HidePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(HidePass)
  StringRef getArgument() const override { return "heddle-cpu-codegen-hide"; }

  void runOnOperation() override {
    WalkResult result = getOperation().walk([](Operation *op) {
      if (auto function = dyn_cast<LLVM::LLVMFuncOp>(op)) {
        if (!function.isExternal()) {
          function.setLinkage(LLVM::Linkage::Internal);
          function.setNoInline(true);
        }
      } else if (auto global = dyn_cast<LLVM::GlobalOp>(op)) {
        global.setLinkage(LLVM::Linkage::Internal);
      } else if (!isa<ModuleOp>(op) && !isa<LLVM::LLVMDialect>(op->getDialect())) {
        op->emitError() << "the cpu backend has no lowering for '" << op->getName() << "' on these types";
        return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};

void buildPipeline(OpPassManager &pm, const CodegenOptions &options) {
  pm.addPass(std::make_unique<PreparePass>());
  pm.addPass(createMathApproximationPass(options));

  // Vectors to one dimension, loops to branches.
  pm.addPass(createConvertVectorToSCFPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());

  // bf16 by integer arithmetic: the conversions LLVM would call are not in every libgcc.
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  pm.addPass(arith::createArithExpandOpsPass(expand));

  ConvertVectorToLLVMPassOptions vector;
  vector.reassociateFPReductions = true;
  pm.addPass(createConvertVectorToLLVMPass(vector));
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  // First what LLVM has an intrinsic for (sqrt, floor, ...), then libm for the rest.
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  // Libm is called an element at a time, through vector.extract and insert.
  pm.addPass(createConvertVectorToLLVMPass(vector));
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  ConvertFuncToLLVMPassOptions func;
  func.useBarePtrCallConv = true;
  pm.addPass(createConvertFuncToLLVMPass(func));
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(std::make_unique<HidePass>());
}

} // namespace

std::string entryFunctionName(StringRef name) { return ("fn." + name).str(); }

SmallVector<passes::Phase> phases(bool fma) {
  SmallVector<passes::Phase> all(passes::dialectPhases());
  all.push_back({"plan", "launches on planned buffers",
                 [](OpPassManager &manager) { manager.addPass(createPlanPass()); }});
  all.push_back({"codegen", "only the LLVM dialect",
                 [fma](OpPassManager &manager) { buildPipeline(manager, CodegenOptions{.fma = fma}); }});
  return all;
}

void registerPasses() {
  registerPlanPass();
  registerPass([] { return createMathApproximationPass(); });
}

LogicalResult lowerToLLVM(ModuleOp planned, const CodegenOptions &options) {
  PassManager manager(planned.getContext());
  std::string error;
  if (failed(passes::buildPhases(manager, phases(options.fma), "codegen", "codegen", error)))
    return planned.emitError(error);
  return manager.run(planned);
}

} // namespace heddle::cpu
