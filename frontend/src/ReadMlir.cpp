// A model from a file in the heddle dialect.
#include "Diagnostics.h"
#include "Trace.h"

#include "mlir/Parser/Parser.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;

namespace heddle {

Model Model::read_mlir(const std::string &path, std::source_location where) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!file)
    fail(where, "cannot read '{}': {}", path, file.getError().message());
  Model model("unnamed", where);
  MLIRContext *context = model.impl_->context.get();
  DiagnosticCollector diagnostics(context);
  llvm::SourceMgr source;
  source.AddNewSourceBuffer(std::move(*file), llvm::SMLoc());
  auto module = parseSourceFile<ModuleOp>(source, context);
  if (!module)
    diagnostics.raise(where, fmt::format("'{}' cannot be parsed", path));
  auto name = (*module)->getAttrOfType<StringAttr>(ir::HeddleDialect::kModelAttr);
  if (!name)
    throw Error(
        path, 1,
        fmt::format(
            "the module has no attribute {}, which names the model; write `module attributes "
            "{{{} = \"name\"}} {{ ... }}`",
            ir::HeddleDialect::kModelAttr.str(), ir::HeddleDialect::kModelAttr.str()));
  checkIdentifier(name.str(), "a model", where);
  model.impl_->name = name.str();
  model.impl_->module = std::move(module);
  return model;
}

} // namespace heddle
