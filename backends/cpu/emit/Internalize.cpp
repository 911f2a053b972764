//===- Internalize.cpp - the last step of codegen ---------------------------===//

#include "heddle/cpu/Passes.h"

namespace heddle::cpu {
#define GEN_PASS_DEF_HEDDLECPUINTERNALIZE
#include "heddle/cpu/Passes.h.inc"
} // namespace heddle::cpu

using namespace mlir;
using namespace heddle;

namespace {

struct Internalize : cpu::impl::HeddleCpuInternalizeBase<Internalize> {
  using HeddleCpuInternalizeBase::HeddleCpuInternalizeBase;

  void runOnOperation() override {
    WalkResult result = getOperation().walk([&](Operation *op) {
      if (auto function = dyn_cast<LLVM::LLVMFuncOp>(op)) {
        if (!function.isExternal()) {
          internalize(function);
          function.setNoInline(true);
        }
      } else if (auto global = dyn_cast<LLVM::GlobalOp>(op)) {
        if (global.getValueAttr() || global.getInitializerBlock())
          internalize(global);
      } else if (!isa<ModuleOp>(op) && !isa<LLVM::LLVMDialect>(op->getDialect())) {
        op->emitOpError() << "has no lowering on the CPU, or none for these types";
        return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

  template <typename SymbolOp> void internalize(SymbolOp symbol) {
    numInternalized += symbol.getLinkage() != LLVM::Linkage::Internal;
    symbol.setLinkage(LLVM::Linkage::Internal);
  }
};

} // namespace
