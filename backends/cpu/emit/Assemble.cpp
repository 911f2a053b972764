#include "Machine.h"

#include "mlir/IR/Diagnostics.h"

#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/Utils/SplitModule.h"

#include <algorithm>
#include <atomic>
#include <thread>

using namespace mlir;

namespace heddle::cpu {
namespace {

// Below this, a part takes less time than making it.
constexpr unsigned kFunctionsPerPart = 6;
constexpr unsigned kMostThreads = 8;
// Functions differ in what they take: a thread that is done compiles another part.
constexpr unsigned kPartsPerThread = 3;

llvm::OptimizationLevel passLevel(llvm::CodeGenOptLevel level) {
  switch (level) {
  case llvm::CodeGenOptLevel::None:
    return llvm::OptimizationLevel::O0;
  case llvm::CodeGenOptLevel::Less:
    return llvm::OptimizationLevel::O1;
  case llvm::CodeGenOptLevel::Default:
    return llvm::OptimizationLevel::O2;
  default:
    return llvm::OptimizationLevel::O3;
  }
}

void optimise(llvm::Module &module, llvm::TargetMachine &target) {
  const llvm::OptimizationLevel level = passLevel(target.getOptLevel());
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = tuning.SLPVectorization = level == llvm::OptimizationLevel::O3;
  llvm::PassBuilder builder(&target, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  llvm::ModulePassManager passes = level == llvm::OptimizationLevel::O0
                                       ? builder.buildO0DefaultPipeline(level)
                                       : builder.buildPerModuleDefaultPipeline(level);
  passes.run(module, modules);
}

// Null if the target cannot write objects.
std::unique_ptr<llvm::MemoryBuffer> compilePart(llvm::Module &module, const Machine &machine) {
  std::unique_ptr<llvm::TargetMachine> target = machine.makeTargetMachine();
  optimise(module, *target);
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  passes.add(new llvm::TargetLibraryInfoWrapperPass(target->getTargetTriple()));
  if (target->addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
    return nullptr;
  passes.run(module);
  return std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(bytes), "heddle.o");
}

// A context is for one thread, so each part travels as bitcode into its own.
llvm::SmallVector<llvm::SmallVector<char, 0>> split(llvm::Module &module, unsigned parts) {
  llvm::SmallVector<llvm::SmallVector<char, 0>> bitcode;
  llvm::SplitModule(
      module, parts,
      [&](std::unique_ptr<llvm::Module> part) {
        llvm::raw_svector_ostream stream(bitcode.emplace_back());
        llvm::WriteBitcodeToFile(*part, stream);
      },
      /*PreserveLocals=*/false, /*RoundRobin=*/true);
  // The largest first, so that none is left for the end.
  llvm::stable_sort(bitcode, [](const auto &x, const auto &y) { return x.size() > y.size(); });
  return bitcode;
}

std::unique_ptr<llvm::MemoryBuffer> compileBitcode(llvm::ArrayRef<char> bitcode,
                                                   const Machine &machine) {
  llvm::LLVMContext context;
  auto module = llvm::parseBitcodeFile(
      llvm::MemoryBufferRef({bitcode.data(), bitcode.size()}, "heddle"), context);
  if (!module) {
    llvm::consumeError(module.takeError());
    return nullptr;
  }
  return compilePart(**module, machine);
}

} // namespace

FailureOr<Objects> assemble(std::unique_ptr<llvm::Module> module, const Machine &machine,
                            Location where) {
  machine.prepare(*module);
  const auto defined = static_cast<unsigned>(
      llvm::count_if(*module, [](llvm::Function &f) { return !f.isDeclaration(); }));
  const unsigned threadCount = std::clamp(
      std::min(std::thread::hardware_concurrency(), defined / kFunctionsPerPart), 1U, kMostThreads);
  Objects objects;
  if (threadCount == 1) {
    objects.push_back(compilePart(*module, machine));
  } else {
    auto bitcode =
        split(*module, std::min(threadCount * kPartsPerThread, defined / kFunctionsPerPart));
    objects.resize(bitcode.size());
    std::atomic<size_t> next = 0;
    auto compileParts = [&] {
      for (size_t i = next++; i < bitcode.size(); i = next++)
        objects[i] = compileBitcode(bitcode[i], machine);
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < threadCount; ++i)
      threads.emplace_back(compileParts);
    for (std::thread &thread : threads)
      thread.join();
  }
  for (auto &object : objects)
    if (!object)
      return emitError(where) << "LLVM cannot write object files for " << machine.triple();
  return objects;
}

} // namespace heddle::cpu
