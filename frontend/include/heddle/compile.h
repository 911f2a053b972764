// From a model to code: in process (Executable) or ahead of time (write_library).
#pragma once

#include <heddle/host_array.h>
#include <heddle/model.h>
#include <heddle/remarks.h>
#include <heddle/safetensors.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// The processor to compile for.
struct Target {
  std::string cpu =
      "native"; ///< an LLVM CPU name: "x86-64-v3", "znver3"; "native" is this machine's
  std::string features = {}; ///< LLVM features, "+avx2,-fma"; for experts
  static Target host() { return {}; }
};

/// What runs matrix products: kernels that are compiled with the model, or oneDNN.
enum class Contractions {
  automatic, ///< each by what should be faster
  generated, ///< all of them by kernels (but for an empty sum)
  library,   ///< all of them by oneDNN
};

/// Passes to run in front of a phase of the compiler. They are MLIR's (`canonicalize`), Heddle's,
/// or those of a plugin that load_plugin() has loaded.
struct PassesBefore {
  std::string phase;    ///< differentiate, simplify, fuse, plan or codegen
  std::string pipeline; ///< as MLIR writes it: "fuse-attention{min-keys=128},canonicalize"
};

/// From "simplify=fuse-attention,canonicalize", as tools take it.
PassesBefore passes_before(std::string_view text,
                           std::source_location where = std::source_location::current());

struct CompileOptions {
  Target target = Target::host();
  unsigned opt_level = 3; ///< LLVM's, 0 to 3
  Contractions contractions = Contractions::automatic;
  /// A file that `heddle tune` wrote on the machine that the model is to run on: automatic is then
  /// what was faster there, of products and of whole functions. Empty: none.
  std::string tuning = {};
  /// Parameters lie in memory in the order in which products read them, and their optimiser's state
  /// with them. Where something else reads a parameter too, as a lookup does, products of up to
  /// 1024 rows read a second copy, made at the first call after it has changed. False: all lie in
  /// row-major order and there are no copies, which saves their memory and costs time.
  bool pack_parameters = true;
  /// Kernels of products compute the elementwise ops that follow. False where each is to be timed
  /// by itself.
  bool fuse_epilogues = true;
  std::vector<PassesBefore> passes = {};
  RemarkOptions remarks = {}; ///< hears what became one kernel, and what did not and why
};

/// The results of one call.
class Outputs {
public:
  /// By name or position; throws Error, listing what there is, for another one.
  const HostArray &operator[](std::string_view name) const;
  const HostArray &operator[](const char *name) const { return (*this)[std::string_view(name)]; }
  template <std::integral I> const HostArray &operator[](I index) const {
    return at(static_cast<std::size_t>(index));
  }
  /// The result "loss".
  double loss() const { return (*this)["loss"].item(); }
  std::size_t size() const { return arrays_.size(); }
  const std::string &name(std::size_t index) const { return names_.at(index); }

private:
  friend class Executable;
  const HostArray &at(std::size_t index) const;
  std::string function_;
  std::vector<std::string> names_;
  std::vector<HostArray> arrays_;
};

/// What a function takes, gives or keeps.
struct TensorInfo {
  std::string name;
  DType dtype = f32;
  Shape shape;
};

/// One launch of a function: a kernel on all its threads, or a matrix product.
struct Launch {
  std::string kernel;  ///< "matmul_<n>" or, by oneDNN, "contraction" for a matrix product
  std::string where;   ///< the line of the user's source that it comes from: "model.cpp:42"
  std::string product; ///< of a matrix product its m x n x k, strides and bias; else empty
  std::int64_t bytes;  ///< each element of its arguments, once
  std::int64_t ops;    ///< arithmetic; a multiply-add is two
  double seconds;      ///< what it took in this call
};

/// A compiled model with its parameters and state. Moves, but does not copy. One thread at a time.
class Executable {
public:
  Executable(Executable &&) noexcept;
  Executable &operator=(Executable &&) noexcept;
  ~Executable();

  /// Draws the parameters; the random state becomes (seed, 0), optimiser state and counters zero.
  void initialize(std::uint64_t seed, std::source_location where = std::source_location::current());
  /// Parameters and buffers from a safetensors file, by name. Throws Error, and changes nothing, if
  /// one is missing, unknown or of another shape.
  void load(const std::string &path, std::source_location where = std::source_location::current());
  /// Parameters and buffers to a safetensors file. The file is whole or untouched. `metadata` is
  /// for its reader, beside "format", "model" and "compiler", which are always there.
  void save(const std::string &path, const Metadata &metadata = {},
            std::source_location where = std::source_location::current()) const;
  /// Also optimiser state, counters and random state.
  void save_checkpoint(const std::string &path, const Metadata &metadata = {},
                       std::source_location where = std::source_location::current()) const;
  /// Goes on exactly where save_checkpoint stopped. Throws Error if the file lacks any of the
  /// model's state.
  void resume(const std::string &path,
              std::source_location where = std::source_location::current());

  /// Calls a function with one argument for each of its inputs, in order. Sizes and dtypes are
  /// checked.
  template <class... Args> Outputs run(NameAt function, const Args &...args) {
    const std::vector<Argument> arguments{Argument(args)...};
    return call(function, arguments);
  }
  Outputs call(NameAt function, std::span<const Argument> arguments);
  /// The same into the caller's buffers, without allocation: dense row-major arrays in the order
  /// and of the dtypes of inputs() and outputs(). A null output is dropped. Only the counts are
  /// checked.
  void run_into(NameAt function, std::span<const void *const> inputs,
                std::span<void *const> outputs);

  /// The same as run_into, and the time of every launch, in order.
  std::vector<Launch> profile(NameAt function, std::span<const void *const> inputs,
                              std::span<void *const> outputs);

  std::vector<std::string> functions() const;
  bool has(std::string_view function) const;
  std::vector<TensorInfo> inputs(NameAt function) const;
  std::vector<TensorInfo> outputs(NameAt function) const;
  /// Parameters, buffers and other state.
  std::vector<TensorInfo> tensors() const;
  /// A copy of a parameter or other state.
  HostArray tensor(NameAt name) const;
  void set_tensor(NameAt name, Argument value);
  /// Bytes of the scratch memory that the functions share.
  std::size_t arena_bytes() const;
  /// The manifest as JSON.
  std::string manifest() const;

private:
  friend Executable compile(const Model &, const CompileOptions &, std::source_location);
  struct Impl;
  explicit Executable(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Compiles all functions into this process. A function that uses parameters throws until
/// initialize(), load() or set_tensor() has given them values.
/// Throws Error, with the line of the model's source, if an op has no derivative or cannot be
/// compiled.
Executable compile(const Model &model, const CompileOptions &options = {},
                   std::source_location where = std::source_location::current());

struct LibraryOptions {
  Target target = Target::host();
  unsigned opt_level = 3;
  Contractions contractions = Contractions::automatic;
  std::string tuning = {};     ///< as in CompileOptions
  bool pack_parameters = true; ///< as in CompileOptions
  bool fuse_epilogues = true;  ///< as in CompileOptions
  RemarkOptions remarks = {};
  bool shared = true;  ///< lib<model>.so
  bool archive = true; ///< lib<model>.a
  std::vector<PassesBefore> passes = {};
};
/// Compiles all functions to a C library in `directory` (made if missing): lib<model>.so,
/// lib<model>.a, <model>.h and <model>.json.
void write_library(const Model &model, const std::string &directory,
                   const LibraryOptions &options = {},
                   std::source_location where = std::source_location::current());

/// The main() of HEDDLE_MODEL. 0 on success; on an error prints it and returns 1, or 2 for wrong
/// arguments.
int model_main(int argc, char **argv, Model (*make)());

} // namespace heddle

/// Gives the program a main() that compiles the model ahead of time:
/// `program --output DIR [--cpu CPU] [--features F] [--tuning FILE] [--no-pack-parameters]
/// [--remarks REGEX] [--plugin FILE] [--before PHASE=PASSES] [--mlir FILE]`. heddle_add_model() in
/// CMake runs it.
#define HEDDLE_MODEL(make)                                                                         \
  int main(int argc, char **argv) { return ::heddle::model_main(argc, argv, make); }
