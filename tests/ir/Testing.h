//===- Testing.h - a few ops as text, run by the interpreter ---------------===//

#pragma once

#include "heddle/ir/Interpreter.h"
#include "heddle/ir/Ops.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace heddle::test {

/// An argument: its type without `tensor<>`, and its values in row-major order.
struct Argument {
  std::string type;
  std::vector<double> values;
};

/// A context that keeps the text of the errors.
class Session {
public:
  Session();

  /// A function `run` of `body`, whose arguments are %0, %1, ...; null, with an error kept, where
  /// it does not parse or verify. A body that does not end in a return gives the results of its
  /// last op.
  mlir::func::FuncOp parse(const std::string &body, const std::vector<std::string> &types);
  /// Interprets `run`; one list a result, none with an error kept.
  std::vector<std::vector<double>> interpret(mlir::func::FuncOp function,
                                             const std::vector<Argument> &arguments);
  /// The same, of the text. Fails the test on an error.
  std::vector<std::vector<double>> interpret(const std::string &body,
                                             const std::vector<Argument> &arguments);

  std::string firstError() const { return errors.empty() ? "" : errors.front(); }

  mlir::MLIRContext context;

private:
  std::vector<std::string> errors;
  std::vector<mlir::OwningOpRef<mlir::ModuleOp>> modules;
  mlir::ScopedDiagnosticHandler handler;
};

std::vector<std::string> typesOf(const std::vector<Argument> &arguments);
mlir::func::FuncOp moduleFunction(mlir::ModuleOp module);
/// Makes `function` return `values`.
void returnValues(mlir::func::FuncOp function, mlir::ValueRange values);

/// Name of the op that `body` begins with, such as "heddle.neg".
std::string firstOp(const std::string &body);
/// `body` as the name of a test.
std::string testName(const std::string &body, size_t index);

/// Distinct numbers in (low, high), far from even: fractional parts of multiples of the golden
/// ratio.
std::vector<double> spread(size_t count, double low, double high, double offset = 0.0);

/// Fails unless equal, NaN to NaN, with a relative error of `ulps` ulp of float64.
void expectValues(const std::vector<double> &got, const std::vector<double> &want, double ulps);

} // namespace heddle::test
