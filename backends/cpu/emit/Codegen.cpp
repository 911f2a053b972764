//===- Codegen.cpp - the phase `codegen`: to the LLVM dialect ----------------===//
//
// In: the module after `plan`, of ops of func, scf, memref, vector, arith, math and llvm. Out: only
// the LLVM dialect; memref arguments are bare pointers; everything with a body is internal.
//
//===----------------------------------------------------------------------===//

#include "heddle/cpu/Passes.h"
#include "heddle/cpu/Phases.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace heddle::cpu {
namespace {

void buildPipeline(OpPassManager &pm, bool fma) {
  HeddleCpuApproximateMathOptions math;
  math.fma = fma;
  pm.addPass(createHeddleCpuApproximateMath(math));

  // What looks at no more than one function runs on several of them side by side.
  // Vectors to one dimension, loops to branches.
  OpPassManager &loops = pm.nestAny();
  loops.addPass(createConvertVectorToSCFPass());
  loops.addPass(memref::createExpandStridedMetadataPass());
  loops.addPass(createLowerAffinePass());
  loops.addPass(createSCFToControlFlowPass());

  // bf16 by integer arithmetic: the conversions LLVM would call are not in every libgcc.
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  loops.addPass(arith::createArithExpandOpsPass(expand));

  ConvertVectorToLLVMPassOptions vector;
  vector.reassociateFPReductions = true;
  loops.addPass(createConvertVectorToLLVMPass(vector));
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  // First what LLVM has an intrinsic for (sqrt, floor, ...), then libm for the rest.
  pm.nestAny().addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  // Libm is called an element at a time, through vector.extract and insert.
  OpPassManager &ops = pm.nestAny();
  ops.addPass(createConvertVectorToLLVMPass(vector));
  ops.addPass(createArithToLLVMConversionPass());
  ops.addPass(createConvertIndexToLLVMPass());
  ops.addPass(createUBToLLVMConversionPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  ConvertFuncToLLVMPassOptions func;
  func.useBarePtrCallConv = true;
  pm.addPass(createConvertFuncToLLVMPass(func));
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createHeddleCpuInternalize());
}

} // namespace

SmallVector<passes::Phase> phases(const VectorUnit &unit, const ProductOptions &products) {
  SmallVector<passes::Phase> all =
      passes::dialectPhases({"heddle.attention", "heddle.attention_gradient"});
  HeddleCpuPlanOptions plan{unit.vectorBits, unit.vectorRegisters,    products.contractions,
                            products.tuning, products.packParameters, products.fuseEpilogues};
  all.push_back({"plan", "launches on planned buffers",
                 [plan](OpPassManager &manager) { manager.addPass(createHeddleCpuPlan(plan)); }});
  all.push_back({"codegen", "only the LLVM dialect",
                 [fma = unit.fma](OpPassManager &manager) { buildPipeline(manager, fma); }});
  return all;
}

void registerPasses() { registerHeddleCpuPasses(); }

} // namespace heddle::cpu
