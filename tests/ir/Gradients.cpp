#include "Gradients.h"

#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace heddle::test {

std::vector<std::optional<std::vector<double>>> vjp(const std::string &text,
                                                    std::vector<Argument> arguments,
                                                    const std::vector<Argument> &cotangents) {
  Session session;
  func::FuncOp function = session.parse(text, typesOf(arguments));
  EXPECT_TRUE(function) << session.firstError();
  if (!function)
    return {};
  Operation *op = &function.getBody().front().front();
  EXPECT_EQ(op->getNumOperands(), arguments.size()) << "one argument an operand, in order";

  SmallVector<Value> given, grads(op->getNumOperands());
  for (auto [i, result] : llvm::enumerate(op->getResults())) {
    if (i >= cotangents.size() || cotangents[i].type.empty()) {
      given.push_back({});
      continue;
    }
    EXPECT_TRUE(succeeded(
        function.insertArgument(function.getNumArguments(), result.getType(), {}, op->getLoc())));
    given.push_back(function.getArguments().back());
    arguments.push_back(cotangents[i]);
  }
  OpBuilder builder(function.getBody().front().getTerminator());
  EXPECT_TRUE(succeeded(cast<ir::DifferentiableOpInterface>(op).buildVJP(builder, given, grads)));
  SmallVector<Value> returned;
  for (auto [grad, operand] : llvm::zip_equal(grads, op->getOperands()))
    if (grad) {
      EXPECT_EQ(grad.getType(), operand.getType());
      returned.push_back(grad);
    }
  returnValues(function, returned);
  EXPECT_TRUE(succeeded(verify(function))) << session.firstError();
  auto values = session.interpret(function, arguments);
  EXPECT_EQ(session.firstError(), "");
  EXPECT_EQ(values.size(), returned.size());
  std::vector<std::optional<std::vector<double>>> byOperand;
  auto next = values.begin();
  for (Value grad : grads)
    byOperand.push_back(grad && next != values.end() ? std::optional(std::move(*next++))
                                                     : std::nullopt);
  return byOperand;
}

} // namespace heddle::test
