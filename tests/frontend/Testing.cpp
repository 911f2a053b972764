#include "Testing.h"

#include "heddle/ir/Interpreter.h"
#include "heddle/ir/Ops.h"

#include "../../frontend/src/Trace.h"

namespace heddle::testing {

using D = ir::HeddleDialect;

std::map<std::string, Values> interpret(const Model &model, const std::string &name,
                                        const ByName &given) {
  mlir::OwningOpRef<mlir::ModuleOp> module = model.impl().module->clone();
  auto function = module->lookupSymbol<mlir::func::FuncOp>(name);
  std::vector<std::string> names;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    names.push_back(function.getArgAttrOfType<mlir::StringAttr>(i, D::kNameAttr).str());
  function.walk([&](ir::GradientOp op) {
    for (auto [wrt, gradient] : llvm::zip(op.getWrt(), op.getGradients())) {
      names.push_back("gradient." + names[llvm::cast<mlir::BlockArgument>(wrt).getArgNumber()]);
      gradient.replaceAllUsesWith(function.front().addArgument(gradient.getType(), op.getLoc()));
    }
    op.erase();
  });
  function.setFunctionType(mlir::FunctionType::get(
      module->getContext(), function.front().getArgumentTypes(), function.getResultTypes()));

  llvm::SmallVector<ir::HostTensor> arguments;
  std::size_t used = 0;
  for (auto [argument, argumentName] : llvm::zip(function.front().getArguments(), names)) {
    ir::HostTensor tensor(llvm::cast<mlir::RankedTensorType>(argument.getType()));
    if (auto found = given.find(argumentName); found != given.end()) {
      EXPECT_EQ(found->second.size(), tensor.values.size()) << argumentName;
      tensor.values = found->second;
      ++used;
    }
    arguments.push_back(tensor);
  }
  EXPECT_EQ(used, given.size()) << "a name is given that the function has not";
  auto results = ir::interpret(function, arguments);
  std::map<std::string, Values> byName;
  if (mlir::failed(results)) {
    ADD_FAILURE() << "the interpreter failed";
    return byName;
  }
  for (auto [i, result] : llvm::enumerate(*results)) {
    auto attr = function.getResultAttrOfType<mlir::StringAttr>(i, D::kNameAttr);
    if (!attr)
      attr = function.getResultAttrOfType<mlir::StringAttr>(i, D::kUpdatesAttr);
    byName[attr.str()] = {
        Shape(std::vector<std::int64_t>(result.shape().begin(), result.shape().end())),
        result.values};
  }
  return byName;
}

} // namespace heddle::testing
