//===- Pipeline.cpp - the phases from a traced model to fused kernels -----===//

#include "heddle/passes/Pipeline.h"
#include "heddle/passes/Passes.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "mlir/Pass/PassRegistry.h"

#include <cstdlib>

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

static void addCheck(OpPassManager &manager, StringRef phase) {
  HeddleVerifyPhaseOptions options;
  options.phase = phase.str();
  manager.addPass(createHeddleVerifyPhase(options));
}

ArrayRef<Phase> passes::dialectPhases() {
  static const Phase phases[] = {
      {"differentiate", "no heddle.gradient; one function holds forward, backward and update",
       [](OpPassManager &manager) {
         manager.addNestedPass<func::FuncOp>(createHeddleDifferentiate());
         addCheck(manager, "differentiate");
       }},
      {"simplify", "primitives only, each computed once and used",
       [](OpPassManager &manager) {
         manager.addNestedPass<func::FuncOp>(createHeddleDecompose());
         manager.addNestedPass<func::FuncOp>(createHeddleSimplify());
         addCheck(manager, "simplify");
       }},
      {"fuse", "fusions in their three forms, f32 contractions, constants, views and the return",
       [](OpPassManager &manager) {
         manager.addNestedPass<func::FuncOp>(createHeddleNormalizeReductions());
         manager.addNestedPass<func::FuncOp>(createHeddleFuseContractions());
         manager.addNestedPass<func::FuncOp>(createHeddleFuse());
         manager.addNestedPass<func::FuncOp>(createHeddleMaterializeLayouts());
         addCheck(manager, "fuse");
       }},
  };
  return phases;
}

namespace {

/// Prints the module, as HEDDLE_DUMP asks.
struct DumpPass : PassWrapper<DumpPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(DumpPass)

  explicit DumpPass(std::string phase) : phase(std::move(phase)) {}
  StringRef getName() const override { return "heddle-dump"; }
  void runOnOperation() override {
    llvm::errs() << "// ----- after phase " << phase << " -----\n";
    getOperation().print(llvm::errs(), OpPrintingFlags().elideLargeElementsAttrs());
    llvm::errs() << '\n';
    markAllAnalysesPreserved();
  }
  std::string phase;
};

} // namespace

/// Names of `phases`, for messages.
static std::string namesOf(ArrayRef<Phase> phases, ArrayRef<StringRef> later) {
  SmallVector<StringRef> names;
  for (const Phase &phase : phases)
    names.push_back(phase.name);
  names.append(later.begin(), later.end());
  return llvm::join(names, ", ");
}

LogicalResult passes::buildPhases(OpPassManager &manager, ArrayRef<Phase> phases, StringRef from, StringRef to,
                                  std::string &error, ArrayRef<StringRef> later) {
  auto indexOf = [&](StringRef name) {
    return llvm::find_if(phases, [&](const Phase &phase) { return phase.name == name; }) - phases.begin();
  };
  auto unknown = [&](StringRef what, StringRef name, ArrayRef<StringRef> more) {
    error = (what + " names the phase '" + name + "', which does not exist; phases are " + namesOf(phases, more)).str();
    return failure();
  };
  size_t first = from.empty() ? 0 : indexOf(from), last = to.empty() ? phases.size() - 1 : indexOf(to);
  if (first >= phases.size())
    return unknown("from", from, {});
  if (last >= phases.size())
    return unknown("to", to, {});
  if (first > last) {
    error = ("from names the phase '" + from + "', which comes after '" + to + "'").str();
    return failure();
  }

  SmallVector<StringRef> dumped;
  if (const char *variable = std::getenv("HEDDLE_DUMP"))
    StringRef(variable).split(dumped, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef name : dumped)
    if (name != "all" && static_cast<size_t>(indexOf(name)) >= phases.size() && !llvm::is_contained(later, name))
      return unknown("HEDDLE_DUMP", name, later);

  for (const Phase &phase : phases.slice(first, last - first + 1)) {
    phase.build(manager);
    if (llvm::is_contained(dumped, phase.name) || llvm::is_contained(dumped, "all"))
      manager.addPass(std::make_unique<DumpPass>(phase.name));
  }
  return success();
}

void passes::buildPhases(OpPassManager &manager, const PipelineOptions &options) {
  std::string error;
  // Phases that a backend adds may be named in HEDDLE_DUMP; they have nothing to print here.
  if (failed(buildPhases(manager, dialectPhases(), options.from, options.to, error, {"plan", "codegen", "emit"})))
    llvm::report_fatal_error(StringRef(error), /*gen_crash_diag=*/false);
}

void passes::registerPasses() {
  registerHeddlePasses();
  PassPipelineRegistration<PipelineOptions>(
      "heddle-pipeline", "The phases differentiate, simplify and fuse, or those from 'from' to 'to'",
      [](OpPassManager &manager, const PipelineOptions &options) { buildPhases(manager, options); });
}
