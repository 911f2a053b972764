//===- Pipeline.h - the phases from a traced model to fused kernels -------===//
//
// A phase is a name, what it establishes, and the passes that do it, the last of which checks it. Backends
// add phases of the same kind after these.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

#include <functional>
#include <string>

namespace heddle::passes {

struct Phase {
  std::string name;
  std::string establishes;
  std::function<void(mlir::OpPassManager &)> build;
};

/// `differentiate`, `simplify` and `fuse`.
llvm::ArrayRef<Phase> dialectPhases();

struct PipelineOptions : public mlir::PassPipelineOptions<PipelineOptions> {
  Option<std::string> from{*this, "from", llvm::cl::desc("First phase to run (default: the first)"),
                           llvm::cl::init("")};
  Option<std::string> to{*this, "to", llvm::cl::desc("Last phase to run (default: the last)"), llvm::cl::init("")};
};

/// Adds the phases from `from` to `to`, both included, empty meaning the first and the last. After each phase
/// that the environment variable HEDDLE_DUMP names (`HEDDLE_DUMP=fuse,plan`, or `all`), the module is printed
/// to stderr. Fails, with the message in `error`, when a name is not one of `phases`; names in HEDDLE_DUMP
/// may also be `later` phases that another call adds.
llvm::LogicalResult buildPhases(mlir::OpPassManager &manager, llvm::ArrayRef<Phase> phases, llvm::StringRef from,
                                llvm::StringRef to, std::string &error, llvm::ArrayRef<llvm::StringRef> later = {});

/// The phases of this folder; an unknown name ends the program with a message.
void buildPhases(mlir::OpPassManager &manager, const PipelineOptions &options);

} // namespace heddle::passes
