//===- heddle-opt.cpp - passes and phases on .mlir files ------------------===//

#include "heddle/cpu/Compiler.h"
#include "heddle/cpu/Phases.h"
#include "heddle/passes/Passes.h"
#include "heddle/passes/Validation.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;

namespace {

llvm::cl::OptionCategory
    phaseOptions("Phases (HEDDLE_DUMP=simplify,fuse prints the module after those it names)");
llvm::cl::opt<std::string> from("from",
                                llvm::cl::desc("Run the phases from this one on, up to --to"),
                                llvm::cl::value_desc("phase"), llvm::cl::cat(phaseOptions));
llvm::cl::opt<std::string> to("to", llvm::cl::desc("Run the phases up to this one, from --from on"),
                              llvm::cl::value_desc("phase"), llvm::cl::cat(phaseOptions));

llvm::cl::OptionCategory checkOptions("Checks by the reference interpreter");
llvm::cl::opt<std::string> validate(
    "validate",
    llvm::cl::desc("Run each function on random arguments before and after each pass, and "
                   "fail where a pass changes a result; for each of the seeds (default: 0)"),
    llvm::cl::value_desc("seed,..."), llvm::cl::ValueOptional, llvm::cl::cat(checkOptions));

int fail(const Twine &message) {
  llvm::errs() << "heddle-opt: " << message << '\n';
  return EXIT_FAILURE;
}

bool parseSeeds(StringRef text, SmallVectorImpl<uint64_t> &seeds) {
  if (text.empty())
    return true;
  seeds.clear();
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  return llvm::all_of(parts,
                      [&](StringRef part) { return !part.getAsInteger(10, seeds.emplace_back()); });
}

} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  DialectRegistry registry;
  heddle::cpu::registerDialects(registry);
  heddle::passes::registerHeddlePasses();
  heddle::cpu::registerPasses();
  const SmallVector<heddle::passes::Phase> phases = heddle::cpu::phases();
  heddle::passes::registerPipeline(phases);
  registerCanonicalizer();
  registerCSE();

  auto [inputName, outputName] =
      registerAndParseCLIOptions(argc, argv, "Heddle's passes and phases\n", registry);
  const bool hasPhases = from.getNumOccurrences() || to.getNumOccurrences();
  if (!hasPhases && !validate.getNumOccurrences())
    return asMainReturnCode(MlirOptMain(argc, argv, inputName, outputName, registry));

  std::string error;
  if (OpPassManager unused(ModuleOp::getOperationName());
      hasPhases && failed(heddle::passes::buildPhases(unused, phases, from, to, error)))
    return fail(error);
  heddle::passes::ValidationOptions validation;
  if (!parseSeeds(validate, validation.seeds))
    return fail("--validate is '" + validate + "'; expected seeds, as in --validate=0,1,2");
  heddle::passes::ValidationReport report;
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  config.setPassPipelineSetupFn([&, named = config](PassManager &manager) {
    // The phases go before the passes that the command line names one by one.
    std::string impossible;
    if (hasPhases && failed(heddle::passes::buildPhases(manager, phases, from, to, impossible)))
      return failure();
    if (validate.getNumOccurrences())
      heddle::passes::enableValidation(manager, report, validation);
    return named.setupPassPipeline(manager);
  });

  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> input = openInputFile(inputName, &message);
  if (!input)
    return fail(message);
  std::unique_ptr<llvm::ToolOutputFile> output = openOutputFile(outputName, &message);
  if (!output)
    return fail(message);
  const LogicalResult result = MlirOptMain(output->os(), std::move(input), registry, config);
  if (validate.getNumOccurrences())
    llvm::errs() << "heddle-opt: " << report.passes << " passes validated: " << report.compared
                 << " functions compared, " << report.unchanged << " left alone, "
                 << report.different << " different, " << report.skipped << " skipped\n";
  if (failed(result))
    return EXIT_FAILURE;
  output->keep();
  return EXIT_SUCCESS;
}
