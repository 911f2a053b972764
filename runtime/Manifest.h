// A compiled model as data, read from its manifest (docs/manifest.md) and checked in full.
#pragma once

#include "IndexCheck.h"

#include "heddle/runtime.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heddle::runtime {

class JsonNode;

struct TensorSpec {
  std::string name;
  hd_dtype dtype = HD_F32;
  std::vector<int64_t> shape;
  int64_t elements = 0;
  size_t bytes = 0;
};

enum class Role { Parameter, Buffer, Optimizer, Rng, Step };

struct Initializer {
  enum class Kind { Zeros, Ones, Constant, Uniform, Normal };
  Kind kind = Kind::Zeros;
  double first = 0;                    // value, low, mean
  double second = 0;                   // high, std
  std::optional<int64_t> zeroRow = {}; // zeros, whatever the others are
};

// A matrix in panels of `width` lanes, which are neighbours along `dimension`: at each position of
// the other dimension those lanes, then the next panel.
struct PanelSpec {
  int64_t dimension = 0, width = 0;
};

struct StateSpec : TensorSpec {
  Role role = Role::Parameter;
  Initializer init;
  std::optional<PanelSpec> panels; // how functions read and write it, if not in row-major order
};

// In elements. Element (batch, i, j) of a matrix is at sum(batch[d] * batchStrides[d]) + i * row +
// j * col.
struct MatrixStrides {
  std::vector<int64_t> batch;
  int64_t row = 0;
  int64_t col = 0;
};

// c[.., i, j] = sum over p of a[.., i, p] * b[.., p, j] (+ bias[j])
struct ContractionSpec {
  int64_t m = 0, n = 0, k = 0;
  std::vector<int64_t> batch;
  MatrixStrides a, b, c;
  bool bias = false;
  hd_dtype dtype = HD_F32;
};

// One launch of a function, as the compiler describes it for a profile.
struct LaunchSpec {
  std::string kernel;  // "contraction", or the kernel's name
  std::string where;   // the source line, as "model.cpp:42"; may be empty
  std::string product; // which matrix product it is; empty: none
  int64_t bytes = 0, ops = 0;
};

// A copy of a tensor in the order in which kernels read it.
struct PackedSpec {
  size_t tensor = 0; // index into Manifest::tensors
  size_t bytes = 0;
};

struct FunctionSpec {
  std::string name;
  std::vector<TensorSpec> inputs, outputs;
  std::vector<size_t> state;   // indices into Manifest::tensors
  std::vector<size_t> updates; // those of them that the function changes
  std::vector<size_t> packed;  // indices into Manifest::packed
  size_t arenaBytes = 0;
  std::vector<IndexCheckSpec> indexChecks;
  std::vector<ContractionSpec> contractions;
  std::vector<LaunchSpec> launches; // empty if the manifest does not tell
};

struct Manifest {
  std::string model;
  std::string compiler;
  std::string triple, cpu; // what it was compiled for; empty if the manifest does not tell
  std::vector<StateSpec> tensors;
  std::vector<PackedSpec> packed;
  std::vector<FunctionSpec> functions;
};

// HD_FORMAT_ERROR naming the path inside the manifest.
Manifest parseManifest(const char *text);

hd_dtype readDType(const JsonNode &node);
ContractionSpec readContraction(const JsonNode &node);

} // namespace heddle::runtime
