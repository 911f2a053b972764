//===- Models.h - the models of models/*.mlir, run by the interpreter -----===//

#pragma once

#include "heddle/ir/Interpreter.h"
#include "heddle/passes/Pipeline.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "gtest/gtest.h"

namespace heddle::test {

using Tensors = llvm::SmallVector<ir::HostTensor>;

/// Paths of the files in models/ whose names end in `ending`.
std::vector<std::string> modelFiles(llvm::StringRef ending = ".mlir");
/// The file's name as part of a test's.
std::string modelName(llvm::StringRef path);

class Models : public testing::Test {
protected:
  Models();

  /// A model from a file; with `asFloat32` its f64 tensors become f32, so that contractions go to
  /// the library.
  mlir::OwningOpRef<mlir::ModuleOp> parse(llvm::StringRef path, bool asFloat32 = false);
  void runPhases(mlir::ModuleOp module, llvm::StringRef from, llvm::StringRef to,
                 llvm::ArrayRef<std::string> kept = {});
  mlir::func::FuncOp train(mlir::ModuleOp module);
  /// The results of `train`.
  Tensors run(mlir::ModuleOp module, llvm::ArrayRef<ir::HostTensor> arguments);

  /// The same numbers every time, as passes::randomArguments has them.
  Tensors randomArguments(mlir::func::FuncOp function);
  /// Only the results that need no gradient, which the interpreter does not know: the model as it

  mlir::MLIRContext context;
};

/// The most roundings that lie on one path from an argument to a result, a sum of n terms being n.
int64_t longestPath(mlir::func::FuncOp function);
double largest(const ir::HostTensor &tensor);

} // namespace heddle::test
