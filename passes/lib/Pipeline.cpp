//===- Pipeline.cpp - the phases from a traced model to fused kernels -----===//

#include "heddle/passes/Pipeline.h"
#include "heddle/passes/Passes.h"

#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"

#include <cstdlib>

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

static void addCheck(OpPassManager &manager, StringRef phase, ArrayRef<std::string> kept = {}) {
  HeddleVerifyPhaseOptions options;
  options.phase = phase.str();
  options.keep = llvm::to_vector(kept);
  manager.addPass(createHeddleVerifyPhase(options));
}

SmallVector<Phase> passes::dialectPhases(ArrayRef<std::string> kept) {
  HeddleDecomposeOptions decompose;
  decompose.keep = llvm::to_vector(kept);
  return {
      {"differentiate", "no heddle.gradient; one function holds forward, backward and update",
       [](OpPassManager &manager) {
         manager.addNestedPass<func::FuncOp>(createHeddleDifferentiate());
         addCheck(manager, "differentiate");
       }},
      {"simplify", "primitives and what the backend keeps, each computed once and used",
       [decompose](OpPassManager &manager) {
         manager.addNestedPass<func::FuncOp>(createHeddleDecompose(decompose));
         manager.addNestedPass<func::FuncOp>(createHeddleSimplify());
         addCheck(manager, "simplify", decompose.keep);
       }},
      {"fuse", "fusions in their three forms, f32 contractions, constants, views and the return",
       [](OpPassManager &manager) {
         manager.addNestedPass<func::FuncOp>(createHeddleNormalizeReductions());
         manager.addNestedPass<func::FuncOp>(createHeddleFuseContractions());
         manager.addNestedPass<func::FuncOp>(createHeddleFuse());
         manager.addNestedPass<func::FuncOp>(createHeddleMaterializeLayouts());
         manager.addNestedPass<func::FuncOp>(createHeddlePlaceUpdates());
         manager.addNestedPass<func::FuncOp>(createHeddleDelayLargeResults());
         manager.addNestedPass<func::FuncOp>(createHeddleSplitUpdates());
         manager.addNestedPass<func::FuncOp>(createHeddleRematerialize());
         addCheck(manager, "fuse");
       }},
  };
}

static size_t indexOf(ArrayRef<Phase> phases, StringRef name) {
  return llvm::find_if(phases, [&](const Phase &phase) { return phase.name == name; }) -
         phases.begin();
}
static std::string unknownPhase(ArrayRef<Phase> phases, const Twine &what, StringRef name) {
  std::string known =
      llvm::join(llvm::map_range(phases, [](const Phase &phase) { return phase.name; }), ", ");
  return (what + " names the phase '" + name + "', which does not exist; phases are " + known)
      .str();
}

LogicalResult passes::buildPhases(OpPassManager &manager, ArrayRef<Phase> phases, StringRef from,
                                  StringRef to, std::string &error) {
  auto unknown = [&](StringRef what, StringRef name, StringRef more) {
    error = unknownPhase(phases, what, name) + more.str();
    return failure();
  };
  size_t first = from.empty() ? 0 : indexOf(phases, from),
         last = to.empty() ? phases.size() - 1 : indexOf(phases, to);
  if (first >= phases.size())
    return unknown("from", from, "");
  if (last >= phases.size())
    return unknown("to", to, "");
  if (first > last) {
    error = "from names the phase '" + phases[first].name + "', which comes after '" +
            phases[last].name + "'";
    return failure();
  }

  SmallVector<StringRef> dumped;
  if (const char *variable = std::getenv("HEDDLE_DUMP"))
    StringRef(variable).split(dumped, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef &name : dumped) {
    name = name.trim();
    if (name != "all" && indexOf(phases, name) >= phases.size())
      return unknown("HEDDLE_DUMP", name, ", or all");
  }

  for (const Phase &phase : phases.slice(first, last - first + 1)) {
    phase.build(manager);
    if (llvm::is_contained(dumped, phase.name) || llvm::is_contained(dumped, "all"))
      manager.addPass(createHeddleDump({phase.name}));
  }
  return success();
}

LogicalResult passes::runPhases(ModuleOp module, ArrayRef<Phase> phases, StringRef from,
                                StringRef to) {
  MLIRContext *context = module.getContext();
  PassManager manager(context);
  std::string error;
  if (failed(buildPhases(manager, phases, from, to, error)))
    return module.emitError(error);
  const char *reproducer = std::getenv("HEDDLE_REPRODUCER");
  if (!reproducer || !*reproducer)
    return manager.run(module);
  // The module before the pass that failed is known only where one pass runs at a time.
  const bool isMultithreaded = context->isMultithreadingEnabled();
  context->disableMultithreading();
  auto restore = llvm::scope_exit([&] { context->enableMultithreading(isMultithreaded); });
  manager.enableCrashReproducerGeneration(reproducer, /*genLocalReproducer=*/true);
  return manager.run(module);
}

LogicalResult passes::insertPasses(MutableArrayRef<Phase> phases, StringRef before,
                                   StringRef pipeline, std::string &error) {
  const size_t index = indexOf(phases, before);
  const std::string given = ("'" + before + "=" + pipeline + "'").str();
  if (index >= phases.size()) {
    error = unknownPhase(phases, given, before);
    return failure();
  }
  std::string why;
  llvm::raw_string_ostream errors(why);
  auto parses = [&](StringRef text, raw_ostream &stream) {
    OpPassManager trial(ModuleOp::getOperationName());
    return succeeded(parsePassPipeline(text, trial, stream));
  };
  std::string onModule = pipeline.str(), onFunctions = "func.func(" + onModule + ")";
  const bool isOnModule = parses(onModule, errors);
  if (!isOnModule && !parses(onFunctions, llvm::nulls())) {
    error = given + " is no list of passes: " + StringRef(why).trim().str();
    return failure();
  }
  phases[index].build = [text = isOnModule ? onModule : onFunctions,
                         rest = std::move(phases[index].build)](OpPassManager &manager) {
    (void)parsePassPipeline(text, manager); // it did parse
    rest(manager);
  };
  return success();
}

void passes::registerPipeline(ArrayRef<Phase> phases) {
  SmallVector<Phase> kept(phases);
  std::string description = "The phases " + phases.front().name + " to " + phases.back().name +
                            ", or those from 'from' to 'to'";
  registerPassPipeline(
      "heddle-pipeline", description,
      [kept](OpPassManager &manager, StringRef text,
             function_ref<LogicalResult(const Twine &)> emitError) {
        PipelineOptions options;
        std::string error;
        if (failed(options.parseFromString(text)))
          return failure();
        if (failed(buildPhases(manager, kept, options.from, options.to, error)))
          return emitError(error);
        return success();
      },
      [](function_ref<void(const detail::PassOptions &)> visit) { visit(PipelineOptions()); });
}
