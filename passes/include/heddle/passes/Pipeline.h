//===- Pipeline.h - the phases from a traced model to fused kernels -------===//
//
// A phase is a name, what it establishes, and the passes that do it, the last of which checks it.
// Backends add phases of the same kind after these; a tool or a compile works with the whole list.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"
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

/// `differentiate`, `simplify` and `fuse`. Composite ops that `kept` names stay whole up to a
/// fusion of their own, where every operand is a tensor of f32: the backend has kernels for them.
llvm::SmallVector<Phase> dialectPhases(llvm::ArrayRef<std::string> kept = {});

/// What `heddle-pipeline` takes; empty means the first and the last phase.
struct PipelineOptions : public mlir::PassPipelineOptions<PipelineOptions> {
  Option<std::string> from{*this, "from", llvm::cl::desc("First phase to run (default: the first)"),
                           llvm::cl::init("")};
  Option<std::string> to{*this, "to", llvm::cl::desc("Last phase to run (default: the last)"),
                         llvm::cl::init("")};
};

/// Adds the phases from `from` to `to`, both included, empty meaning the first and the last. After
/// each phase that the environment variable HEDDLE_DUMP names (`HEDDLE_DUMP=fuse,plan`, or `all`),
/// the module is printed to stderr. Fails, with the message in `error`, when a name is not one of
/// `phases`: give all that a compile has, also where only some are to run, so that HEDDLE_DUMP may
/// name the others.
llvm::LogicalResult buildPhases(mlir::OpPassManager &manager, llvm::ArrayRef<Phase> phases,
                                llvm::StringRef from, llvm::StringRef to, std::string &error);

/// Runs the phases from `from` to `to` on the module, as `buildPhases` adds them. Where a pass
/// fails or crashes and the environment variable HEDDLE_REPRODUCER names a file, it is written
/// there: the module as the pass found it, and the pass with its options, for `heddle-opt
/// --run-reproducer`.
llvm::LogicalResult runPhases(mlir::ModuleOp module, llvm::ArrayRef<Phase> phases,
                              llvm::StringRef from, llvm::StringRef to);

/// Puts the passes that `pipeline` names, as `canonicalize,func.func(my-pass{max=4})`, in front of
/// those of the phase `before`, which then checks what they made too. Around passes that are all on
/// functions, `func.func()` may be left out. Fails, with the message in `error`, where there is no
/// such phase or pass.
llvm::LogicalResult insertPasses(llvm::MutableArrayRef<Phase> phases, llvm::StringRef before,
                                 llvm::StringRef pipeline, std::string &error);

/// Registers the pipeline `heddle-pipeline` over `phases`: those of this folder, and what a backend
/// adds to them.
void registerPipeline(llvm::ArrayRef<Phase> phases);

} // namespace heddle::passes
