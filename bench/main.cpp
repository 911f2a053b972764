// heddle_bench: times compiled models.
#include "Report.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <fstream>
#include <regex>
#include <stdexcept>

using namespace bench;

static int run(const std::string &only, const std::string &json, const std::string &peer,
               const std::string &mlir, double seconds, bool list) {
  const std::regex wanted(only);
  const Peers peers = peer.empty() ? Peers{} : read_peers(peer);
  std::string lines;
  std::size_t done = 0;
  for (const Case &benchmark : cases()) {
    if (!std::regex_search(benchmark.name, wanted))
      continue;
    ++done;
    if (list) {
      fmt::print("{}\n", benchmark.name);
      continue;
    }
    if (!mlir.empty()) {
      benchmark.make().write_mlir(fmt::format("{}/{}.mlir", mlir, benchmark.name));
      continue;
    }
    const Result result = measure(benchmark, seconds);
    fmt::print("{}\n", describe(benchmark, result, peers));
    std::fflush(stdout);
    lines += json_lines(benchmark, result);
  }
  if (done == 0)
    throw std::runtime_error(fmt::format("no case matches '{}'; --list shows all", only));
  if (!json.empty() && !list && mlir.empty()) {
    std::ofstream file(json);
    file << lines;
    file.close();
    if (!file)
      throw std::runtime_error(fmt::format("cannot write {}", json));
  }
  return 0;
}

int main(int argc, char **argv) {
  CLI::App app("Times compiled models: medians of repeated calls. OMP_NUM_THREADS sets the number "
               "of threads.",
               "heddle_bench");
  std::string only = ".", json, peer, mlir;
  double seconds = 0;
  bool list = false;
  app.add_option("--only", only, "regular expression: the cases to run")->capture_default_str();
  app.add_option("--json", json, "file for the results, one JSON line each");
  app.add_option("--peer-json", peer,
                 "such a file of another program, to print ratios of the medians to");
  app.add_option(
      "--write-mlir", mlir,
      "folder: write the cases as <case>.mlir, for heddle and heddle-opt, and time none");
  app.add_option("--seconds", seconds, "time to spend on each case (default: 6 or 20)")
      ->check(CLI::Range(0.0, 3600.0));
  app.add_flag("--list", list, "only print the names of the cases");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    return run(only, json, peer, mlir, seconds, list);
  } catch (const std::regex_error &) {
    fmt::print(stderr, "heddle_bench: --only '{}' is not a regular expression\n", only);
  } catch (const std::exception &error) {
    fmt::print(stderr, "heddle_bench: {}\n", error.what());
  }
  return 1;
}
