#include "Machine.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Target/LLVMIR/Export.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

#include <mutex>

using namespace mlir;

namespace heddle::cpu {
namespace {

void initializeTargetOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
}

std::string hostFeatures() {
  llvm::SubtargetFeatures features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    features.AddFeature(feature.first(), feature.second);
  // A string map has no order; the manifest should not differ from run to run.
  auto sorted = features.getFeatures();
  llvm::sort(sorted);
  return llvm::join(sorted, ",");
}

LogicalResult checkFeatures(StringRef features, const llvm::MCSubtargetInfo &subtarget,
                            Location where) {
  SmallVector<StringRef> entries;
  features.split(entries, ',', -1, /*KeepEmpty=*/false);
  for (StringRef entry : entries) {
    entry = entry.trim();
    if (!entry.starts_with("+") && !entry.starts_with("-"))
      return emitError(where) << "CPU feature '" << entry
                              << "' must start with + or -, as in '+avx2,-fma'";
    if (llvm::none_of(subtarget.getAllProcessorFeatures(),
                      [&](const auto &known) { return entry.drop_front() == known.Key; }))
      return emitError(where) << "unknown CPU feature '" << entry.drop_front() << "' for "
                              << subtarget.getTargetTriple().str()
                              << "; `llc-22 -mattr=help` lists those that LLVM knows";
  }
  return success();
}

} // namespace

FailureOr<Machine> Machine::create(const CompileOptions &options, Location where) {
  initializeTargetOnce();
  Machine machine;
  machine.tripleName = llvm::sys::getProcessTriple();
  machine.optLevel = options.optLevel;
  if (options.optLevel > 3)
    return emitError(where) << "optimisation level " << options.optLevel
                            << " is not one of 0, 1, 2, 3";
  const llvm::Triple triple(machine.tripleName);
  std::string error;
  machine.target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!machine.target)
    return emitError(where) << "LLVM has no target for '" << machine.tripleName << "': " << error;

  std::unique_ptr<llvm::MCSubtargetInfo> generic(
      machine.target->createMCSubtargetInfo(triple, "", ""));
  const bool native = options.cpu == "native";
  machine.cpuName = native ? llvm::sys::getHostCPUName().str() : options.cpu;
  if (!generic->isCPUStringValid(machine.cpuName))
    return emitError(where) << "unknown CPU '" << options.cpu << "' for " << machine.tripleName
                            << "; use 'native' or a name LLVM knows, such as x86-64-v2, x86-64-v3, "
                               "x86-64-v4, znver3 "
                               "or skylake-avx512 (`llc-22 -mcpu=help` lists all)";
  if (failed(checkFeatures(options.features, *generic, where)))
    return failure();
  machine.featureString = native ? hostFeatures() : "";
  if (!options.features.empty())
    machine.featureString += (machine.featureString.empty() ? "" : ",") + options.features;

  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      machine.target->createMCSubtargetInfo(triple, machine.cpuName, machine.featureString));
  auto has = [&](StringRef feature) { return subtarget->checkFeatures(("+" + feature).str()); };
  if (triple.isX86()) {
    const bool avx512 = has("avx512f");
    machine.vectorUnit = {avx512       ? 512
                          : has("avx") ? 256
                                       : 128,
                          avx512 ? 32 : 16, has("fma") || avx512};
  } else {
    machine.vectorUnit = {128, 32, true};
  }
  return machine;
}

SmallVector<std::string> Machine::missingHere() const {
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(llvm::Triple(tripleName), cpuName, featureString));
  SmallVector<std::string> missing;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    if (!feature.second && subtarget->checkFeatures(("+" + feature.first()).str()))
      missing.push_back(feature.first().str());
  llvm::sort(missing);
  return missing;
}

std::unique_ptr<llvm::TargetMachine> Machine::makeTargetMachine() const {
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
  const auto level = static_cast<llvm::CodeGenOptLevel>(optLevel);
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(llvm::Triple(tripleName), cpuName, featureString, options,
                                  llvm::Reloc::PIC_, std::nullopt, level));
}

void Machine::prepare(llvm::Module &module) const {
  module.setTargetTriple(llvm::Triple(tripleName));
  module.setDataLayout(makeTargetMachine()->createDataLayout());
  // A module is prepared again when functions have been added to it; a flag may be there only once.
  if (!module.getModuleFlag("PIC Level"))
    module.setPICLevel(llvm::PICLevel::BigPIC);
  for (llvm::Function &function : module) {
    function.setDoesNotThrow();
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", cpuName);
    function.addFnAttr("target-features", featureString);
    function.addFnAttr("prefer-vector-width", llvm::utostr(vectorUnit.vectorBits));
    function.addFnAttr("no-trapping-math", "true");
  }
}

std::unique_ptr<llvm::Module> translateModule(ModuleOp module, llvm::LLVMContext &context) {
  return translateModuleToLLVMIR(module, context, "heddle");
}

} // namespace heddle::cpu
