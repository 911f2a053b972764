// heddle_bench: times compiled models.
#include "NewFile.h"
#include "Picture.h"
#include "Report.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <optional>
#include <regex>
#include <stdexcept>

using namespace bench;

namespace {

struct Options {
  std::string only = ".", json, picture, mlir;
  std::vector<std::string> peers;
  double seconds = 0;
  bool list = false;
};

std::vector<Case> wanted_cases(const std::string &only) {
  const std::regex wanted(only);
  std::vector<Case> found;
  for (const Case &benchmark : cases())
    if (std::regex_search(benchmark.name, wanted))
      found.push_back(benchmark);
  if (found.empty())
    throw std::runtime_error(fmt::format("no case matches '{}'; --list shows all", only));
  return found;
}

// Whether all could be measured. Those that could are reported also where another one could not.
bool run_cases(const std::vector<Case> &wanted, const Options &options) {
  Peers peers;
  for (const std::string &file : options.peers)
    read_peers(file, peers);
  std::optional<NewFile> json;
  if (!options.json.empty())
    json.emplace(options.json);
  if (!options.picture.empty())
    heddle::plot::checkPicturePath(options.picture);

  const heddle::timing::Limits limits = measure_limits();
  fmt::print("{}\n", heading(limits));
  std::vector<Measured> all;
  std::string lines;
  for (const Case &benchmark : wanted) {
    std::fflush(stdout);
    try {
      all.push_back({benchmark, measure(benchmark, options.seconds, limits)});
    } catch (const std::exception &error) {
      fmt::print(stderr, "heddle_bench: {}: {}\n", benchmark.name, error.what());
      continue;
    }
    fmt::print("{}\n", describe(all.back(), peers));
    lines += json_lines(all.back(), peers, limits);
  }
  if (all.empty())
    return false;
  if (json)
    json->finish(lines);
  if (!options.picture.empty())
    draw(all, peers, limits, options.picture);
  return all.size() == wanted.size();
}

bool run(const Options &options) {
  const std::vector<Case> wanted = wanted_cases(options.only);
  if (!options.list && options.mlir.empty())
    return run_cases(wanted, options);
  for (const Case &benchmark : wanted) {
    if (options.list)
      fmt::print("{}\n", benchmark.name);
    else
      benchmark.make().write_mlir(fmt::format("{}/{}.mlir", options.mlir, benchmark.name));
  }
  return true;
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app("Times compiled models: medians of repeated calls, each model in a process of its "
               "own. OMP_NUM_THREADS sets the number of threads.",
               "heddle_bench");
  Options options;
  app.add_option("--only", options.only, "regular expression: the cases to run")
      ->capture_default_str();
  CLI::Option *json =
      app.add_option("--json", options.json, "file for the results, one JSON line each");
  CLI::Option *peers = app.add_option("--peer-json", options.peers,
                                      "such a file of another program, to print ratios of the "
                                      "medians to; may be given several times");
  peers->allow_extra_args(false);
  CLI::Option *picture = app.add_option("--picture", options.picture,
                                        "file for a bar chart of the results: .svg or .png");
  app.add_option("--write-mlir", options.mlir,
                 "folder: write the cases as <case>.mlir, for heddle and heddle-opt, and time none")
      ->excludes(json, peers, picture);
  app.add_option("--seconds", options.seconds,
                 "time to spend on each case (default: 2 to 20, as the case needs)")
      ->check(CLI::Range(0.0, 3600.0));
  app.add_flag("--list", options.list, "only print the names of the cases")
      ->excludes(json, peers, picture);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    return run(options) ? 0 : 1;
  } catch (const std::regex_error &) {
    fmt::print(stderr, "heddle_bench: --only '{}' is not a regular expression\n", options.only);
  } catch (const std::exception &error) {
    fmt::print(stderr, "heddle_bench: {}\n", error.what());
  }
  return 1;
}
