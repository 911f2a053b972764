//===- heddle-lsp-server.cpp - the dialect in an editor -------------------===//
//
// Speaks the Language Server Protocol on stdin and stdout: errors, definitions, uses and hovers in
// .mlir files of the heddle dialect. An editor that knows mlir-lsp-server takes this in its place.
//
//===----------------------------------------------------------------------===//

#include "heddle/cpu/Compiler.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "llvm/Support/CommandLine.h"

#include <mutex>

static llvm::cl::list<std::string>
    plugins("load-dialect-plugin", llvm::cl::value_desc("library"),
            llvm::cl::desc("Dialects of your own, made by heddle_plugin() in CMake"));

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  heddle::cpu::registerDialects(registry);
  // The server reads the command line itself, before it asks for the dialects of a file.
  std::once_flag loaded;
  auto withPlugins = [&](const llvm::lsp::URIForFile &) -> mlir::DialectRegistry & {
    std::call_once(loaded, [&] {
      for (const std::string &file : plugins) {
        if (auto plugin = mlir::DialectPlugin::load(file))
          plugin->registerDialectRegistryCallbacks(registry);
        else
          llvm::errs() << "heddle-lsp-server: " << llvm::toString(plugin.takeError()) << '\n';
      }
    });
    return registry;
  };
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, withPlugins));
}
