//===- heddle-lsp-server.cpp - the dialect in an editor -------------------===//
//
// Speaks the Language Server Protocol on stdin and stdout: errors, definitions, uses and hovers in
// .mlir files of the heddle dialect. An editor that knows mlir-lsp-server takes this in its place.
//
//===----------------------------------------------------------------------===//

#include "heddle/cpu/Compiler.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  heddle::cpu::registerDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
