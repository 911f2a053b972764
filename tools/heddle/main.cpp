// heddle: compiles, inspects, runs and times models in the heddle dialect.
#include "Commands.h"

#include <heddle/error.h>
#include <heddle/model.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>

using namespace heddle;

namespace {

void add_target(CLI::App &command, Target &target, unsigned &opt_level) {
  command
      .add_option("--cpu", target.cpu,
                  "LLVM CPU name, as x86-64-v3 or znver3; native is this machine's")
      ->capture_default_str();
  command.add_option("--features", target.features, "LLVM features to add or drop, as +avx2,-fma");
  command.add_option("-O,--opt-level", opt_level, "how much LLVM optimises, 0 to 3")
      ->check(CLI::Range(0, 3))
      ->capture_default_str();
}

void add_model(CLI::App &command, cli::ModelSource &source) {
  command.add_option("model", source.file, "a .mlir file, as Model::write_mlir writes it")
      ->required();
  command.add_option("--function", source.function,
                     "the one to call; may be left out if there is only one");
  command.add_option("--weights", source.weights,
                     "safetensors file; left out: the model's initialisers");
  command
      .add_option("--seed", source.seed, "of the initialisers, of dropout, and of random inputs")
      ->capture_default_str();
  add_target(command, source.options.target, source.options.opt_level);
}

// The line to show is the model's, not one of this program.
std::string message_of(const Error &error) {
  const bool is_ours = std::filesystem::path(error.file()).parent_path() ==
                       std::filesystem::path(__FILE__).parent_path();
  return is_ours ? error.message() : error.what();
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app("Compiles, inspects, runs and times models in the heddle dialect.", "heddle");
  app.require_subcommand(1);

  std::string file, directory;
  LibraryOptions library;
  bool no_shared = false, no_archive = false;
  CLI::App &compile =
      *app.add_subcommand("compile", "makes a C library: lib<model>.so, lib<model>.a, <model>.h");
  compile.add_option("model", file, "a .mlir file, as Model::write_mlir writes it")->required();
  compile.add_option("-o,--output", directory, "where the files go; made if missing")->required();
  compile.add_flag("--no-shared", no_shared, "without lib<model>.so");
  compile.add_flag("--no-archive", no_archive, "without lib<model>.a");
  add_target(compile, library.target, library.opt_level);
  compile.callback([&] {
    library.shared = !no_shared;
    library.archive = !no_archive;
    write_library(Model::read_mlir(file), directory, library);
  });

  CLI::App &inspect =
      *app.add_subcommand("inspect", "shows what a file holds: functions, tensors, memory");
  inspect
      .add_option("file", file,
                  "a .mlir, a manifest (.json), a compiled library (.so) or a .safetensors")
      ->required();
  inspect.callback([&] { cli::inspect(file); });

  cli::ModelSource source;
  cli::RunOptions run_options;
  CLI::App &run = *app.add_subcommand("run", "calls a function once and prints its results");
  add_model(run, source);
  run.add_option("--input", run_options.values,
                 "NAME=VALUE for all elements, or NAME=VALUE,VALUE,...")
      ->allow_extra_args(false);
  run.add_option("--inputs", run_options.inputs, "safetensors file with inputs by name");
  run.add_flag("--random", run_options.random, "draws the inputs that are not given, from --seed");
  run.add_option("--output", run_options.output, "safetensors file for the whole results");
  run.add_option("--save", run_options.save,
                 "safetensors file for parameters and state after the call");
  run.callback([&] { cli::run(source, run_options); });

  cli::BenchOptions bench_options;
  CLI::App &bench = *app.add_subcommand(
      "bench", "times a function on random inputs; OMP_NUM_THREADS sets the threads");
  add_model(bench, source);
  bench.add_option("--seconds", bench_options.seconds, "time to spend on calls")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  bench.add_option("--warmup", bench_options.warmup, "calls before the clock starts")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  bench.add_flag("--json", bench_options.json, "one line of JSON");
  bench.callback([&] { cli::bench(source, bench_options); });

  cli::ProfileOptions profile_options;
  CLI::App &profile =
      *app.add_subcommand("profile", "times every kernel and matrix product of a function");
  add_model(profile, source);
  profile.add_option("--calls", profile_options.calls, "calls to take the median of")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  profile.add_option("--rows", profile_options.rows, "lines to print")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  profile.add_flag("--json", profile_options.json, "all launches, as one line of JSON");
  profile.callback([&] { cli::profile(source, profile_options); });

  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const Error &error) {
    fmt::print(stderr, "heddle: {}\n", message_of(error));
  } catch (const std::exception &error) {
    fmt::print(stderr, "heddle: {}\n", error.what());
  }
  return 1;
}
