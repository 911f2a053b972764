// The subcommands of `heddle`. They print to stdout and throw std::exception for what is wrong.
#pragma once

#include <RunCurves.h>

#include <heddle/compile.h>
#include <heddle/data/tokenizer.h>

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
  double compile_seconds; ///< of the compilation alone
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

struct TuneOptions {
  std::string output = "tuning.json";
  int calls = 20;
};
/// Times the matrix products of a function, or of all, by kernels of the model's own and by the
/// library, and the functions with the faster ones; writes all down for --tuning.
void tune(const ModelSource &source, const TuneOptions &options);

/// Writes an HTML page about the model: graphs, memory plan, kernels and source lines; times too
/// where `profiling` is not null. Of a .so or a manifest, what little they tell. Source files that
/// are not where the model says are looked for in the folder `sources`.
void inspect_page(const ModelSource &source, const std::string &output, const std::string &sources,
                  const ProfileOptions *profiling);

/// Where texts come from: the lines of files, a column of CSV files, or a field of JSON lines.
struct TextSource {
  std::vector<std::string> files;
  std::string column, field; // at most one of them
  char separator = ',';
  bool no_header = false;
};
/// Learns a tokenizer from all texts and saves it.
void tokenize_train(const TextSource &source, const data::TokenizerOptions &options,
                    const std::string &output);

struct EncodeOptions {
  data::EncodeOptions special;
  bool pieces = false; // instead of ids
};
/// Prints the ids of each text on a line.
void tokenize_encode(const TextSource &source, const std::string &tokenizer,
                     const EncodeOptions &options);
/// Prints the text of each line of ids.
void tokenize_decode(const std::string &file, const std::string &tokenizer);

struct PlotOptions {
  std::vector<std::string> runs; // folders of runs, or their logs
  std::string output = "runs.svg";
  plot::RunCurveOptions curves;
};
/// Draws the curves of one or several runs as SVG or PNG.
void plot(const PlotOptions &options);

} // namespace heddle::cli
