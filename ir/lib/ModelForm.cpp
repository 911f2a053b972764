//===- ModelForm.cpp - what a model's functions must say of themselves ----===//
//
// Verifies modules with `heddle.model`: every argument and result has the attributes that make it
// an input, a result or a part of the state. Functions that a backend has planned (`heddle.entry`)
// are past this form.
//
//===----------------------------------------------------------------------===//

#include "heddle/ir/Ops.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace heddle::ir;

namespace {

constexpr StringLiteral kKinds[] = {"input", "parameter", "buffer", "optimizer", "rng", "step"};

/// The numbers that an initialiser of each kind has.
struct InitForm {
  StringLiteral kind;
  ArrayRef<StringLiteral> numbers;
};
constexpr StringLiteral kConstant[] = {"value"}, kUniform[] = {"low", "high"},
                        kNormal[] = {"mean", "std"};
const InitForm kInits[] = {{"zeros", {}},
                           {"ones", {}},
                           {"constant", kConstant},
                           {"uniform", kUniform},
                           {"normal", kNormal}};

class FunctionForm {
public:
  explicit FunctionForm(func::FuncOp function) : function(function) {}

  LogicalResult verify() {
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (failed(verifyArgument(i)))
        return failure();
    for (unsigned i = 0; i < function.getNumResults(); ++i)
      if (failed(verifyResult(i)))
        return failure();
    return success();
  }

private:
  InFlightDiagnostic error(Twine which) {
    return function.emitError("model function '") << function.getName() << "': " << which;
  }

  LogicalResult verifyType(Type type, const Twine &which) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (tensor && tensor.hasStaticShape())
      return success();
    return error(which) << " is " << type << "; expected a tensor with all its sizes known";
  }

  LogicalResult verifyArgument(unsigned index) {
    const std::string which = ("argument " + Twine(index)).str();
    if (failed(verifyType(function.getArgumentTypes()[index], which)))
      return failure();
    auto name = function.getArgAttrOfType<StringAttr>(index, HeddleDialect::kNameAttr);
    if (!name || name.empty())
      return error(which) << " has no heddle.name; expected heddle.name = \"...\"";
    auto kind = function.getArgAttrOfType<StringAttr>(index, HeddleDialect::kKindAttr);
    if (!kind || !llvm::is_contained(kKinds, kind.getValue())) {
      auto diagnostic = error(which)
                        << " '" << name.getValue() << "' expects a heddle.kind that is one of "
                        << llvm::join(ArrayRef<StringLiteral>(kKinds), ", ") << "; got ";
      if (Attribute given = function.getArgAttr(index, HeddleDialect::kKindAttr))
        return diagnostic << given;
      return diagnostic << "none";
    }
    if (!arguments.try_emplace(name.getValue(), index).second)
      return error(which) << " is the second one that is named '" << name.getValue() << "'";
    return verifyInit(index, which + " '" + name.str() + "'", kind.getValue());
  }

  LogicalResult verifyInit(unsigned index, const std::string &which, StringRef kind) {
    Attribute init = function.getArgAttr(index, HeddleDialect::kInitAttr);
    if (!init) {
      // A parameter that starts at zero by oversight does not learn.
      if (kind == "parameter")
        return error(which) << " is a parameter without heddle.init; expected heddle.init = {kind "
                               "= \"normal\", mean = "
                               "0.0, std = 0.02}, or another";
      return success();
    }
    auto fields = dyn_cast<DictionaryAttr>(init);
    auto initKind = fields ? fields.getAs<StringAttr>("kind") : StringAttr();
    auto form = llvm::find_if(kInits, [&](const InitForm &known) {
      return initKind && known.kind == initKind.getValue();
    });
    if (form == std::end(kInits))
      return error(which) << " expects a heddle.init whose kind is zeros, ones, constant, uniform "
                             "or normal; got "
                          << init;
    for (StringLiteral number : form->numbers)
      if (!isa_and_nonnull<FloatAttr, IntegerAttr>(fields.get(number)))
        return error(which) << " has a heddle.init of kind " << form->kind
                            << " without the number '" << number << "'";
    if (Attribute row = fields.get("zero_row")) {
      auto type = cast<RankedTensorType>(function.getArgumentTypes()[index]);
      auto value = dyn_cast<IntegerAttr>(row);
      if (!value || type.getRank() == 0 || value.getInt() < 0 ||
          value.getInt() >= type.getDimSize(0))
        return error(which) << " has a heddle.init whose zero_row is " << row
                            << "; expected a row of " << type;
    }
    return success();
  }

  LogicalResult verifyResult(unsigned index) {
    const std::string which = ("result " + Twine(index)).str();
    Type type = function.getResultTypes()[index];
    if (failed(verifyType(type, which)))
      return failure();
    auto name = function.getResultAttrOfType<StringAttr>(index, HeddleDialect::kNameAttr);
    auto updates = function.getResultAttrOfType<StringAttr>(index, HeddleDialect::kUpdatesAttr);
    if (static_cast<bool>(name) == static_cast<bool>(updates))
      return error(which) << " expects either heddle.name, which gives it to the caller, or "
                             "heddle.updates, which stores "
                             "it in the state";
    if (!(name ? names : updated).insert((name ? name : updates).getValue()).second)
      return error(which) << " is the second one that " << (name ? "is named '" : "updates '")
                          << (name ? name : updates).getValue() << "'";
    return name ? success() : verifyUpdate(type, updates.getValue(), which);
  }

  LogicalResult verifyUpdate(Type type, StringRef target, const std::string &which) {
    auto found = arguments.find(target);
    if (found == arguments.end())
      return error(which) << " updates '" << target << "', which is no argument of the function";
    const unsigned argument = found->second;
    if (function.getArgAttrOfType<StringAttr>(argument, HeddleDialect::kKindAttr) == "input")
      return error(which) << " updates '" << target
                          << "', which is an input; only state can be updated";
    if (function.getArgumentTypes()[argument] != type)
      return error(which) << " updates '" << target << "' with " << type << "; expected "
                          << function.getArgumentTypes()[argument];
    return success();
  }

  func::FuncOp function;
  llvm::StringMap<unsigned> arguments;
  llvm::StringSet<> names, updated; // of the results
};

} // namespace

LogicalResult HeddleDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() != kModelAttr)
    return success();
  auto name = dyn_cast<StringAttr>(attribute.getValue());
  if (!isa<ModuleOp>(op) || !name || name.empty())
    return op->emitError() << "'" << kModelAttr
                           << "' names the model of a module; expected a string on a module, got "
                           << attribute.getValue();
  for (auto function : cast<ModuleOp>(op).getOps<func::FuncOp>())
    if (!function.isExternal() && function.isPublic() && !function->hasAttr("heddle.entry") &&
        failed(FunctionForm(function).verify()))
      return failure();
  return success();
}
