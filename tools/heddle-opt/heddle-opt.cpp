//===- heddle-opt.cpp - passes and phases on .mlir files ------------------===//

#include "heddle/cpu/Compiler.h"
#include "heddle/cpu/Phases.h"
#include "heddle/passes/Passes.h"

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

int fail(const Twine &message) {
  llvm::errs() << "heddle-opt: " << message << '\n';
  return EXIT_FAILURE;
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
  if (!from.getNumOccurrences() && !to.getNumOccurrences())
    return asMainReturnCode(MlirOptMain(argc, argv, inputName, outputName, registry));

  // The phases go before the passes that the command line names one by one.
  std::string error;
  if (OpPassManager unused(ModuleOp::getOperationName());
      failed(heddle::passes::buildPhases(unused, phases, from, to, error)))
    return fail(error);
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  config.setPassPipelineSetupFn([&phases, named = config](PassManager &manager) {
    std::string impossible;
    return success(succeeded(heddle::passes::buildPhases(manager, phases, from, to, impossible)) &&
                   succeeded(named.setupPassPipeline(manager)));
  });

  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> input = openInputFile(inputName, &message);
  if (!input)
    return fail(message);
  std::unique_ptr<llvm::ToolOutputFile> output = openOutputFile(outputName, &message);
  if (!output)
    return fail(message);
  if (failed(MlirOptMain(output->os(), std::move(input), registry, config)))
    return EXIT_FAILURE;
  output->keep();
  return EXIT_SUCCESS;
}
