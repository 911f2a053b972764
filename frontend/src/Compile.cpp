#include "Compile.h"

#include "Diagnostics.h"
#include "Remarks.h"

namespace heddle {

static cpu::ContractionProvider provider(Contractions contractions, std::source_location where) {
  switch (contractions) {
  case Contractions::automatic:
    return cpu::ContractionProvider::Auto;
  case Contractions::generated:
    return cpu::ContractionProvider::Generated;
  case Contractions::library:
    return cpu::ContractionProvider::Library;
  }
  fail(where, "contractions is {}, which is no value of heddle::Contractions",
       static_cast<int>(contractions));
}

PassesBefore passes_before(std::string_view text, std::source_location where) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    fail(where,
         "'{}' does not say before which phase its passes are to run; write PHASE={}, with "
         "differentiate, simplify, fuse, plan or codegen for PHASE",
         text, text);
  return {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

cpu::CompileOptions cpuOptions(const CompileOptions &options, std::source_location where) {
  if (options.opt_level > 3)
    fail(where, "opt_level is {}; expected 0 to 3", options.opt_level);
  cpu::CompileOptions result;
  result.cpu = options.target.cpu;
  result.features = options.target.features;
  result.optLevel = options.opt_level;
  result.products = {provider(options.contractions, where), options.tuning, options.pack_parameters,
                     options.fuse_epilogues};
  for (const PassesBefore &passes : options.passes)
    result.passes.push_back({passes.phase, passes.pipeline});
  return result;
}

mlir::ModuleOp prepare(const Model &model, std::source_location where) {
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
  RemarkCollector remarks(module.getContext(), options.remarks, where);
  auto program = cpu::compileInProcess(module, cpuOptions(options, where));
  if (failed(program))
    diagnostics.raise(where, fmt::format("model '{}' cannot be compiled", model.name()));
  remarks.report();
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
  CompileOptions same;
  same.target = options.target;
  same.opt_level = options.opt_level;
  same.contractions = options.contractions;
  same.tuning = options.tuning;
  same.pack_parameters = options.pack_parameters;
  same.fuse_epilogues = options.fuse_epilogues;
  same.passes = options.passes;
  const cpu::CompileOptions compiling = cpuOptions(same, where);
  RemarkCollector remarks(module.getContext(), options.remarks, where);
  if (failed(cpu::compileLibrary(module, compiling, library)))
    diagnostics.raise(where, fmt::format("model '{}' cannot be compiled to a library in '{}'",
                                         model.name(), directory));
  remarks.report();
}

} // namespace heddle
