#include "Testing.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

#include <cmath>

using namespace mlir;

namespace heddle::test {

Session::Session()
    : context(MLIRContext::Threading::DISABLED), handler(&context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          errors.push_back(diagnostic.str());
        return success();
      }) {
  context.loadDialect<ir::HeddleDialect, func::FuncDialect>();
}

func::FuncOp moduleFunction(ModuleOp module) { return *module.getOps<func::FuncOp>().begin(); }

void returnValues(func::FuncOp function, ValueRange values) {
  Operation *terminator = function.getBody().front().getTerminator();
  terminator->setOperands(values);
  function.setFunctionType(FunctionType::get(function.getContext(), function.getArgumentTypes(),
                                             terminator->getOperandTypes()));
}

func::FuncOp Session::parse(const std::string &body, const std::vector<std::string> &types) {
  std::string text = "func.func @run(";
  for (auto [i, type] : llvm::enumerate(types))
    text += (i ? ", %" : "%") + std::to_string(i) + ": tensor<" + type + ">";
  bool returns = body.find("return ") != std::string::npos;
  text += ") {\n" + body + (returns ? "\n}" : "\nreturn\n}");
  // The results are not in the text: they are set before the function is verified.
  auto module =
      parseSourceString<ModuleOp>(text, ParserConfig(&context, /*verifyAfterParse=*/false));
  if (!module)
    return {};
  func::FuncOp function = moduleFunction(*module);
  Operation *terminator = function.getBody().front().getTerminator();
  returnValues(function, returns ? terminator->getOperands()
                                 : ValueRange(terminator->getPrevNode()->getResults()));
  if (failed(verify(*module)))
    return {};
  modules.push_back(std::move(module));
  return function;
}

std::vector<std::vector<double>> Session::interpret(func::FuncOp function,
                                                    const std::vector<Argument> &arguments) {
  SmallVector<ir::HostTensor> tensors;
  for (const Argument &argument : arguments)
    tensors.emplace_back(
        cast<RankedTensorType>(parseType("tensor<" + argument.type + ">", &context)),
        argument.values);
  auto results = ir::interpret(function, tensors);
  std::vector<std::vector<double>> values;
  if (succeeded(results))
    for (ir::HostTensor &result : *results) {
      EXPECT_EQ(static_cast<int64_t>(result.values.size()), result.type.getNumElements());
      values.push_back(std::move(result.values));
    }
  return values;
}

std::vector<std::vector<double>> Session::interpret(const std::string &body,
                                                    const std::vector<Argument> &arguments) {
  func::FuncOp function = parse(body, typesOf(arguments));
  auto results = function ? interpret(function, arguments) : std::vector<std::vector<double>>();
  EXPECT_EQ(firstError(), "") << body;
  return results;
}

std::vector<std::string> typesOf(const std::vector<Argument> &arguments) {
  std::vector<std::string> types;
  for (const Argument &argument : arguments)
    types.push_back(argument.type);
  return types;
}

std::string firstOp(const std::string &body) {
  size_t start = body.find("heddle.");
  return body.substr(start, body.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.", start) - start);
}

std::string testName(const std::string &body, size_t index) {
  return firstOp(body).substr(sizeof("heddle.") - 1) + "_" + std::to_string(index);
}

std::vector<double> spread(size_t count, double low, double high, double offset) {
  std::vector<double> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = low + (high - low) *
                          std::fmod(0.6180339887498949 * static_cast<double>(i + 1) + offset, 1.0);
  return values;
}

void expectValues(const std::vector<double> &got, const std::vector<double> &want, double ulps) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    if (std::isnan(want[i]))
      EXPECT_TRUE(std::isnan(got[i])) << "element " << i << " is " << got[i];
    else if (std::isinf(want[i]))
      EXPECT_EQ(got[i], want[i]) << "element " << i;
    else
      EXPECT_NEAR(got[i], want[i], ulps * 0x1p-52 * std::fabs(want[i])) << "element " << i;
  }
}

} // namespace heddle::test
