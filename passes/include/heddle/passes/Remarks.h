//===- Remarks.h - what passes say about their decisions ------------------===//
//
// Passes say what they did, and what they did not and why, through MLIR's remark engine
// (mlir/IR/Remarks.h): `passed`, `missed` and `analysis`, the category being the name of the pass.
// The location is that of the op, and so of the user's line. What is said comes from where it is
// decided. While nobody asks for remarks the engine is null, and no text is made.
//
// The text says what the user wrote: an op that a pass made of another one keeps that one's name in
// its location.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Pass/Pass.h"

#include <string>

namespace heddle::passes {

/// What all remarks of a pass on a function have in common.
class Remarks {
public:
  Remarks(mlir::Pass &pass, mlir::func::FuncOp function)
      : pass(pass.getArgument()), function(function.getSymName()),
        isOn(function.getContext()->getRemarkEngine() != nullptr) {}

  /// Whether anybody listens: what only remarks need, need not be computed otherwise.
  bool wanted() const { return isOn; }

  using Remark = mlir::remark::detail::InFlightRemark;
  Remark passed(mlir::Location loc, llvm::StringRef name) const {
    return mlir::remark::passed(loc, options(name));
  }
  Remark missed(mlir::Location loc, llvm::StringRef name) const {
    return mlir::remark::missed(loc, options(name));
  }
  Remark analysis(mlir::Location loc, llvm::StringRef name) const {
    return mlir::remark::analysis(loc, options(name));
  }

private:
  mlir::remark::RemarkOpts options(llvm::StringRef name) const {
    return mlir::remark::RemarkOpts::name(name).category(pass).function(function);
  }
  llvm::StringRef pass, function;
  bool isOn;
};

/// For ops that are made of one which the user knows as `name`. The outermost name stays.
mlir::Location namedAfter(llvm::StringRef name, mlir::Location loc);

/// The op as the user knows it: "layer_norm" for what it was decomposed to, "gradient of gelu",
/// "matrix product".
std::string nameForUser(mlir::Operation *op);
/// The op itself, and what it is there for: "reshape in layer_norm".
std::string detailedName(mlir::Operation *op);

/// "gelu", or "gelu (model.cpp:12)" where that is another line than that of `from`.
std::string nameSeenFrom(mlir::Location from, mlir::Operation *op);

/// "gelu, add (model.cpp:12) and layer_norm", each once, in order.
std::string namesSeenFrom(mlir::Location from, llvm::ArrayRef<mlir::Operation *> ops);

/// "3 MB", "12 kB", "96 bytes".
std::string sizeForUser(mlir::Value value);

} // namespace heddle::passes
