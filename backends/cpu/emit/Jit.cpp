#include "Jit.h"

#include "mlir/IR/Diagnostics.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"

using namespace mlir;
namespace orc = llvm::orc;

namespace heddle::cpu {

struct JitProgram::Impl {
  std::unique_ptr<orc::LLJIT> jit;
  std::string manifest;
  std::vector<hd_entry> entries;
  std::vector<hd_packer> packers;
  hd_program program{};
};

JitProgram::JitProgram(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
JitProgram::~JitProgram() = default;
const hd_program &JitProgram::program() const { return impl->program; }

namespace {

// The runtime may be linked into this program with its symbols hidden, so the loader cannot find
// them by name.
orc::SymbolMap runtimeSymbols(orc::LLJIT &jit) {
  auto symbol = [](auto *function) {
    return orc::ExecutorSymbolDef(orc::ExecutorAddr::fromPtr(function),
                                  llvm::JITSymbolFlags::Exported);
  };
  orc::SymbolMap map;
  map[jit.mangleAndIntern("hd_parallel_for")] = symbol(&hd_parallel_for);
  map[jit.mangleAndIntern("hd_contract")] = symbol(&hd_contract);
  return map;
}

llvm::Error load(JitProgram::Impl &impl, Objects objects, const CNames &names, size_t packerCount) {
  auto jit = orc::LLJITBuilder()
                 // No static constructors, no thread-locals: nothing for a platform to set up.
                 .setPlatformSetUp(orc::setUpInactivePlatform)
                 .setLinkProcessSymbolsByDefault(false)
                 .create();
  if (!jit)
    return jit.takeError();
  impl.jit = std::move(*jit);
  orc::JITDylib &main = impl.jit->getMainJITDylib();
  if (auto error = main.define(orc::absoluteSymbols(runtimeSymbols(*impl.jit))))
    return error;
  // libm, and memcpy and memset, which LLVM makes of loops.
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      impl.jit->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  main.addGenerator(std::move(*process));
  for (auto &object : objects)
    if (auto error = impl.jit->addObjectFile(std::move(object)))
      return error;
  for (size_t i = 0; i < names.functions.size(); ++i) {
    auto address = impl.jit->lookup(names.entry(i));
    if (!address)
      return address.takeError();
    impl.entries.push_back(address->toPtr<hd_entry>());
  }
  for (size_t i = 0; i < packerCount; ++i) {
    auto address = impl.jit->lookup(names.packer(i));
    if (!address)
      return address.takeError();
    impl.packers.push_back(address->toPtr<hd_packer>());
  }
  return llvm::Error::success();
}

} // namespace

FailureOr<std::unique_ptr<JitProgram>> loadProgram(Objects objects, const CNames &names,
                                                   size_t packerCount, std::string manifest,
                                                   Location where) {
  auto impl = std::make_unique<JitProgram::Impl>();
  impl->manifest = std::move(manifest);
  if (auto error = load(*impl, std::move(objects), names, packerCount))
    return emitError(where) << "the compiled code could not be loaded: "
                            << llvm::toString(std::move(error));
  impl->program = {sizeof(hd_program),   impl->manifest.c_str(), impl->entries.data(),
                   impl->entries.size(), impl->packers.data(),   impl->packers.size()};
  return std::make_unique<JitProgram>(std::move(impl));
}

} // namespace heddle::cpu
