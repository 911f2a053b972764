#include "Wrappers.h"

#include "heddle/cpu/Plan.h"

#include "mlir/IR/Diagnostics.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace heddle::cpu {
namespace {

// C11's and C++20's: a header serves both.
const llvm::StringSet<> &keywords() {
  static const llvm::StringSet<> words = {
      "alignas",      "alignof",       "and",         "and_eq",    "asm",       "auto",
      "bitand",       "bitor",         "bool",        "break",     "case",      "catch",
      "char",         "class",         "co_await",    "co_return", "co_yield",  "compl",
      "concept",      "const",         "consteval",   "constexpr", "constinit", "const_cast",
      "continue",     "decltype",      "default",     "delete",    "do",        "double",
      "dynamic_cast", "else",          "enum",        "explicit",  "export",    "extern",
      "false",        "float",         "for",         "friend",    "goto",      "if",
      "inline",       "int",           "long",        "mutable",   "namespace", "new",
      "noexcept",     "not",           "not_eq",      "nullptr",   "operator",  "or",
      "or_eq",        "private",       "protected",   "public",    "register",  "reinterpret_cast",
      "requires",     "restrict",      "return",      "short",     "signed",    "sizeof",
      "static",       "static_assert", "static_cast", "struct",    "switch",    "template",
      "this",         "thread_local",  "throw",       "true",      "try",       "typedef",
      "typeid",       "typename",      "union",       "unsigned",  "using",     "virtual",
      "void",         "volatile",      "wchar_t",     "while",     "xor",       "xor_eq"};
  return words;
}

// "encoder.fc1/x" becomes "encoder_fc1_x", "2d" becomes "_2d".
std::string identifier(StringRef name) {
  std::string result;
  for (char c : name)
    result += llvm::isAlnum(c) || c == '_' ? c : '_';
  if (result.empty() || llvm::isDigit(result.front()))
    result.insert(result.begin(), '_');
  return result;
}

std::vector<std::string> parameters(ArrayRef<TensorDescription> tensors, StringRef suffix,
                                    llvm::StringSet<> &taken) {
  std::vector<std::string> names;
  for (const TensorDescription &tensor : tensors) {
    std::string name = identifier(tensor.name);
    if (keywords().contains(name))
      name += '_';
    if (taken.contains(name))
      name += suffix;
    for (std::string base = name; taken.contains(name);)
      name = base + llvm::utostr(taken.size());
    taken.insert(name);
    names.push_back(std::move(name));
  }
  return names;
}

} // namespace

std::string CNames::entry(size_t function) const {
  return prefix + ".entry." + functions[function].name;
}

std::string CNames::packer(size_t number) const {
  return prefix + "." + packerFunctionName(number);
}

FailureOr<CNames> makeCNames(const ModelDescription &model, Location where) {
  CNames names;
  names.prefix = identifier(model.name);
  if (keywords().contains(names.prefix) || names.prefix == "hd")
    return emitError(where) << "model name '" << model.name << "' cannot prefix C functions: '"
                            << names.prefix << "' is reserved; choose another";
  // What the header declares for every model.
  llvm::StringMap<std::string> taken;
  for (const char *fixed :
       {"create", "destroy", "initialize", "load", "save", "save_checkpoint", "error_message",
        "tensor", "tensor_at", "tensor_count", "tensor_info", "read_tensor", "write_tensor",
        "sample", "manifest", "arena_bytes", "status", "call"})
    taken[fixed] = "";
  for (const FunctionDescription &function : model.functions) {
    CNames::Function &made = names.functions.emplace_back();
    made.name = identifier(function.name);
    if (auto [at, inserted] = taken.try_emplace(made.name, function.name); !inserted) {
      auto error = emitError(where)
                   << "function '" << function.name << "' of model '" << model.name
                   << "' would be the C function '" << names.prefix << '_' << made.name << "', ";
      if (at->second.empty())
        return error << "which every model has; rename it";
      return error << "and so would '" << at->second << "'; rename one";
    }
    llvm::StringSet<> locals = {"model"};
    made.inputs = parameters(function.inputs, "_in", locals);
    made.outputs = parameters(function.outputs, "_out", locals);
  }
  return names;
}

} // namespace heddle::cpu
