// <model>_run: describes and times the library of one model.
#include "heddle/model_run.h"

#include "Describe.h"
#include "Repeat.h"

#include "runtime/Error.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <omp.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace heddle {
namespace {

struct Options {
  bool describe = false, json = false;
  std::string function, weights; // empty: all functions; the initialisers
  std::uint64_t seed = 0;
  double seconds = 2;
  int warmup = 3, threads = 0; // threads 0: as OpenMP has it
};

// A handle of the library.
class LoadedModel {
public:
  LoadedModel(const hd_library &library, const Options &options) : library(library) {
    check(library.create(&handle));
    check(library.initialize(handle, options.seed));
    if (!options.weights.empty())
      check(library.load(handle, options.weights.c_str()));
  }
  ~LoadedModel() { library.destroy(handle); }
  LoadedModel(const LoadedModel &) = delete;
  LoadedModel &operator=(const LoadedModel &) = delete;

  void call(const std::string &function, const std::vector<const void *> &inputs,
            const std::vector<void *> &outputs) {
    check(library.call(handle, function.c_str(), inputs.data(), inputs.size(), outputs.data(),
                       outputs.size()));
  }

private:
  void check(int status) {
    if (status == 0)
      return;
    const std::string message = library.error_message();
    // A constructor that throws has no destructor.
    library.destroy(std::exchange(handle, nullptr));
    throw std::runtime_error(message);
  }

  const hd_library &library;
  void *handle = nullptr;
};

// In a fresh model: what one function learns is nothing to the time of the next.
timing::Timing time_function(const hd_library &library, const runtime::FunctionSpec &function,
                             const Options &options) {
  LoadedModel model(library, options);
  const std::vector<std::vector<std::byte>> inputs = timing::random_data(function, options.seed);
  std::vector<std::vector<std::byte>> outputs;
  for (const runtime::TensorSpec &output : function.outputs)
    outputs.emplace_back(output.bytes);
  std::vector<const void *> in;
  std::vector<void *> out;
  for (const std::vector<std::byte> &array : inputs)
    in.push_back(array.data());
  for (std::vector<std::byte> &array : outputs)
    out.push_back(array.data());
  return timing::time_repeated([&] { model.call(function.name, in, out); }, options.warmup,
                               options.seconds);
}

std::vector<runtime::FunctionSpec> chosen(const runtime::Manifest &manifest,
                                          const std::string &function) {
  if (function.empty())
    return manifest.functions;
  const auto found = std::ranges::find(manifest.functions, function, &runtime::FunctionSpec::name);
  if (found != manifest.functions.end())
    return {*found};
  std::vector<std::string> names;
  for (const runtime::FunctionSpec &other : manifest.functions)
    names.push_back(other.name);
  throw std::runtime_error(fmt::format("model '{}' has no function '{}'; it has {}", manifest.model,
                                       function, fmt::join(names, ", ")));
}

void bench(const hd_library &library, const Options &options) {
  if (options.threads > 0)
    omp_set_num_threads(options.threads);
  const int threads = omp_get_max_threads();
  const runtime::Manifest manifest = runtime::parseManifest(library.manifest());
  for (const runtime::FunctionSpec &function : chosen(manifest, options.function)) {
    const timing::Timing times = time_function(library, function, options);
    if (options.json)
      fmt::print("{}\n", nlohmann::json{{"function", function.name},
                                        {"median_seconds", times.median_seconds},
                                        {"min_seconds", times.min_seconds},
                                        {"calls", times.calls},
                                        {"threads", threads},
                                        {"arena_bytes", function.arenaBytes}}
                             .dump());
    else
      fmt::print("{}: {}; {} {}, arena {}\n", function.name, timing::describe(times), threads,
                 threads == 1 ? "thread" : "threads", bytes_text(function.arenaBytes));
    std::fflush(stdout); // a line a function: the next one takes its time
  }
}

void describe(const hd_library &library, const Options &options) {
  fmt::print("{}", options.json ? library.manifest() + std::string("\n")
                                : describe_manifest(library.manifest()));
}

int run(int argc, char **argv, const hd_library &library, const std::string &program) {
  Options options;
  CLI::App app(fmt::format("Describes and times the compiled model '{}'.", library.name), program);
  CLI::Option *bench_option =
      app.add_option("--bench", options.function,
                     "times calls on random inputs: of FUNCTION, or of every function")
          ->type_name("FUNCTION")
          ->expected(0, 1);
  CLI::Option *describe_option =
      app.add_flag("--describe", options.describe,
                   "shows functions, tensors, memory, and the processor it is compiled for")
          ->excludes(bench_option);
  app.add_flag("--json", options.json,
               "the manifest, or a line of JSON for each function that is timed");
  const auto of_bench = [&](CLI::Option *option) { return option->needs(bench_option); };
  of_bench(app.add_option("--weights", options.weights,
                          "safetensors file; left out: the model's initialisers"));
  of_bench(app.add_option("--seed", options.seed, "of the initialisers and of the inputs")
               ->capture_default_str());
  of_bench(app.add_option("--seconds", options.seconds, "time to spend on each function")
               ->check(CLI::Range(0.0, 3600.0))
               ->capture_default_str());
  of_bench(app.add_option("--warmup", options.warmup, "calls before the clock starts")
               ->check(CLI::Range(0, 1000000))
               ->capture_default_str());
  of_bench(app.add_option("--threads", options.threads,
                          "left out: as OMP_NUM_THREADS says, or all processors")
               ->check(CLI::Range(1, 4096)));
  try {
    app.parse(argc, argv);
    if (bench_option->count() == 0 && describe_option->count() == 0)
      throw CLI::RequiredError("--describe or --bench");
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  options.describe ? describe(library, options) : bench(library, options);
  return 0;
}

} // namespace
} // namespace heddle

int hd_run_library(int argc, char **argv, const hd_library *library) {
  const std::string program = std::string(library->name) + "_run";
  try {
    return heddle::run(argc, argv, *library, program);
  } catch (const heddle::runtime::Failure &failure) {
    fmt::print(stderr, "{}: {}\n", program, failure.message);
  } catch (const std::exception &error) {
    fmt::print(stderr, "{}: {}\n", program, error.what());
  }
  return 1;
}
