// The subcommands of `heddle`. They print to stdout and throw std::exception for what is wrong.
#pragma once

#include <heddle/compile.h>

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::cli {

/// How a .mlir file becomes a model that can be called.
struct ModelSource {
  std::string file;
  std::string function; // empty: the only one
  std::string weights;  // a safetensors file; empty: the initialisers, from `seed`
  std::uint64_t seed = 0;
  CompileOptions options;
};

struct ReadyModel {
  Executable executable;
  std::string function;
};

/// Parses, compiles, fills parameters and state, and finds the function.
ReadyModel make_ready(const ModelSource &source);

/// What a .mlir, a manifest (.json), a compiled library (.so) or a .safetensors file holds.
void inspect(const std::string &file);

struct RunOptions {
  std::vector<std::string> values; // NAME=V,V,...
  std::string inputs;              // a safetensors file
  bool random = false;             // draws the inputs that are not given, from the seed
  std::string output;              // a safetensors file for the results
  std::string save;                // a safetensors file for parameters and state after the call
};
void run(const ModelSource &source, const RunOptions &options);

struct BenchOptions {
  double seconds = 5;
  int warmup = 3;
  bool json = false;
};
void bench(const ModelSource &source, const BenchOptions &options);

struct ProfileOptions {
  int calls = 5;
  int warmup = 2;
  std::size_t rows = 25;
  bool json = false;
};
/// The time of every launch (its median), beside the best that this machine can do.
void profile(const ModelSource &source, const ProfileOptions &options);

} // namespace heddle::cli
