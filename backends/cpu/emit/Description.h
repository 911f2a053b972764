//===- Description.h - a planned model as data -------------------------------===//
//
// What the manifest and the C header say: read off the entries' arguments after `plan`.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heddle::cpu {

/// The elements of an integer input that one op uses as indices: they must be in [0, limit), or
/// `also` (a label that is to be ignored). Element (i0, i1, ...) of the use is element `offset +
/// sum(i[d] * strides[d])` of the input.
struct IndexCheck {
  std::string input;
  int64_t offset = 0;
  std::vector<int64_t> shape, strides;
  int64_t limit = 0;
  std::optional<int64_t> also;

  bool operator==(const IndexCheck &) const = default;
};

struct TensorDescription {
  std::string name;
  std::string dtype; // as in the manifest: "f32", "i64", "i1", ...
  std::vector<int64_t> shape;

  int64_t elements() const;
  std::string shapeText() const; // "[64, 784]"
};

/// How a matrix lies in memory, if not in row-major order: see plan/StoredPanels.h.
struct Panels {
  int64_t dimension = 0, width = 0;
  bool operator==(const Panels &) const = default;
};

struct StateDescription : TensorDescription {
  std::string role;
  bool trainable = false;
  mlir::DictionaryAttr init; // null: zeros
  std::optional<Panels> panels;
};

struct FunctionDescription {
  std::string name;
  std::vector<TensorDescription> inputs, outputs;
  std::vector<size_t> state;   // into ModelDescription::tensors
  std::vector<size_t> updates; // those of them that it changes
  std::vector<size_t> packed;  // into ModelDescription::packed
  int64_t arenaBytes = 0;
  mlir::ArrayAttr contractions; // null: none
  std::vector<IndexCheck> indexChecks;
  mlir::ArrayAttr launches; // null: not told
};

/// A copy of a tensor that the runtime makes with the code's own packer.
struct PackedDescription {
  size_t tensor = 0; // into ModelDescription::tensors
  int64_t bytes = 0;
};

struct ModelDescription {
  std::string name;
  std::string irHash; // of the traced module; empty if there is none
  std::vector<StateDescription> tensors;
  std::vector<FunctionDescription> functions;
  std::vector<PackedDescription> packed; // in the order of the packers' numbers
};

/// What indexing ops ask of the integer inputs that reach them through views.
std::vector<IndexCheck> findIndexChecks(mlir::FunctionOpInterface traced);

/// Errors: an entry that breaks the contract of `plan`; a tensor that two functions declare
/// differently.
mlir::FailureOr<ModelDescription> describeModel(mlir::ModuleOp planned);

/// Adds what only the traced module tells: index checks, and the hash of its text.
void describeOrigin(ModelDescription &model, mlir::ModuleOp traced);

} // namespace heddle::cpu
