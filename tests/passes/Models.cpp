//===- Models.cpp - the models of models/*.mlir, run by the interpreter ---===//

#include "Models.h"

#include "heddle/ir/Ops.h"
#include "heddle/passes/Evaluation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cmath>
#include <filesystem>
#include <regex>

using namespace mlir;
using namespace heddle;
using namespace heddle::test;

std::vector<std::string> test::modelFiles(StringRef ending) {
  std::vector<std::string> paths;
  for (const auto &entry : std::filesystem::directory_iterator(HEDDLE_TEST_MODELS))
    if (StringRef(entry.path().native()).ends_with(ending))
      paths.push_back(entry.path());
  llvm::sort(paths);
  return paths;
}
std::string test::modelName(StringRef path) { return std::filesystem::path(path.str()).stem(); }

Models::Models() { context.loadDialect<ir::HeddleDialect, func::FuncDialect>(); }

OwningOpRef<ModuleOp> Models::parse(StringRef path, bool asFloat32) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return {};
  std::string text = (*buffer)->getBuffer().str();
  if (asFloat32) // the element type of tensors, not the type of attributes
    text = std::regex_replace(text, std::regex("([x<])f64>"), "$1f32>");
  return parseSourceString<ModuleOp>(text, &context);
}

void Models::runPhases(ModuleOp module, StringRef from, StringRef to, ArrayRef<std::string> kept) {
  PassManager manager(&context);
  std::string error;
  ASSERT_TRUE(succeeded(passes::buildPhases(manager, passes::dialectPhases(kept), from, to, error)))
      << error;
  ASSERT_TRUE(succeeded(manager.run(module))) << from.str() << " to " << to.str();
}

func::FuncOp Models::train(ModuleOp module) { return module.lookupSymbol<func::FuncOp>("train"); }

Tensors Models::run(ModuleOp module, ArrayRef<ir::HostTensor> arguments) {
  auto results = ir::interpret(train(module), arguments);
  EXPECT_TRUE(succeeded(results));
  return succeeded(results) ? std::move(*results) : Tensors();
}

Tensors Models::randomArguments(func::FuncOp function) {
  auto arguments = passes::randomArguments(function, /*seed=*/1);
  EXPECT_TRUE(succeeded(arguments));
  return succeeded(arguments) ? std::move(*arguments) : Tensors();
}

/// Roundings of one op on the way from an operand to a result.
static int64_t roundings(Operation &op) {
  auto elements = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getNumElements();
  };
  if (isa<ir::ReduceSumOp>(op))
    return elements(op.getOperand(0)) / std::max<int64_t>(elements(op.getResult(0)), 1);
  if (auto dot = dyn_cast<ir::DotGeneralOp>(op)) {
    int64_t terms = 1;
    for (int64_t dimension : dot.getXContract())
      terms *= dot.getX().getType().getDimSize(dimension);
    return 2 * terms;
  }
  if (auto scatter = dyn_cast<ir::ScatterAddOp>(op))
    return elements(scatter.getIndices());
  return 1;
}

int64_t test::longestPath(func::FuncOp function) {
  llvm::DenseMap<Value, int64_t> path;
  int64_t longest = 0;
  for (Operation &op : function.getBody().front()) {
    int64_t before = 0;
    for (Value operand : op.getOperands())
      before = std::max(before, path.lookup(operand));
    for (Value result : op.getResults())
      longest = std::max(longest, path[result] = before + roundings(op));
  }
  return longest;
}

double test::largest(const ir::HostTensor &tensor) {
  double most = 0.0;
  for (double value : tensor.values)
    most = std::max(most, std::fabs(value));
  return most;
}
