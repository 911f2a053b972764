#include "Toolchain.h"

#include "RuntimeArchive.h"
#include "WriteFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Object/Binary.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
namespace fs = llvm::sys::fs;

namespace heddle::cpu {
namespace {

std::string findDriver() {
  if (fs::can_execute(HEDDLE_CXX_DRIVER))
    return HEDDLE_CXX_DRIVER;
  for (const char *name : {"c++", "g++", "clang++"})
    if (auto path = llvm::sys::findProgramByName(name))
      return *path;
  return "";
}

LogicalResult report(llvm::Error error, StringRef what, Location where) {
  if (!error)
    return success();
  return emitError(where) << what << ": " << llvm::toString(std::move(error));
}

std::string versionScript(ArrayRef<std::string> exported) {
  return "{ global: " + llvm::join(exported, "; ") + "; local: *; };\n";
}

// What `objcopy --keep-global-symbol` does for each name.
llvm::Expected<llvm::SmallString<0>> localise(StringRef object, ArrayRef<std::string> exported) {
  namespace objcopy = llvm::objcopy;
  auto binary = llvm::object::createBinary(object);
  if (!binary)
    return binary.takeError();
  objcopy::ConfigManager config;
  config.Common.InputFilename = object;
  config.Common.OutputFilename = object;
  config.Common.StripDebug = true;
  auto pass = [](llvm::Error error) { return error; };
  for (const std::string &name : exported)
    if (auto error = config.Common.SymbolsToKeepGlobal.addMatcher(
            objcopy::NameOrPattern::create(name, objcopy::MatchStyle::Literal, pass)))
      return error;
  llvm::SmallString<0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  if (auto error = objcopy::executeObjcopyOnBinary(config, *binary->getBinary(), stream))
    return error;
  return bytes;
}

} // namespace

FailureOr<Toolchain> Toolchain::find(StringRef work, Location where) {
  Toolchain tools;
  tools.driver = findDriver();
  if (tools.driver.empty())
    return emitError(where) << "no C++ compiler to link with: tried " << HEDDLE_CXX_DRIVER
                            << ", and c++, g++ and clang++ in PATH; install one";
  if (auto chosen = llvm::sys::Process::GetEnv("HEDDLE_RUNTIME")) {
    tools.runtime = *chosen;
    if (!fs::is_regular_file(tools.runtime))
      return emitError(where) << "the runtime archive '" << tools.runtime
                              << "' that HEDDLE_RUNTIME names is not a file";
  } else {
    tools.runtime = (work + "/libheddle_runtime.a").str();
    if (failed(writeFile(tools.runtime, runtimeArchive(), where)))
      return failure();
  }
  tools.dnnl = fs::exists(HEDDLE_DNNL_PATH) ? HEDDLE_DNNL_PATH : "-ldnnl";
  return tools;
}

LogicalResult Toolchain::run(ArrayRef<std::string> arguments, StringRef log, Location where) const {
  SmallVector<StringRef> all = {driver};
  all.append(arguments.begin(), arguments.end());
  std::string error;
  const int status =
      llvm::sys::ExecuteAndWait(driver, all, std::nullopt, {StringRef(""), log, log}, 0, 0, &error);
  if (status == 0)
    return success();
  if (auto output = llvm::MemoryBuffer::getFile(log))
    error += (*output)->getBuffer().rtrim().str();
  return emitError(where) << "linking failed (status " << status << "): " << error
                          << "\nthe command was: " << llvm::join(all, " ");
}

LogicalResult Toolchain::linkShared(ArrayRef<std::string> objects, ArrayRef<std::string> exported,
                                    StringRef soname, StringRef output, Location where) const {
  const std::string script = (output + ".version").str();
  if (failed(writeFile(script, versionScript(exported), where)))
    return failure();
  std::vector<std::string> arguments = {"-shared", "-fPIC", "-o", output.str()};
  llvm::append_range(arguments, objects);
  llvm::append_range(arguments, std::vector<std::string>{
                                    runtime, dnnl, "-fopenmp", "-lm", "-Wl,-soname," + soname.str(),
                                    "-Wl,--exclude-libs,ALL", "-Wl,--version-script=" + script,
                                    "-Wl,--gc-sections", "-Wl,--as-needed", "-Wl,--no-undefined",
                                    "-Wl,--strip-debug"});
  return run(arguments, (output + ".log").str(), where);
}

LogicalResult Toolchain::makeArchive(ArrayRef<std::string> objects, ArrayRef<std::string> exported,
                                     StringRef output, Location where) const {
  const std::string merged = (output + ".o").str();
  // GNU ld: the others cannot dissolve section groups, and a group whose symbols are local must not
  // be one, or the final link drops it in favour of a namesake.
  std::vector<std::string> arguments = {
      "-r", "-nostdlib", "-fuse-ld=bfd", "-Wl,--force-group-allocation", "-o", merged};
  llvm::append_range(arguments, objects);
  arguments.push_back(runtime);
  if (failed(run(arguments, (output + ".log").str(), where)))
    return failure();
  auto bytes = localise(merged, exported);
  if (!bytes)
    return report(bytes.takeError(), "cannot hide the symbols of '" + merged + "'", where);
  const std::string member = llvm::sys::path::stem(output).str() + ".o";
  llvm::NewArchiveMember entry(llvm::MemoryBufferRef(*bytes, member));
  return report(llvm::writeArchive(output, entry, llvm::SymtabWritingMode::NormalSymtab,
                                   llvm::object::Archive::K_GNU, /*Deterministic=*/true,
                                   /*Thin=*/false),
                ("cannot write '" + output + "'").str(), where);
}

} // namespace heddle::cpu
