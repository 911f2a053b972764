#include "heddle/compile.h"

#include "Diagnostics.h"
#include "Trace.h"

#include "heddle/cpu/Compiler.h"

namespace heddle {

static cpu::CompileOptions cpuOptions(const Target &target, unsigned optLevel,
                                      std::source_location where) {
  if (optLevel > 3)
    fail(where, "opt_level is {}; expected 0 to 3", optLevel);
  cpu::CompileOptions options;
  options.cpu = target.cpu;
  options.features = target.features;
  options.optLevel = optLevel;
  return options;
}

static mlir::ModuleOp prepare(const Model &model, std::source_location where) {
  if (model.functions().empty())
    fail(where,
         "model '{}' has no function to compile; describe one with Model::function or train_step",
         model.name());
  mlir::DialectRegistry registry;
  cpu::registerDialects(registry);
  model.impl().context->appendDialectRegistry(registry);
  return *model.impl().module;
}

std::unique_ptr<cpu::JitProgram> compileProgram(const Model &model, const CompileOptions &options,
                                                std::source_location where) {
  mlir::ModuleOp module = prepare(model, where);
  DiagnosticCollector diagnostics(module.getContext());
  auto program =
      cpu::compileInProcess(module, cpuOptions(options.target, options.opt_level, where));
  if (failed(program))
    diagnostics.raise(where, fmt::format("model '{}' cannot be compiled", model.name()));
  return std::move(*program);
}

void write_library(const Model &model, const std::string &directory, const LibraryOptions &options,
                   std::source_location where) {
  mlir::ModuleOp module = prepare(model, where);
  DiagnosticCollector diagnostics(module.getContext());
  cpu::LibraryOptions library;
  library.directory = directory;
  library.shared = options.shared;
  library.archive = options.archive;
  if (failed(cpu::compileLibrary(module, cpuOptions(options.target, options.opt_level, where),
                                 library)))
    diagnostics.raise(where, fmt::format("model '{}' cannot be compiled to a library in '{}'",
                                         model.name(), directory));
}

} // namespace heddle
