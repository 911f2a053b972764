// heddle tune: which provider is faster for each matrix product of a model, on this machine.
#include "Kernels.h"

#include <heddle/data/files.h>
#include <heddle/model.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <thread>

namespace heddle::cli {
namespace {

/// Rounds that are further apart were disturbed.
constexpr double kQuiet = 1.2;
/// Programs a processor that wanted to run, of the last minute on average, on a machine that does
/// little else.
constexpr double kQuietLoad = 0.25;

double load_average() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

/// Of a call of each product, or function, by name.
using Seconds = std::map<std::string, double>;

/// By Launch::product: the mean of its launches' medians.
Seconds seconds_of_products(ModelSource source, const std::vector<std::string> &functions,
                            Contractions contractions, const ProfileOptions &options) {
  source.options.contractions = contractions;
  source.options.fuse_epilogues = false; // a product by the library takes nothing along
  source.function = functions.front();   // all are compiled
  ReadyModel model = make_ready(source);
  std::map<std::string, std::pair<double, int>> sums;
  for (const std::string &function : functions)
    for (const Launch &launch : median_launches(model.executable, function, options))
      if (!launch.product.empty()) {
        auto &[seconds, launches] = sums[launch.product];
        seconds += launch.seconds;
        ++launches;
      }
  Seconds result;
  for (const auto &[product, sum] : sums)
    result[product] = sum.first / sum.second;
  return result;
}

Seconds seconds_of_functions(ModelSource source, const std::vector<std::string> &functions,
                             const ProfileOptions &options) {
  source.function = functions.front();
  ReadyModel model = make_ready(source);
  Seconds result;
  for (const std::string &function : functions)
    for (const Launch &launch : median_launches(model.executable, function, options))
      result[function] += launch.seconds;
  return result;
}

/// Times two ways, each twice, the first of them first and last: what else the machine does for a
/// while falls on both. Of each name the shorter time counts.
class TwoWays {
public:
  TwoWays(const std::function<Seconds()> &one, const std::function<Seconds()> &other) {
    Seconds rounds[] = {one(), other(), other(), one()};
    first = least(rounds[0], rounds[3]);
    second = least(rounds[1], rounds[2]);
  }

  Seconds first, second;
  /// All of a round by all of the other of the same way, the larger of the two ways: about 1 on a
  /// machine that does nothing else.
  double apart = 1;

private:
  Seconds least(const Seconds &a, const Seconds &b) {
    Seconds shorter;
    double sum_a = 0, sum_b = 0;
    for (const auto &[name, seconds] : a) { // both have the same names
      shorter[name] = std::min(seconds, b.at(name));
      sum_a += seconds;
      sum_b += b.at(name);
    }
    apart = std::max({apart, sum_a / sum_b, sum_b / sum_a});
    return shorter;
  }
};

nlohmann::json seconds_json(double generated, double library) {
  return {{"generated", generated}, {"library", library}};
}

} // namespace

void tune(const ModelSource &source, const TuneOptions &options) {
  // Before the measuring, which takes its time.
  const auto folder = std::filesystem::absolute(options.output).parent_path();
  if (!std::filesystem::is_directory(folder))
    throw Error(
        fmt::format("cannot write {}: there is no folder '{}'", options.output, folder.string()));
  const double load = load_average();
  ProfileOptions calls;
  calls.calls = options.calls;
  const std::vector<std::string> functions = source.function.empty()
                                                 ? Model::read_mlir(source.file).functions()
                                                 : std::vector{source.function};
  if (functions.empty())
    throw Error(fmt::format("'{}' has no function to tune", source.file));
  auto products_by = [&](Contractions contractions) {
    return
        [&, contractions] { return seconds_of_products(source, functions, contractions, calls); };
  };
  const TwoWays by(products_by(Contractions::generated), products_by(Contractions::library));
  const Seconds &generated = by.first, &library = by.second;
  double apart = by.apart;
  if (generated.empty())
    throw Error(fmt::format("'{}' has no matrix product to tune", source.file));

  nlohmann::json products;
  std::size_t faster = 0;
  fmt::print("{:>14} {:>14}  {}\n", "generated, us", "library, us", "product");
  for (const auto &[product, seconds] : generated) {
    const double other = library.at(product); // the same functions make the same products
    products[product] = seconds_json(seconds, other);
    faster += other < seconds;
    fmt::print("{:>14.1f} {:>14.1f}  {}\n", seconds * 1e6, other * 1e6, product);
  }
  nlohmann::json file{
      {"format", "heddle-tuning"}, {"version", 1}, {"products", std::move(products)}};
  data::write_file(options.output, file.dump(1) + "\n");
  if (faster > 0) {
    // A function that uses the library has its other loops done by the library's threads, which
    // take longer to share them, and its products take nothing along.
    ModelSource with = source, without = source;
    with.options.tuning = options.output;
    without.options.contractions = Contractions::generated;
    const TwoWays of([&] { return seconds_of_functions(without, functions, calls); },
                     [&] { return seconds_of_functions(with, functions, calls); });
    const Seconds &kernels = of.first, &mixed = of.second;
    apart = std::max(apart, of.apart);
    fmt::print("\n{:>14} {:>14}  {}\n", "generated, us", "the faster, us", "function");
    for (const auto &[function, seconds] : kernels) {
      file["functions"][function] = seconds_json(seconds, mixed.at(function));
      fmt::print("{:>14.1f} {:>14.1f}  {}{}\n", seconds * 1e6, mixed.at(function) * 1e6, function,
                 mixed.at(function) < seconds ? "" : ": keeps generated products");
    }
    data::write_file(options.output, file.dump(1) + "\n");
  }
  fmt::print("\nthe library is faster for {} of {} products; give '{}' to compile, run, bench and "
             "profile as --tuning\n",
             faster, generated.size(), options.output);
  if (apart > kQuiet || load > kQuietLoad * std::thread::hardware_concurrency())
    fmt::print("other programs ran, and what is faster without them may not be what was faster "
               "here: the load average was {:.1f} at the beginning, and the same calls took up to "
               "{:.1f} times as long once as another time\n",
               load, apart);
}

} // namespace heddle::cli
