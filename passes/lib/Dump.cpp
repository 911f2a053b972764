//===- Dump.cpp - prints the module ---------------------------------------===//

#include "heddle/passes/Passes.h"

namespace heddle::passes {
#define GEN_PASS_DEF_HEDDLEDUMP
#include "heddle/passes/Passes.h.inc"
} // namespace heddle::passes

using namespace mlir;
using namespace heddle;

namespace {

struct Dump : passes::impl::HeddleDumpBase<Dump> {
  using Base::Base;

  void runOnOperation() override {
    llvm::errs() << "// ----- after phase " << phase << " -----\n";
    getOperation().print(llvm::errs(), OpPrintingFlags().elideLargeElementsAttrs());
    llvm::errs() << '\n';
    markAllAnalysesPreserved();
  }
};

} // namespace
