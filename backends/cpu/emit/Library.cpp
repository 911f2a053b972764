#include "Library.h"

#include "Toolchain.h"
#include "WriteFile.h"

#include "mlir/IR/Diagnostics.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
namespace fs = llvm::sys::fs;

namespace heddle::cpu {
namespace {

std::string join(StringRef directory, StringRef file) {
  llvm::SmallString<256> path(directory);
  llvm::sys::path::append(path, file);
  return path.str().str();
}

class LibraryWriter {
public:
  LibraryWriter(const LibraryContents &contents, const LibraryOptions &options, Location where)
      : contents(contents), options(options), where(where) {}

  LogicalResult run() {
    if (failed(makeDirectories()))
      return failure();
    llvm::scope_exit cleanup([&] { fs::remove_directories(work); });
    if (options.header) {
      FailureOr<std::string> header = writeHeader(contents, where);
      if (failed(header) ||
          failed(writeFile(finished(contents.names.prefix + ".h"), *header, where)))
        return failure();
    }
    if (failed(
            writeFile(finished(contents.names.prefix + ".json"), contents.manifest + "\n", where)))
      return failure();
    if ((options.shared || options.archive) && failed(link()))
      return failure();
    return publish();
  }

private:
  LogicalResult makeDirectories() {
    // LLVM puts a unique directory with a relative name under the system's temporary folder.
    llvm::SmallString<256> absolute(options.directory);
    if (auto code = fs::make_absolute(absolute))
      return emitError(where) << "cannot tell where '" << options.directory
                              << "' is: " << code.message();
    directory = absolute.str().str();
    if (auto code =
            fs::create_directories(options.directory, /*IgnoreExisting=*/true, fs::perms::all_all))
      return emitError(where) << "cannot make the directory '" << options.directory
                              << "': " << code.message();
    llvm::SmallString<256> made;
    // Beside the results, so that they can be renamed into place.
    if (auto code = fs::createUniqueDirectory(join(directory, ".heddle"), made))
      return emitError(where) << "cannot write in '" << options.directory
                              << "': " << code.message();
    work = made.str().str();
    return success();
  }

  LogicalResult link() {
    FailureOr<Toolchain> tools = Toolchain::find(work, where);
    if (failed(tools))
      return failure();
    std::vector<std::string> objects;
    for (size_t i = 0; i < contents.objects.size(); ++i) {
      objects.push_back(join(work, "part" + std::to_string(i) + ".o"));
      if (failed(writeFile(objects.back(), contents.objects[i]->getBuffer(), where)))
        return failure();
    }
    const std::string base = "lib" + contents.names.prefix;
    if (options.shared && failed(tools->linkShared(objects, contents.exported, base + ".so",
                                                   finished(base + ".so"), where)))
      return failure();
    if (options.archive &&
        failed(tools->makeArchive(objects, contents.exported, finished(base + ".a"), where)))
      return failure();
    return success();
  }

  std::string finished(const std::string &file) {
    files.push_back(file);
    return join(work, file);
  }

  LogicalResult publish() {
    for (const std::string &file : files)
      if (auto code = fs::rename(join(work, file), join(directory, file)))
        return emitError(where) << "cannot write '" << join(options.directory, file)
                                << "': " << code.message();
    return success();
  }

  const LibraryContents &contents;
  const LibraryOptions &options;
  Location where;
  std::string directory, work;
  std::vector<std::string> files;
};

} // namespace

LogicalResult writeLibrary(const LibraryContents &contents, const LibraryOptions &options,
                           Location where) {
  return LibraryWriter(contents, options, where).run();
}

} // namespace heddle::cpu
