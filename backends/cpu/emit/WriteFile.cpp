#include "WriteFile.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace heddle::cpu {

LogicalResult writeFile(StringRef path, StringRef bytes, Location where) {
  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  if (!code) {
    stream << bytes;
    stream.close();
    code = stream.error();
    // Reported here; the stream would end the program.
    stream.clear_error();
  }
  if (code)
    return emitError(where) << "cannot write '" << path << "': " << code.message();
  return success();
}

} // namespace heddle::cpu
