// heddle: compiles, inspects, runs and times models in the heddle dialect, tokenizes texts, and
// plots training runs.
#include "Commands.h"

#include <heddle/error.h>
#include <heddle/model.h>
#include <heddle/plugin.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <map>

using namespace heddle;

namespace {

template <typename Options> void add_target(CLI::App &command, Options &options) {
  command
      .add_option("--cpu", options.target.cpu,
                  "LLVM CPU name, as x86-64-v3 or znver3; native is this machine's")
      ->capture_default_str();
  command.add_option("--features", options.target.features,
                     "LLVM features to add or drop, as +avx2,-fma");
  command.add_option("-O,--opt-level", options.opt_level, "how much LLVM optimises, 0 to 3")
      ->check(CLI::Range(0, 3))
      ->capture_default_str();
  static const std::map<std::string, Contractions> providers{{"auto", Contractions::automatic},
                                                             {"generated", Contractions::generated},
                                                             {"library", Contractions::library}};
  command
      .add_option_function<std::string>(
          "--contractions",
          [&options](const std::string &name) { options.contractions = providers.at(name); },
          "what runs matrix products: kernels of the model's own (generated), oneDNN (library), or "
          "whichever should be faster (auto)")
      ->check(CLI::IsMember(&providers))
      ->default_str("auto");
  command
      .add_option("--tuning", options.tuning,
                  "what 'heddle tune' wrote: auto is then what was faster there, of products "
                  "and of whole functions")
      ->check(CLI::ExistingFile);
  command.add_flag("--pack-parameters,!--no-pack-parameters", options.pack_parameters,
                   "has parameters lie in the order in which products read them, or keeps a copy "
                   "that does where something else reads them too; the default");
  command.add_flag(
      "--fuse-epilogues,!--no-fuse-epilogues", options.fuse_epilogues,
      "computes elementwise ops in the kernel of the product before them; the default");
  command
      .add_option_function<std::vector<std::string>>(
          "--plugin",
          [](const std::vector<std::string> &files) {
            for (const std::string &file : files)
              load_plugin(file);
          },
          "a library with ops and passes of your own, made by heddle_plugin() in CMake; may be "
          "given several times")
      ->allow_extra_args(false);
  command
      .add_option_function<std::vector<std::string>>(
          "--before",
          [&options](const std::vector<std::string> &given) {
            for (const std::string &text : given)
              options.passes.push_back(passes_before(text));
          },
          "PHASE=PASSES runs passes in front of a phase of the compiler, as "
          "simplify=canonicalize; may be given several times")
      ->allow_extra_args(false);
  // A flag, so that it never takes the argument after it.
  command
      .add_flag("--remarks{.}", options.remarks.passes,
                "says, line by line, what became one kernel, and what did not and why; "
                "--remarks=REGEX: only passes whose name has a match, as fuse")
      ->each([&options](const std::string &) {
        options.remarks.report = [](const Remark &remark) {
          fmt::print(stderr, "{}\n", to_string(remark));
        };
      });
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
  add_target(command, source.options);
}

void add_texts(CLI::App &command, cli::TextSource &source) {
  auto *column = command.add_option("--column", source.column,
                                    "the files are CSV, and the texts are in this column");
  command
      .add_option("--field", source.field,
                  "the files are JSON lines, and the texts are in this field; /a/b is b in a")
      ->excludes(column);
  command.add_option("--separator", source.separator, "between the fields of CSV")
      ->capture_default_str();
  command
      .add_flag("--no-header", source.no_header,
                "the CSV files have no header; their columns are 0, 1, ...")
      ->needs(column);
}

// What the subcommands of tokenize are given.
struct Tokenize {
  cli::TextSource source;
  data::TokenizerOptions options;
  cli::EncodeOptions encode;
  std::string tokenizer, output, ids = "/dev/stdin";
};

void add_tokenize_train(CLI::App &tokenize, Tokenize &given) {
  CLI::App &train = *tokenize.add_subcommand("train", "learns a tokenizer from texts");
  train
      .add_option("files", given.source.files,
                  "UTF-8; a text on each line, unless --column or --field is given")
      ->required();
  add_texts(train, given.source);
  static const std::map<std::string, data::Pieces> kinds{
      {"word", data::Pieces::word}, {"char", data::Pieces::character}, {"bpe", data::Pieces::bpe}};
  train
      .add_option_function<std::string>(
          "--kind", [&](const std::string &kind) { given.options.pieces = kinds.at(kind); },
          "of the pieces: words, characters, or parts of words by byte-pair encoding")
      ->required()
      ->check(CLI::IsMember(kinds));
  train.add_option("--vocab", given.options.vocabulary, "pieces at most, with 4 special ones")
      ->capture_default_str();
  train
      .add_option("--min-frequency", given.options.min_frequency,
                  "rarer words or characters are unknown")
      ->capture_default_str();
  data::Cleaning &cleaning = given.options.cleaning;
  static const std::map<std::string, data::Normalization> forms{
      {"nfc", data::Normalization::nfc}, {"nfkc", data::Normalization::nfkc}};
  train
      .add_option_function<std::string>(
          "--normalize",
          [&cleaning](const std::string &form) { cleaning.normalization = forms.at(form); },
          "to this Unicode form, before anything else")
      ->check(CLI::IsMember(forms));
  train.add_flag("--lower-case", cleaning.lower_case);
  train.add_flag("--strip-punctuation", cleaning.strip_punctuation);
  train.add_flag("--collapse-whitespace", cleaning.collapse_whitespace);
  train.add_option("--out", given.output, "the tokenizer's file, JSON")->required();
  train.callback([&] { cli::tokenize_train(given.source, given.options, given.output); });
}

void add_tokenize(CLI::App &app, Tokenize &given) {
  CLI::App &tokenize = *app.add_subcommand("tokenize", "turns texts into ids of pieces, and back");
  tokenize.require_subcommand(1);
  add_tokenize_train(tokenize, given);

  CLI::App &encode = *tokenize.add_subcommand("encode", "prints the ids of each text on a line");
  encode.add_option("file", given.source.files, "as for train; left out: standard input");
  encode.add_option("--tokenizer", given.tokenizer, "what train wrote")->required();
  add_texts(encode, given.source);
  encode.add_flag("--begin", given.encode.special.begin, "the begin token first");
  encode.add_flag("--end", given.encode.special.end, "the end token last");
  encode.add_flag("--pieces", given.encode.pieces, "pieces instead of ids");
  encode.callback([&] { cli::tokenize_encode(given.source, given.tokenizer, given.encode); });

  CLI::App &decode = *tokenize.add_subcommand("decode", "prints the text of each line of ids");
  decode.add_option("file", given.ids, "as encode prints them; left out: standard input");
  decode.add_option("--tokenizer", given.tokenizer, "what train wrote")->required();
  decode.callback([&] { cli::tokenize_decode(given.ids, given.tokenizer); });
}

void add_plot(CLI::App &app, cli::PlotOptions &given) {
  CLI::App &command = *app.add_subcommand("plot", "draws the curves of training runs");
  command
      .add_option("runs", given.runs, "folders of runs, or their logs (log.jsonl); one line each")
      ->required();
  command.add_option("-o,--output", given.output, "the picture, .svg or .png")
      ->capture_default_str();
  command
      .add_option("--metric", given.curves.metrics,
                  "what to draw, as loss or validation/loss; may be given several times; left out: "
                  "loss, or all there is if no run has one")
      ->allow_extra_args(false);
  static const std::map<std::string, plot::RunAxis> axes{{"step", plot::RunAxis::step},
                                                         {"seconds", plot::RunAxis::seconds}};
  command
      .add_option_function<std::string>(
          "--x", [&given](const std::string &axis) { given.curves.x = axes.at(axis); },
          "what the curves go over")
      ->check(CLI::IsMember(&axes))
      ->default_str("step");
  command.add_option("--smooth", given.curves.smooth, "means over so many steps instead of values")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1000000000}))
      ->capture_default_str();
  command.add_flag("--log-y", given.curves.log_y, "a logarithmic axis for the values");
  command.callback([&] { cli::plot(given); });
}

// The line to show is the model's, not one of this program.
std::string message_of(const Error &error) {
  const bool is_ours = std::filesystem::path(error.file()).parent_path() ==
                       std::filesystem::path(__FILE__).parent_path();
  return is_ours ? error.message() : error.what();
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app(
      "Compiles, inspects, runs and times models in the heddle dialect, tokenizes texts, and "
      "plots training runs.",
      "heddle");
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
  add_target(compile, library);
  compile.callback([&] {
    library.shared = !no_shared;
    library.archive = !no_archive;
    write_library(Model::read_mlir(file), directory, library);
  });

  cli::ModelSource inspected;
  std::string page, sources = ".";
  bool with_times = false;
  cli::ProfileOptions times;
  CLI::App &inspect =
      *app.add_subcommand("inspect", "shows what a file holds: functions, tensors, memory");
  inspect
      .add_option("file", inspected.file,
                  "a .mlir, a manifest (.json), a compiled library (.so) or a .safetensors")
      ->required();
  CLI::Option *html = inspect.add_option(
      "--html", page,
      "instead of a table, writes a page for a browser to this file: graphs before and after "
      "fusion, memory over time, kernels, each with its source lines; needs Graphviz");
  inspect.add_option("--function", inspected.function, "the only one to be on the page")
      ->needs(html);
  inspect
      .add_option("--sources", sources,
                  "folder where source files are looked for that are not where the model says")
      ->capture_default_str()
      ->check(CLI::ExistingDirectory)
      ->needs(html);
  CLI::Option *profiled =
      inspect.add_flag("--profile", with_times, "runs the functions, and shows times of kernels")
          ->needs(html);
  inspect.add_option("--calls", times.calls, "calls to take the median of")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str()
      ->needs(profiled);
  inspect.add_option("--weights", inspected.weights, "safetensors file, for the run")
      ->needs(profiled);
  inspect.add_option("--seed", inspected.seed, "of the initialisers and of random inputs")
      ->capture_default_str()
      ->needs(profiled);
  add_target(inspect, inspected.options);
  // A table compiles nothing; but whatever is read may have ops of a --plugin.
  for (const char *compiling : {"--cpu", "--features", "--opt-level", "--contractions", "--tuning",
                                "--pack-parameters", "--fuse-epilogues", "--before", "--remarks"})
    inspect.get_option(compiling)->needs(html);
  inspect.callback([&, html] {
    if (html->count() == 0)
      cli::inspect(inspected.file);
    else
      cli::inspect_page(inspected, page, sources, with_times ? &times : nullptr);
  });

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

  cli::TuneOptions tune_options;
  CLI::App &tune =
      *app.add_subcommand("tune", "finds out what runs each matrix product faster on this machine");
  add_model(tune, source);
  tune.get_option("--function")->description("the only one to tune; left out: all");
  for (const char *decided : {"--contractions", "--tuning", "--fuse-epilogues", "--remarks"})
    tune.remove_option(tune.get_option(decided));
  tune.add_option("-o,--output", tune_options.output, "the file for --tuning, JSON")
      ->capture_default_str();
  tune.add_option("--calls", tune_options.calls,
                  "calls to take the median of, in each of two rounds")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  tune.callback([&] { cli::tune(source, tune_options); });

  Tokenize tokenize;
  tokenize.source.files = {"/dev/stdin"};
  add_tokenize(app, tokenize);
  cli::PlotOptions plot_options;
  add_plot(app, plot_options);

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
