//===- FailingCommand.h - a command that fails on a file ------------------===//

#pragma once

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace heddle::reduce {

/// How a run of a command ended.
struct Outcome {
  int status = 0; ///< what it exited with, or -2: killed by a signal, or out of time
  bool timedOut = false;
  std::string ended;   ///< for a reader: "exit status 1", "Segmentation fault"
  std::string printed; ///< on stderr
};

/// A command, and what is to be seen of it on a module for the module to be of interest.
class FailingCommand {
public:
  /// Of `arguments` the first is the program, found as a shell does, and each "{}" the file with
  /// the module; without any the file comes last. `resources`, which have to live as long, go into
  /// each file: those of a reproducer name its passes. Returns an error for a program that cannot
  /// be found.
  static llvm::Expected<FailingCommand> create(std::vector<std::string> arguments,
                                               unsigned timeoutSeconds,
                                               mlir::FallbackAsmResourceMap &resources);

  /// The module as the command reads it.
  void print(mlir::ModuleOp module, llvm::raw_ostream &stream) const;

  llvm::Expected<Outcome> run(mlir::ModuleOp module) const;

  /// From now on a module is of interest where the command ends like `outcome` and prints
  /// `message`.
  void expect(const Outcome &outcome, std::string message);
  llvm::Expected<bool> fails(mlir::ModuleOp module) const;

private:
  std::string program;
  std::vector<std::string> arguments;
  unsigned timeoutSeconds = 0;
  mlir::FallbackAsmResourceMap *resources = nullptr;
  int status = 0;
  std::string ended, message;
};

/// The beginning of the first error message, up to the first number or quoted name, which change
/// as the module gets smaller: "error: 'my.op' op has 65 operands" gives "error: ", and an empty
/// text without an error. What comes before "error: " is the place.
std::string firstErrorOf(llvm::StringRef printed);

} // namespace heddle::reduce
