//===- Description.h - a planned model as data -------------------------------===//
//
// What the manifest and the C header say: read off the entries' arguments after `plan`.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"

#include "llvm/ADT/StringMap.h"

#include <optional>
#include <string>
#include <vector>

namespace heddle::cpu {

/// The values an integer input may hold: [low, high), and `also` (a label that is to be ignored).
struct IndexRange {
  int64_t low = 0;
  int64_t high = 0;
  std::optional<int64_t> also;
};

struct TensorDescription {
  std::string name;
  std::string dtype; // as in the manifest: "f32", "i64", "i1", ...
  std::vector<int64_t> shape;
  std::optional<IndexRange> range; // of inputs

  int64_t elements() const;
  std::string shapeText() const; // "[64, 784]"
};

struct StateDescription : TensorDescription {
  std::string role;
  bool trainable = false;
  mlir::DictionaryAttr init; // null: zeros
};

struct FunctionDescription {
  std::string name;
  std::vector<TensorDescription> inputs, outputs;
  std::vector<size_t> state; // into ModelDescription::tensors
  int64_t arenaBytes = 0;
  mlir::ArrayAttr contractions; // null: none
};

struct ModelDescription {
  std::string name;
  std::string irHash; // of the traced module; empty if there is none
  std::vector<StateDescription> tensors;
  std::vector<FunctionDescription> functions;
};

/// By function name, a range for each argument of the traced function that has one.
using IndexRanges = llvm::StringMap<llvm::DenseMap<unsigned, IndexRange>>;

/// What indexing ops ask of the integer inputs that reach them through views.
IndexRanges inferIndexRanges(mlir::ModuleOp traced);

/// Errors: an entry that breaks the contract of `plan`; a tensor that two functions declare differently.
mlir::FailureOr<ModelDescription> describeModel(mlir::ModuleOp planned);

/// Adds what only the traced module tells: ranges, and the hash of its text.
void describeOrigin(ModelDescription &model, mlir::ModuleOp traced);

} // namespace heddle::cpu
