// heddle tune: which provider is faster for each matrix product of a model, on this machine.
#include "Kernels.h"

#include <heddle/data/files.h>
#include <heddle/model.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>

namespace heddle::cli {
namespace {

/// The seconds of a call of each product, by Launch::product: the mean of its launches' medians.
std::map<std::string, double> seconds_of_products(ModelSource source,
                                                  const std::vector<std::string> &functions,
                                                  Contractions contractions,
                                                  const ProfileOptions &options) {
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
  std::map<std::string, double> result;
  for (const auto &[product, sum] : sums)
    result[product] = sum.first / sum.second;
  return result;
}

/// The seconds of a call of each function.
std::map<std::string, double> seconds_of_functions(ModelSource source,
                                                   const std::vector<std::string> &functions,
                                                   const ProfileOptions &options) {
  source.function = functions.front();
  ReadyModel model = make_ready(source);
  std::map<std::string, double> result;
  for (const std::string &function : functions)
    for (const Launch &launch : median_launches(model.executable, function, options))
      result[function] += launch.seconds;
  return result;
}

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
  ProfileOptions calls;
  calls.calls = options.calls;
  const std::vector<std::string> functions = source.function.empty()
                                                 ? Model::read_mlir(source.file).functions()
                                                 : std::vector{source.function};
  if (functions.empty())
    throw Error(fmt::format("'{}' has no function to tune", source.file));
  const auto generated = seconds_of_products(source, functions, Contractions::generated, calls),
             library = seconds_of_products(source, functions, Contractions::library, calls);
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
    const auto kernels = seconds_of_functions(without, functions, calls),
               mixed = seconds_of_functions(with, functions, calls);
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
}

} // namespace heddle::cli
